// SPDX-License-Identifier: Apache-2.0

// in: what peers say and answer, time · out: the head, requests for headers · owner: the owner of
// the machine

package head

import (
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/types"
)

// Config says which chain a [Peers] follows.
type Config struct {
	Genesis chain.Link
	Recent  int // how many headers are held; at least 1

	// Gossips says that the chain has no consensus layer, so that its blocks are gossiped at any
	// version of eth.
	Gossips bool

	// Instant says that several blocks may have the same time: a clique chain with period 0 (EIP-225).
	Instant bool

	Choose func(n int) int // a random number below n
}

// An Info is what a peer's Status says.
type Info struct {
	Origin
	Latest chain.Ref // up to eth/68 without number

	HasBlockRange bool // eth/69 and later: it tells the range of its blocks (EIP-7642)
	HasRequestIDs bool // eth/66 and later: a reply is certain to be to our request (EIP-2481)
}

// Losses counts what was given up.
type Losses struct {
	Jumps      uint64 // the head moved on by more than Depth blocks, and those between were not asked for
	Future     uint64 // headers whose time is ahead of our clock (chain.ErrFuture)
	Pace       uint64 // headers whose number is above the seconds since the genesis block (chain.ErrPace)
	Unexpected uint64 // replies, without request IDs, that are not to the request
}

// Peers follows the head by what peers say. P names a peer, and must not be used again after
// Leave. A peer that did not join is ignored.
type Peers[P comparable] struct {
	tracker *Tracker[P]
	genesis chain.Link
	gossips bool
	instant bool
	choose  func(n int) int

	peers []*peer[P] // in the order in which they joined
	byID  map[P]*peer[P]

	startHead uint64    // blocks up to here were there before us: not new when they are asked for
	nextPoll  time.Time // not before
	rival     types.Hash
	roundAt   time.Time // when the last round of polls began, or begins: see startRound

	changed bool // the head is another than Changed last returned
	losses  Losses
}

// A peer is the machine's side of a session. It has one request in flight at most.
type peer[P comparable] struct {
	Info
	id     P
	asking *request
	ready  time.Time // not to be asked before: it has just joined, or cannot be asked

	wantLatest types.Hash
	wantPoll   bool
	pollFrom   uint64
	branch     *request // to be asked before all else; nil: nothing

	polledAt   time.Time
	every      time.Duration // between two polls
	pollAt     time.Time     // not before
	behind     bool          // its last answer held nothing
	gossipedAt time.Time     // when it last told of a block that was new; zero: never
}

// NewPeers returns a machine without peers.
func NewPeers[P comparable](cfg Config) *Peers[P] {
	return &Peers[P]{
		tracker: NewTracker[P](cfg.Genesis, cfg.Recent),
		genesis: cfg.Genesis,
		gossips: cfg.Gossips,
		instant: cfg.Instant,
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
}

// Range takes a BlockRangeUpdate (devp2p/caps/eth.md#blockrangeupdate-0x11).
func (m *Peers[P]) Range(now time.Time, id P, latest chain.Ref) {
	p := m.byID[id]
	if p == nil {
		return
	}
	m.tracker.Latest(id, latest)
	m.follow(p, latest, true)
	if !m.Has(latest.Hash) {
		p.hurry(now)
	}
}

// follow plans the request for the block that the peer says is its latest: together with all blocks between,
// if it is not far above the head, and otherwise alone, by its hash.
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

// Told notes that a peer announced a block or sent it unrequested (devp2p/caps/eth.md#newblockhashes-0x01,
// #newblock-0x07): the peer has the block. A block counts if its header is held or its number is near (see
// Near). That the peer gossips is noted for this peer alone.
func (m *Peers[P]) Told(now time.Time, id P, ref chain.Ref) {
	p := m.byID[id]
	if p == nil || !m.Has(ref.Hash) && !m.Near(ref.Number) {
		return
	}
	if m.tracker.Told(id, ref) {
		p.gossipedAt = now
	}
}

// Gossiped takes the header of a block that peers told of. The peer is the one that sent the header. The
// error is that peer's fault, except [chain.ErrFuture] and [chain.ErrPace]; the header is then not held.
func (m *Peers[P]) Gossiped(now time.Time, id P, l chain.Link) error {
	p := m.byID[id]
	if p == nil || m.Has(l.Hash) {
		return nil
	}
	p.gossipedAt = now
	return m.add(now, p, &l, true)
}

// add takes a header, and has the blocks asked for that are between it and the head.
func (m *Peers[P]) add(now time.Time, p *peer[P], l *chain.Link, gossiped bool) error {
	if err := m.checkTime(now, l); err != nil {
		return err
	}
	head, ok := m.tracker.Head()
	if ok && l.Number > head.Number+1 && l.Number-head.Number <= Depth && !m.Has(l.Parent) {
		p.poll(head.Number)
		p.hurry(now)
	}
	return m.tracker.Add(p.id, *l, gossiped)
}

// checkTime refuses times in the future, and numbers that grow faster than time. Both are counted and are no
// fault, because our clock may be wrong. After a held parent the time must be later
// (devp2p/caps/eth.md#block-encoding-and-validity).
func (m *Peers[P]) checkTime(now time.Time, l *chain.Link) error {
	if err := chain.CheckTime(now, l); err != nil {
		m.losses.Future++
		return err
	}
	if m.instant {
		return nil
	}
	err := chain.CheckPace(&m.genesis, l)
	if parent, ok := m.tracker.Recent.Get(l.Parent); ok && err == nil && chain.CheckLink(&parent, l) == nil {
		err = chain.CheckPace(&parent, l)
	}
	if err != nil {
		m.losses.Pace++
	}
	return err
}

// settle works out the head again, if something changed. Next and Changed do so once, however much came
// before them.
func (m *Peers[P]) settle(now time.Time) {
	before, had := m.tracker.Head()
	head, changed := m.tracker.Settle()
	if rival := m.tracker.contested; rival != m.rival {
		m.rival = rival
		m.startRound(now)
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
	m.changed = true
	for _, p := range m.peers {
		if !p.behind {
			p.pollSoon(now)
		}
	}
}
