// SPDX-License-Identifier: Apache-2.0

package v5wire

import (
	"net/netip"

	"github.com/ethpeer/ethpeer/rlp"
)

// Ping asks a node whether it is there (devp2p/discv5/discv5-wire.md#ping-request-0x01).
type Ping struct {
	ID     RequestID
	ENRSeq uint64 // of the sender's record
}

// Pong answers a Ping (devp2p/discv5/discv5-wire.md#pong-response-0x02).
type Pong struct {
	ID     RequestID
	ENRSeq uint64     // of the sender's record
	IP     netip.Addr // where the Ping came from; must be set. Invalid if what was read is no endpoint
	Port   uint16
}

// Kind returns KindPing.
func (*Ping) Kind() Kind { return KindPing }

// Kind returns KindPong.
func (*Pong) Kind() Kind { return KindPong }

// RequestID implements [Message].
func (m *Ping) RequestID() RequestID { return m.ID }

// RequestID implements [Message].
func (m *Pong) RequestID() RequestID { return m.ID }

func (m *Ping) append(dst []byte) []byte {
	dst = m.ID.append(dst)
	return rlp.AppendUint64(dst, m.ENRSeq)
}

func (m *Ping) decode(c *rlp.Cursor) {
	m.ID.decode(c)
	m.ENRSeq = c.Uint64("enr-seq")
}

func (m *Pong) append(dst []byte) []byte {
	dst = m.ID.append(dst)
	dst = rlp.AppendUint64(dst, m.ENRSeq)
	dst = rlp.AppendBytes(dst, m.IP.Unmap().AsSlice())
	return rlp.AppendUint64(dst, uint64(m.Port))
}

func (m *Pong) decode(c *rlp.Cursor) {
	m.ID.decode(c)
	m.ENRSeq = c.Uint64("enr-seq")
	ip, ok := netip.AddrFromSlice(c.Bytes("ip"))
	if port := c.Uint64("port"); ok && port <= 0xffff {
		m.IP, m.Port = ip.Unmap(), uint16(port)
	}
}
