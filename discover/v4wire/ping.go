// SPDX-License-Identifier: Apache-2.0

package v4wire

import "github.com/ethpeer/ethpeer/rlp"

// Version is the protocol's version, which a Ping states and no receiver checks.
const Version = 4

// Ping asks a node whether it is there (devp2p/discv4.md#ping-packet-0x01). What it says of
// endpoints proves nothing: answers go to where it came from.
type Ping struct {
	Version    uint64 // ours: [Version]
	From, To   Endpoint
	Expiration int64  // UNIX time, in seconds
	ENRSeq     uint64 // sequence number of the sender's record; 0: not said
}

// Pong answers a Ping (devp2p/discv4.md#pong-packet-0x02). It proves that its sender gets
// what is sent to the endpoint it came from.
type Pong struct {
	To         Endpoint // where the Ping came from
	PingHash   Hash
	Expiration int64  // UNIX time, in seconds
	ENRSeq     uint64 // sequence number of the sender's record; 0: not said
}

// Type returns TypePing.
func (*Ping) Type() Type { return TypePing }

// Type returns TypePong.
func (*Pong) Type() Type { return TypePong }

func (m *Ping) expires() (int64, bool) { return m.Expiration, true }
func (m *Pong) expires() (int64, bool) { return m.Expiration, true }

func (m *Ping) append(dst []byte) []byte {
	dst = rlp.AppendUint64(dst, m.Version)
	dst = m.From.append(dst)
	dst = m.To.append(dst)
	dst = appendExpiration(dst, m.Expiration)
	return appendSeq(dst, m.ENRSeq)
}

func (m *Ping) decode(c *rlp.Cursor) {
	m.Version = c.Uint64("version")
	m.From = readEndpoint(c, "from")
	m.To = readEndpoint(c, "to")
	m.Expiration = readExpiration(c)
	m.ENRSeq = readSeq(c)
}

func (m *Pong) append(dst []byte) []byte {
	dst = m.To.append(dst)
	dst = rlp.AppendBytes(dst, m.PingHash[:])
	dst = appendExpiration(dst, m.Expiration)
	return appendSeq(dst, m.ENRSeq)
}

func (m *Pong) decode(c *rlp.Cursor) {
	m.To = readEndpoint(c, "to")
	c.Fixed("pingHash", m.PingHash[:])
	m.Expiration = readExpiration(c)
	m.ENRSeq = readSeq(c)
}
