// SPDX-License-Identifier: Apache-2.0

// in: checked blocks, sessions · out: whole blocks to some sessions, hashes to the others · a leaf behind one mutex

package blockgossip

import (
	"math"
	"slices"
	"sync"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/rlpx"
	"github.com/ethpeer/ethpeer/types"
)

// maxRelayed is how many blocks are remembered as passed on, so that none is passed on twice.
const maxRelayed = 1024

// A relay passes blocks on (devp2p/caps/eth.md#block-propagation). Any goroutine may call its methods, which
// never wait: a session has a queue of four blocks.
type relay struct {
	choose func(n int) int

	mu       sync.Mutex              // guards what follows
	sessions []*eth.Session          // that can be told blocks, in the order in which they came up
	whole    bounded.Set[types.Hash] // blocks that were sent whole
	named    bounded.Set[types.Hash] // blocks whose hash was sent
}

func newRelay(choose func(n int) int) *relay {
	return &relay{
		choose: choose,
		whole:  bounded.NewSet[types.Hash](maxRelayed, bounded.DropOldest),
		named:  bounded.NewSet[types.Hash](maxRelayed, bounded.DropOldest),
	}
}

// open adds a session, unless it has no messages about blocks.
func (r *relay) open(s *eth.Session) {
	if !s.GossipsBlocks() {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sessions = append(r.sessions, s)
}

func (r *relay) close(s *eth.Session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sessions = slices.DeleteFunc(r.sessions, func(o *eth.Session) bool { return o == s })
}

// lacking returns the sessions whose peer does not know a block, in a random order.
func (r *relay) lacking(h types.Hash) []*eth.Session {
	all := slices.DeleteFunc(slices.Clone(r.sessions), func(s *eth.Session) bool { return s.KnowsBlock(h) })
	shuffle(len(all), r.choose, func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// knowing returns how many peers know a block.
func (r *relay) knowing(h types.Hash) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.sessions {
		if s.KnowsBlock(h) {
			n++
		}
	}
	return n
}

// sendWhole sends a block whose header and seal hold to the square root of the peers that lack it, rounded
// down. td is the total difficulty, the block's included.
func (r *relay) sendWhole(b *wholeBlock, td *uint256.Int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.whole.Add(b.hash) {
		return
	}
	lacking := r.lacking(b.hash)
	n := int(math.Sqrt(float64(len(lacking))))
	if n == 0 {
		return
	}
	message := rlpx.NewChunk(wire.AppendNewBlock(nil, b.rlp(), td))
	for _, s := range lacking {
		if n == 0 {
			break
		}
		if s.TellBlock(wire.KindNewBlock, b.hash, message) { // false: the peer knows it by now, or its queue is full
			n--
		}
	}
}

// announce sends the hash of a block that is stored to all peers that lack it.
func (r *relay) announce(h types.Hash, number uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.named.Add(h) {
		return
	}
	lacking := r.lacking(h)
	if len(lacking) == 0 {
		return
	}
	message := rlpx.NewChunk(wire.AppendNewBlockHashes(nil, []wire.BlockName{{Hash: h, Number: number}}))
	for _, s := range lacking {
		s.TellBlock(wire.KindNewBlockHashes, h, message)
	}
}

// rlp returns the block as NewBlock has it: the list of the header and the lists of the body.
func (b *wholeBlock) rlp() []byte {
	_, lists, _, err := rlp.Split(b.body)
	if err != nil {
		return nil // the body was decoded before
	}
	dst, list := rlp.OpenList(make([]byte, 0, len(b.header)+len(b.body)+16))
	dst = append(dst, b.header...)
	dst = append(dst, lists...)
	return rlp.CloseList(dst, list)
}
