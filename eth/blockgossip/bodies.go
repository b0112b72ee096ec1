// SPDX-License-Identifier: Apache-2.0

// in: headers, bodies, what became of requests, time · out: blocks with their bodies, requests for
// bodies · owner: the loop

package blockgossip

import (
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/types"
)

// The rules of bodies (devp2p/caps/eth.md#getblockbodies-0x05). They are requested as soon as the header is here, from
// the peers that told of the block, then from any.
const (
	maxAskBodies = 32
	maxWants     = 256
	maxPeerWants = 64 // by the peer that gave the header
	crowdedAt    = 32 // wants by one peer beyond which it is not polled
	maxTries     = 4
	maxWithheld  = 2           // replies without a body for a header that the peer gave, one after the other
	retryAfter   = time.Second // when every peer was asked in vain
	cooldown     = time.Second // of a peer that cannot be asked now
)

// A block is one whose header is here.
type block struct {
	chain.Link
	source event.Source // told of it first
	via    event.Via
}

// A body is one that was received.
type body struct {
	roots chain.Roots
	txs   []byte // content of their RLP list
	raw   []byte // as BlockBodies has it; nil where it came with its block
	count int    // of txs
	size  int    // bytes of the RLP of the body's lists
}

// A done block is to be told of: with its body, or without (nil), if no peer gives it.
type done struct {
	block
	body *body
}

// A want is a block whose header is here and whose body is not.
type want[P comparable] struct {
	block
	by    *giver[P]   // the peer that gave the header
	have  []*giver[P] // the peers that told of the block
	tried []*giver[P] // the peers that were asked in vain
	tries int
	after time.Time // not to be asked for before; zero: at once
	asked *giver[P] // is being asked; nil: none
}

// A giver is a peer that may have bodies. It has one request in flight at most.
type giver[P comparable] struct {
	peer          P
	hasRequestIDs bool
	asked         []*want[P] // what it is being asked for; nil: nothing
	ready         time.Time  // not to be asked before
	wants         int        // of blocks whose header it gave
	withheld      int        // replies since the last body for a header that it gave
	gone          bool
}

// A bodiesAsk is a request for bodies.
type bodiesAsk[P comparable] struct {
	peer   P
	hashes []types.Hash
	links  []chain.Link // of the blocks
	maxTxs uint64       // that any of the blocks can have
}

// bodies brings blocks together with their bodies. P names a peer.
type bodies[P comparable] struct {
	choose func(n int) int // a random number below n
	givers []*giver[P]     // in the order in which they joined
	byPeer map[P]*giver[P]
	wants  []*want[P] // in the order of arrival
	byHash map[types.Hash]*want[P]
	done   []done

	withholders []P // gave headers, and twice not a body for one

	lost       uint64 // blocks whose body no peer gave, or that were too many at once
	unexpected uint64 // replies without request IDs that are not to the request
}

func newBodies[P comparable](choose func(n int) int) *bodies[P] {
	return &bodies[P]{choose: choose, byPeer: make(map[P]*giver[P]), byHash: make(map[types.Hash]*want[P])}
}

func (s *bodies[P]) join(p P, hasRequestIDs bool) {
	g := &giver[P]{peer: p, hasRequestIDs: hasRequestIDs}
	s.givers = append(s.givers, g)
	s.byPeer[p] = g
}

func (s *bodies[P]) leave(now time.Time, p P) {
	g := s.byPeer[p]
	if g == nil {
		return
	}
	delete(s.byPeer, p)
	s.givers = slices.DeleteFunc(s.givers, func(o *giver[P]) bool { return o == g })
	g.gone = true
	s.fail(now, g)
	for _, w := range s.wants { // the peer may have been the last one to try
		s.forgive(now, w)
	}
}

// want asks for the body of a block, whose header the first of the peers gave, and which all of
// them have. A block with an empty body is done at once. One for which there is no room is done without its
// body: the newest of a peer that has 64 already, otherwise the oldest of the peer that has most.
func (s *bodies[P]) want(b block, have []P) {
	if b.Roots.Empty() {
		s.complete(b, emptyBody(b.Roots))
		return
	}
	if s.byHash[b.Hash] != nil {
		return
	}
	w := &want[P]{block: b}
	for _, p := range have {
		if g := s.byPeer[p]; g != nil {
			w.have = append(w.have, g)
		}
	}
	if len(w.have) == 0 || !s.makeRoom(w.have[0]) {
		s.giveUpOn(b)
		return
	}
	w.by = w.have[0]
	w.by.wants++
	s.wants = append(s.wants, w)
	s.byHash[w.Hash] = w
}

// makeRoom makes room for a want of a peer, and reports false if it has too many.
func (s *bodies[P]) makeRoom(g *giver[P]) bool {
	if g.wants >= maxPeerWants {
		return false
	}
	if len(s.wants) < maxWants {
		return true
	}
	most := slices.MaxFunc(s.wants, func(a, b *want[P]) int { return a.by.wants - b.by.wants })
	if most.by.wants <= g.wants {
		return false
	}
	s.giveUp(most)
	return true
}

// complete tells of a block whose body came with it.
func (s *bodies[P]) complete(b block, got body) { s.done = append(s.done, done{b, &got}) }

// arrived takes the body of a block that came whole (devp2p/caps/eth.md#newblock-0x07), if it is wanted.
func (s *bodies[P]) arrived(h types.Hash, got body) {
	if w := s.byHash[h]; w != nil {
		s.remove(w)
		s.complete(w.block, got)
	}
}

func emptyBody(r chain.Roots) body {
	if r.HasWithdrawals {
		return body{roots: r, size: 3} // three empty lists
	}
	return body{roots: r, size: 2}
}

// mayHave notes that a peer told of a block.
func (s *bodies[P]) mayHave(h types.Hash, p P) {
	w, g := s.byHash[h], s.byPeer[p]
	if w != nil && g != nil && !slices.Contains(w.have, g) {
		w.have = append(w.have, g)
	}
}

// crowded reports whether there is enough to do without new headers from a peer.
func (s *bodies[P]) crowded(p P) bool {
	g := s.byPeer[p]
	return g != nil && g.wants > crowdedAt
}

// takeDone returns what is to be told, once.
func (s *bodies[P]) takeDone() []done {
	d := s.done
	s.done = nil
	return d
}

// takeUnexpected returns how many replies were not to their request since the last call.
func (s *bodies[P]) takeUnexpected() uint64 {
	n := s.unexpected
	s.unexpected = 0
	return n
}

func (s *bodies[P]) remove(w *want[P]) {
	delete(s.byHash, w.Hash)
	s.wants = slices.DeleteFunc(s.wants, func(o *want[P]) bool { return o == w })
	w.by.wants--
}

// takeWithholders returns, once, the peers that gave headers and twice not a body for one.
func (s *bodies[P]) takeWithholders() []P {
	all := s.withholders
	s.withholders = nil
	return all
}

// giveUpOn tells of a block without its body, which is not wanted.
func (s *bodies[P]) giveUpOn(b block) {
	s.lost++
	s.done = append(s.done, done{b, nil})
}

// giveUp tells of a block without its body.
func (s *bodies[P]) giveUp(w *want[P]) {
	s.remove(w)
	s.giveUpOn(w.block)
}
