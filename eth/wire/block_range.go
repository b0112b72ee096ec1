// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// BlockRangeUpdate states which blocks a peer has now, with bodies and receipts
// (devp2p/caps/eth.md#blockrangeupdate-0x11). Headers it has from genesis on:
//
//	[earliest, latest, latestHash]
//
// Earliest > Latest and a zero hash are errors (EIP-7642).
type BlockRangeUpdate struct {
	Earliest   uint64
	Latest     uint64
	LatestHash types.Hash
}

// Kind returns KindBlockRangeUpdate.
func (*BlockRangeUpdate) Kind() Kind { return KindBlockRangeUpdate }

func (m *BlockRangeUpdate) decode(c *rlp.Cursor, _ *Row, _ Version) {
	c.List("")
	m.Earliest, m.Latest = readRange(c, &m.LatestHash)
	c.End()
}

// Append implements [Message].
func (m *BlockRangeUpdate) Append(dst []byte, _ Version) []byte {
	dst, list := rlp.OpenList(dst)
	dst = appendRange(dst, m.Earliest, m.Latest, &m.LatestHash)
	return rlp.CloseList(dst, list)
}

// readRange reads three fields, which are also the last ones of Status.
func readRange(c *rlp.Cursor, latestHash *types.Hash) (earliest, latest uint64) {
	earliest = c.Uint64("earliest")
	latest = c.Uint64("latest")
	if earliest > latest {
		c.Fail("latest", ErrRange)
	}
	c.Fixed("latestHash", latestHash[:])
	if latestHash.IsZero() {
		c.Fail("latestHash", ErrRange)
	}
	return earliest, latest
}

func appendRange(dst []byte, earliest, latest uint64, latestHash *types.Hash) []byte {
	dst = rlp.AppendUint64(dst, earliest)
	dst = rlp.AppendUint64(dst, latest)
	return rlp.AppendBytes(dst, latestHash[:])
}
