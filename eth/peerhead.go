// SPDX-License-Identifier: Apache-2.0

package eth

import (
	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/types"
)

// firstRange is the first version in which peers tell the range of their blocks (EIP-7642).
const firstRange wire.Version = 69

// A PeerHead is what a peer has, as it said last: in its Status, in a BlockRangeUpdate, or with a
// block that a role marked ([Session.MarkHead]). None of it is proved.
type PeerHead struct {
	Hash     types.Hash
	Number   uint64      // of Hash, if Numbered
	Numbered bool        // false after the Status of eth/68 and before, which has no number
	TD       uint256.Int // total difficulty up to and with Hash; zero from eth/69 on, unless with a block
	Earliest uint64      // the first block whose body and receipts it has; zero before eth/69
}

// Head returns what the peer has. Any goroutine may call it.
func (s *Session) Head() PeerHead {
	if h := s.head.Load(); h != nil {
		return *h
	}
	return PeerHead{}
}

// MarkHead notes that the peer has a block that it sent, which a role has checked, if the block is
// of more total difficulty than the peer's head. Any goroutine may call it.
func (s *Session) MarkHead(number uint64, h types.Hash, td *uint256.Int) {
	for {
		before := s.head.Load()
		after := PeerHead{Hash: h, Number: number, Numbered: true, TD: *td}
		if before != nil {
			after.Earliest = before.Earliest
			if !td.Gt(&before.TD) {
				return
			}
		}
		if s.head.CompareAndSwap(before, &after) {
			return
		}
	}
}

func (s *Session) onStatus(m *wire.Status) {
	s.head.Store(&PeerHead{
		Hash: m.Head, Number: m.Latest, Numbered: s.version >= firstRange, TD: m.TD, Earliest: m.Earliest,
	})
}

// onRange takes a BlockRangeUpdate (devp2p/caps/eth.md#blockrangeupdate-0x11).
func (s *Session) onRange(m *wire.BlockRangeUpdate) {
	s.head.Store(&PeerHead{Hash: m.LatestHash, Number: m.Latest, Numbered: true, Earliest: m.Earliest})
}
