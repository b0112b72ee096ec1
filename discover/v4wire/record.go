// SPDX-License-Identifier: Apache-2.0

package v4wire

import (
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/rlp"
)

// ENRRequest asks a node for its record (devp2p/discv4.md#enrrequest-packet-0x05, EIP-868).
type ENRRequest struct {
	Expiration int64 // UNIX time, in seconds
}

// ENRResponse answers an ENRRequest (devp2p/discv4.md#enrresponse-packet-0x06).
type ENRResponse struct {
	RequestHash Hash
	Record      []byte // one RLP item of at most [enr.MaxSize] bytes, for [enr.Decode] to check; borrowed
}

// Type returns TypeENRRequest.
func (*ENRRequest) Type() Type { return TypeENRRequest }

// Type returns TypeENRResponse.
func (*ENRResponse) Type() Type { return TypeENRResponse }

func (m *ENRRequest) expires() (int64, bool)  { return m.Expiration, true }
func (m *ENRResponse) expires() (int64, bool) { return 0, false }

func (m *ENRRequest) append(dst []byte) []byte { return appendExpiration(dst, m.Expiration) }

func (m *ENRRequest) decode(c *rlp.Cursor) { m.Expiration = readExpiration(c) }

func (m *ENRResponse) append(dst []byte) []byte {
	dst = rlp.AppendBytes(dst, m.RequestHash[:])
	return append(dst, m.Record...)
}

func (m *ENRResponse) decode(c *rlp.Cursor) {
	c.Fixed("requestHash", m.RequestHash[:])
	m.Record = c.Raw("record")
	if len(m.Record) > enr.MaxSize {
		c.Fail("record", enr.ErrTooLarge)
	}
}
