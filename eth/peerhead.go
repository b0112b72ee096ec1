// SPDX-License-Identifier: Apache-2.0

package eth

import (
	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/types"
)

// firstRange is the first version in which peers tell the range of their blocks (EIP-7642).
const firstRange wire.Version = 69

// A PeerHead is the peer's last stated head: of its Status, of a BlockRangeUpdate, or of a block
// that a role marked ([Session.MarkHead]). None of it is proved.
type PeerHead struct {
	Hash     types.Hash
	Number   uint64      // of Hash, if Numbered
	Numbered bool        // false after the Status of eth/68 and before, which has no number
	TD       uint256.Int // total difficulty up to and with Hash; zero from eth/69 on, unless with a block
	Earliest uint64      // the first block with body and receipts at the peer; zero before eth/69 (EIP-7642)
}

// Head returns what the peer has. Any goroutine may call it.
func (s *Session) Head() PeerHead {
	if h := s.head.Load(); h != nil {
		return *h
	}
	return PeerHead{}
}

// Stated returns the block that our Status named as our latest. Any goroutine may call it.
func (s *Session) Stated() (number uint64, h types.Hash) {
	ours := &s.handshake.ours.status
	return ours.Latest, ours.Head
}

// MarkHead notes the peer's head from a block (devp2p/caps/eth.md#newblock-0x07) that it sent and a
// role has checked, if its total difficulty is above the head's. Any goroutine may call it.
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
