// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// An Origin is the first block of a query for headers, as a hash or a number. The zero Origin is
// block 0.
type Origin struct {
	Hash   types.Hash
	Number uint64
	ByHash bool // Hash counts, not Number
}

// AtHash returns the origin with the hash.
func AtHash(h types.Hash) Origin { return Origin{Hash: h, ByHash: true} }

// AtNumber returns the origin with the block number.
func AtNumber(n uint64) Origin { return Origin{Number: n} }

// GetBlockHeaders asks for headers (devp2p/caps/eth.md#getblockheaders-0x03):
//
//	eth/63–65  [origin, amount, skip, reverse]
//	eth/66     [id, [origin, amount, skip, reverse]]
type GetBlockHeaders struct {
	ID      uint64
	Origin  Origin
	Amount  uint64 // any number; the server limits its reply
	Skip    uint64 // blocks between two headers
	Reverse bool   // towards genesis
}

// BlockHeaders answers GetBlockHeaders (devp2p/caps/eth.md#blockheaders-0x04):
//
//	eth/63–65  [header, …]
//	eth/66     [id, [header, …]]
type BlockHeaders struct {
	ID uint64
	List
}

// Kind returns KindGetBlockHeaders.
func (*GetBlockHeaders) Kind() Kind { return KindGetBlockHeaders }

// Kind returns KindBlockHeaders.
func (*BlockHeaders) Kind() Kind { return KindBlockHeaders }

func (m *GetBlockHeaders) decode(c *rlp.Cursor, _ *Row, v Version) {
	m.ID = openEnvelope(c, v)
	c.List("query")
	m.Origin = readOrigin(c)
	m.Amount = c.Uint64("amount")
	m.Skip = c.Uint64("skip")
	m.Reverse = c.Bool("reverse")
	c.End()
	closeEnvelope(c, v)
}

// readOrigin distinguishes hash and number by length: 32 bytes, or an integer of at most 8 bytes.
func readOrigin(c *rlp.Cursor) (o Origin) {
	b := c.Bytes("origin")
	switch {
	case len(b) == len(o.Hash):
		return AtHash(types.Hash(b))
	case len(b) > 8:
		c.Fail("origin", ErrOrigin)
	case len(b) > 0 && b[0] == 0:
		c.Fail("origin", rlp.ErrLeadingZero)
	}
	for _, digit := range b {
		o.Number = o.Number<<8 | uint64(digit)
	}
	return o
}

// Append implements [Message].
func (m *GetBlockHeaders) Append(dst []byte, v Version) []byte {
	origin := rlp.SizeUint64(m.Origin.Number)
	if m.Origin.ByHash {
		origin = hashItem
	}
	size := origin + rlp.SizeUint64(m.Amount) + rlp.SizeUint64(m.Skip) + 1
	dst = appendEnvelope(dst, v, m.ID, rlp.SizeList(size))
	dst = rlp.AppendListHeader(dst, size)
	if m.Origin.ByHash {
		dst = rlp.AppendBytes(dst, m.Origin.Hash[:])
	} else {
		dst = rlp.AppendUint64(dst, m.Origin.Number)
	}
	dst = rlp.AppendUint64(dst, m.Amount)
	dst = rlp.AppendUint64(dst, m.Skip)
	return rlp.AppendBool(dst, m.Reverse)
}

func (m *BlockHeaders) decode(c *rlp.Cursor, row *Row, v Version) {
	m.ID, m.List = decodeReply(c, row, v, "headers", lists)
}

// Append implements [Message].
func (m *BlockHeaders) Append(dst []byte, v Version) []byte {
	return Reply{Kind: KindBlockHeaders, ID: m.ID}.appendAgain(dst, v, m.List)
}

// HeadersRequest asks for up to Amount headers, Skip blocks apart, from Origin on.
type HeadersRequest struct {
	Origin  Origin
	Amount  uint64
	Skip    uint64
	Reverse bool // towards genesis
}

// Headers is the reply to a [HeadersRequest]: raw headers, in the order of the request. It owns its
// bytes. The caller checks that they are the requested ones.
type Headers struct{ List }

// Ask implements [Request].
func (HeadersRequest) Ask() Kind { return KindGetBlockHeaders }

// Append implements [Request].
func (r HeadersRequest) Append(dst []byte, v Version, id uint64) []byte {
	m := GetBlockHeaders{ID: id, Origin: r.Origin, Amount: r.Amount, Skip: r.Skip, Reverse: r.Reverse}
	return m.Append(dst, v)
}

// ParseReply implements [Request].
func (r HeadersRequest) ParseReply(v Version, payload []byte) (Headers, error) {
	var m BlockHeaders
	if err := parseReply(v, payload, &m, r.Amount); err != nil {
		return Headers{}, err
	}
	return Headers{m.List}, nil
}
