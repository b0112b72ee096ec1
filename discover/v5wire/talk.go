// SPDX-License-Identifier: Apache-2.0

package v5wire

import "github.com/ethpeer/ethpeer/rlp"

// TalkReq says something in another protocol
// (devp2p/discv5/discv5-wire.md#talkreq-request-0x05). Nothing but the datagram bounds it.
type TalkReq struct {
	ID       RequestID
	Protocol []byte // a name; borrowed
	Data     []byte // borrowed
}

// TalkResp answers a TalkReq (devp2p/discv5/discv5-wire.md#talkresp-response-0x06).
type TalkResp struct {
	ID   RequestID
	Data []byte // none if the protocol is not known; borrowed
}

// Kind returns KindTalkReq.
func (*TalkReq) Kind() Kind { return KindTalkReq }

// Kind returns KindTalkResp.
func (*TalkResp) Kind() Kind { return KindTalkResp }

// RequestID implements [Message].
func (m *TalkReq) RequestID() RequestID { return m.ID }

// RequestID implements [Message].
func (m *TalkResp) RequestID() RequestID { return m.ID }

func (m *TalkReq) append(dst []byte) []byte {
	dst = m.ID.append(dst)
	dst = rlp.AppendBytes(dst, m.Protocol)
	return rlp.AppendBytes(dst, m.Data)
}

func (m *TalkReq) decode(c *rlp.Cursor) {
	m.ID.decode(c)
	m.Protocol = c.Bytes("protocol")
	m.Data = c.Bytes("data")
}

func (m *TalkResp) append(dst []byte) []byte {
	dst = m.ID.append(dst)
	return rlp.AppendBytes(dst, m.Data)
}

func (m *TalkResp) decode(c *rlp.Cursor) {
	m.ID.decode(c)
	m.Data = c.Bytes("data")
}
