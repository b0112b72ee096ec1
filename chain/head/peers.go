// SPDX-License-Identifier: Apache-2.0

// in: what peers say and answer, time · out: the head, questions for headers · owner: the owner of
// the machine

package head

import (
	"slices"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/types"
)

// Config says which chain a [Peers] follows.
type Config struct {
	Genesis chain.Link
	Quorum  int // how many peers are enough for any head; at least 1
	Recent  int // how many headers are held; at least 1

	// Gossips says that the chain has no consensus layer, so that its blocks are gossiped at any
	// version of eth.
	Gossips bool

	Choose func(n int) int // a random number below n
}

// An Info is what a peer's Status says.
type Info struct {
	Origin
	Latest chain.Ref   // up to eth/68 without number
	TD     uint256.Int // of Latest; up to eth/68

	HasBlockRange bool // eth/69 and later: it tells the range of its blocks (EIP-7642)
	HasRequestIDs bool // eth/66 and later: a reply is certain to be to our request (EIP-2481)
}

// Losses counts what was given up.
type Losses struct {
	Jumps      uint64 // the head moved on by more than Depth blocks, and those between were not asked for
	Future     uint64 // headers whose time is ahead of our clock (chain.ErrFuture)
	Unexpected uint64 // replies, without request IDs, that are not to the question
}

// Peers follows the head by what peers say. P names a peer, and must not be used again after
// Leave. A peer that did not join is ignored.
type Peers[P comparable] struct {
	tracker *Tracker[P]
	gossips bool
	choose  func(n int) int

	peers []*peer[P] // in the order in which they joined
	byID  map[P]*peer[P]

	startHead   uint64    // blocks up to here were there before us: not new when they are asked for
	nextPoll    time.Time // not before
	gossipedAt  time.Time // when gossip last moved the head; zero: never
	contested   types.Hash
	contestedAt time.Time

	changed bool // the head is another than Changed last returned
	losses  Losses
}

// A peer is the machine's side of a session. It has one question in flight at most.
type peer[P comparable] struct {
	Info
	id     P
	asking *question
	ready  time.Time // not to be asked before: it has just joined, or cannot be asked

	wantLatest types.Hash
	wantPoll   bool
	pollFrom   uint64
	branch     *question // to be asked before all else; nil: nothing

	polledAt   time.Time
	every      time.Duration // between two polls
	pollAt     time.Time     // not before
	behind     bool          // its last answer held nothing
	gossipedAt time.Time     // when it last told of a block that was new; zero: never
}

// NewPeers returns a machine without peers.
func NewPeers[P comparable](cfg Config) *Peers[P] {
	return &Peers[P]{
		tracker: NewTracker[P](cfg.Genesis, cfg.Quorum, cfg.Recent),
		gossips: cfg.Gossips,
		choose:  cfg.Choose,
		byID:    make(map[P]*peer[P]),
	}
}

// Join adds a peer whose Status was accepted. It is first asked after FirstAsk.
func (m *Peers[P]) Join(now time.Time, id P, info Info) {
	p := &peer[P]{Info: info, id: id, ready: now.Add(FirstAsk), every: pollEvery}
	m.peers = append(m.peers, p)
	m.byID[id] = p
	m.tracker.Join(id, info.Origin)
	if info.HasBlockRange {
		m.tracker.Latest(id, info.Latest)
	} else {
		m.tracker.LatestHash(id, info.Latest.Hash)
	}
	m.settle(now)
	m.follow(p, info.Latest, info.HasBlockRange)
}

// Leave forgets a peer.
func (m *Peers[P]) Leave(now time.Time, id P) {
	p := m.byID[id]
	if p == nil {
		return
	}
	delete(m.byID, id)
	m.peers = slices.DeleteFunc(m.peers, func(o *peer[P]) bool { return o == p })
	m.tracker.Leave(id)
	m.settle(now)
}

// Range takes a BlockRangeUpdate (devp2p/caps/eth.md#blockrangeupdate-0x11).
func (m *Peers[P]) Range(now time.Time, id P, latest chain.Ref) {
	p := m.byID[id]
	if p == nil {
		return
	}
	m.tracker.Latest(id, latest)
	m.settle(now)
	m.follow(p, latest, true)
	if !m.Has(latest.Hash) {
		p.hurry(now)
	}
}

// follow has the peer asked for the block that it says is its latest. If that is not
// far above the head, it is asked for all blocks between, too; otherwise for the latest alone, by
// its hash.
func (m *Peers[P]) follow(p *peer[P], latest chain.Ref, numbered bool) {
	if m.Has(latest.Hash) {
		return
	}
	head, ok := m.tracker.Head()
	if ok && numbered && latest.Number > head.Number && latest.Number-head.Number <= Depth {
		p.poll(head.Number)
		return
	}
	p.wantLatest = latest.Hash
}

// Told notes that a peer told of a block, unasked: it has the block. Only those count whose
// header is held, or whose number is near (see Near).
func (m *Peers[P]) Told(now time.Time, id P, ref chain.Ref) {
	p := m.byID[id]
	if p == nil {
		return
	}
	if !m.Has(ref.Hash) {
		if !m.Near(ref.Number) {
			return
		}
		p.gossipedAt = now
	}
	m.tracker.Told(id, ref)
	m.settle(now)
}

// Gossiped takes the header of a block that peers told of, with the total difficulty that was said
// with it, or nil. The peer is the one that sent the header. The error is that peer's fault, except
// [chain.ErrFuture]; the header is then not held.
func (m *Peers[P]) Gossiped(now time.Time, id P, l chain.Link, td *uint256.Int) error {
	p := m.byID[id]
	if p == nil || m.Has(l.Hash) {
		return nil
	}
	p.gossipedAt = now
	return m.add(now, p, &l, td, true)
}

// add takes a header, and has the blocks asked for that are between it and the head.
func (m *Peers[P]) add(now time.Time, p *peer[P], l *chain.Link, td *uint256.Int, gossiped bool) error {
	if err := chain.CheckTime(now, l); err != nil {
		m.losses.Future++
		return err
	}
	head, ok := m.tracker.Head()
	if ok && l.Number > head.Number+1 && l.Number-head.Number <= Depth && !m.Has(l.Parent) {
		p.poll(head.Number)
		p.hurry(now)
	}
	if td == nil && !p.HasBlockRange && l.Hash == p.Latest.Hash {
		td = &p.TD
	}
	if err := m.tracker.Add(*l, td, gossiped); err != nil {
		return err
	}
	m.settle(now)
	return nil
}

// settle works out the head again.
func (m *Peers[P]) settle(now time.Time) {
	before, had := m.tracker.Head()
	head, changed := m.tracker.Settle()
	if c := m.tracker.contested; c != m.contested {
		m.contested, m.contestedAt = c, now
		if soon := now.Add(contestEvery); !c.IsZero() && m.nextPoll.After(soon) {
			m.nextPoll = soon
		}
	}
	if !changed {
		return
	}
	far := max(before.Number, head.Number)-min(before.Number, head.Number) > Depth
	if !had || far {
		m.startHead = head.Number
	}
	if had && far {
		m.losses.Jumps++
	}
	if head.Gossiped {
		m.gossipedAt = now
	}
	m.changed = true
	for _, p := range m.peers {
		if !p.behind {
			p.pollSoon(now)
		}
	}
}
