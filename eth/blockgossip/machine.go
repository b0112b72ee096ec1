// SPDX-License-Identifier: Apache-2.0

// in: what peers tell and answer · out: what to ask, what was found · owner: the loop

package blockgossip

import (
	"slices"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/types"
)

// A peerID names one session. It is never used again.
type peerID uint64

// A greeting is what is known of a peer when it comes up.
type greeting struct {
	teller event.Source
	latest chain.Ref   // from their Status; before eth/69 without number
	td     uint256.Int // of latest; before eth/69
	ranged bool        // eth/69 and later: tells the range of its blocks, gossips none
	exact  bool        // eth/66 and later: a reply is certain to be to our request
}

// A header is what counts of a header that was received.
type header struct {
	chain.Link
	size int // bytes of its RLP
}

// An action is what the machine wants done: one of its fields is set.
type action struct {
	peer    peerID
	headers *headersQuery // ask the peer
	bodies  []types.Hash  // ask the peer for the bodies of these; the receiver's to keep
	fault   error         // end the session: the peer broke a rule
	block   *found        // tell of a block, once
	head    *chain.Head   // tell that there is another head
}

// found is a block to tell of.
type found struct {
	header
	teller event.Source // who told first
	via    event.Via
	body   int // which one of the bodies just received, or one of the following
}

// What else found.body can be.
const (
	emptyBody   = -1 // there is nothing in it
	unknownBody = -2 // nobody would give it
)

// losses counts what was given up because a bound was reached.
type losses struct {
	announced uint64 // block hashes over a peer's, or all peers', bound
	bodies    uint64 // blocks whose body nobody would give, or that were too many at once
	jumps     uint64 // times that the head went further than farJump: what lies between is not heard
}

// A machine hears of blocks, decides what to ask whom for, and follows the head. Every
// method is an event and returns what to do now.
type machine struct {
	tracker *chain.Tracker[peerID]
	choose  func(n int) int // a number below n, by chance

	peers []*peer // in the order in which they came up
	byID  map[peerID]*peer

	announcements announcements
	wants         wants
	anchor        uint64    // blocks up to here were there before us: no news when they are asked for
	nextPoll      time.Time // zero: at once
	gossipAt      time.Time // when a block was last gossiped

	faulty []*peer // broke a rule in this event
	out    []action
	losses losses
}

// A peer is the machine's side of a session. It has one request for headers and one for
// bodies in flight at most.
type peer struct {
	greeting
	id     peerID
	asking *headersQuery
	bodies []header // whose bodies it is being asked for; nil: none
	gone   bool

	// Who cannot be asked now is left alone until then; zero: can be.
	restHeaders, restBodies time.Time

	announced  int // in announcements
	wantLatest types.Hash
	wantPoll   bool
	pollFrom   uint64
	polledAt   time.Time
	misses     int // polls without an answer that helped, since the last that did
}

func newMachine(genesis chain.Link, quorum int, choose func(n int) int) *machine {
	return &machine{
		tracker:       chain.NewTracker[peerID](genesis, quorum, recentBlocks),
		choose:        choose,
		byID:          make(map[peerID]*peer),
		announcements: newAnnouncements(),
		wants:         newWants(),
	}
}

// restFor is how long a peer that cannot be asked is left alone. Without request IDs, who
// was silent must answer before it is asked again: its answer would be taken for another.
const restFor = time.Second

// recentBlocks is how many blocks are remembered, by their headers.
const recentBlocks = 1024

// deadline returns when onTick is due, and false if nothing waits.
func (m *machine) deadline() (time.Time, bool) {
	at, ok := m.announcements.deadline()
	sooner := func(t time.Time, is bool) {
		if is && (!ok || t.Before(at)) {
			at, ok = t, true
		}
	}
	sooner(m.wants.deadline())
	_, headed := m.tracker.Head()
	sooner(m.nextPoll, headed && len(m.peers) > 0)
	for _, p := range m.peers {
		sooner(p.restHeaders, !p.restHeaders.IsZero())
		sooner(p.restBodies, !p.restBodies.IsZero())
	}
	return at, ok
}

// takeLosses returns the losses since the last call.
func (m *machine) takeLosses() losses {
	l := m.losses
	m.losses = losses{}
	return l
}

func (m *machine) onTick(now time.Time) []action { return m.finish(now) }

func (m *machine) onPeerUp(now time.Time, id peerID, g greeting) []action {
	p := &peer{greeting: g, id: id}
	m.peers = append(m.peers, p)
	m.byID[id] = p
	if g.ranged {
		m.tracker.Claim(id, g.latest)
	} else {
		m.tracker.ClaimHash(id, g.latest.Hash)
	}
	m.settle()
	m.follow(p, g.latest, g.ranged)
	return m.finish(now)
}

func (m *machine) onPeerDown(now time.Time, id peerID) []action {
	if p := m.byID[id]; p != nil {
		m.drop(now, p)
	}
	return m.finish(now)
}

// onRange takes a BlockRangeUpdate.
func (m *machine) onRange(now time.Time, id peerID, latest chain.Ref) []action {
	p := m.byID[id]
	if p == nil {
		return nil
	}
	m.tracker.Claim(id, latest)
	m.settle()
	m.follow(p, latest, true)
	return m.finish(now)
}

// follow sees to it that we learn of the block that a peer says is its latest. If it is not
// far ahead of the head, all that lies between is asked for with it; otherwise it alone,
// by its hash.
func (m *machine) follow(p *peer, latest chain.Ref, numbered bool) {
	if m.tracker.Recent.Has(latest.Hash) {
		return
	}
	head, ok := m.tracker.Head()
	if ok && numbered && latest.Number > head.Number && latest.Number-head.Number <= farJump {
		p.poll(head.Number)
		return
	}
	p.wantLatest = latest.Hash
}

// farJump is the distance in blocks beyond which what lies between is not asked for.
const farJump = chain.Depth

// settle works out the head again.
func (m *machine) settle() {
	before, had := m.tracker.Head()
	head, changed := m.tracker.Settle()
	if !changed {
		return
	}
	far := max(before.Number, head.Number)-min(before.Number, head.Number) > farJump
	if !had || far {
		m.anchor = head.Number
	}
	if had && far {
		m.losses.jumps++
	}
	m.out = append(m.out, action{head: &head})
}

// finish ends an event: it drops who broke a rule, decides what to ask for, and returns
// the actions.
func (m *machine) finish(now time.Time) []action {
	for _, p := range m.faulty {
		m.drop(now, p)
	}
	m.faulty = nil
	m.settle()
	m.endRests(now)
	m.expireAnnouncements(now)
	m.askHeaders(now)
	m.askBodies(now)
	out := m.out
	m.out = nil
	return out
}

func (m *machine) endRests(now time.Time) {
	for _, p := range m.peers {
		if !now.Before(p.restHeaders) {
			p.restHeaders = time.Time{}
		}
		if !now.Before(p.restBodies) {
			p.restBodies = time.Time{}
		}
	}
}

// canAsk reports whether the peer can be asked for headers.
func (p *peer) canAsk() bool { return p.asking == nil && p.restHeaders.IsZero() }

// canGive reports whether the peer can be asked for bodies.
func (p *peer) canGive() bool { return p.bodies == nil && p.restBodies.IsZero() }

func (m *machine) fault(p *peer, err error) {
	if !slices.Contains(m.faulty, p) {
		m.faulty = append(m.faulty, p)
		m.out = append(m.out, action{peer: p.id, fault: err})
	}
}

func (m *machine) drop(now time.Time, p *peer) {
	p.gone = true
	delete(m.byID, p.id)
	m.peers = slices.DeleteFunc(m.peers, func(o *peer) bool { return o == p })
	m.tracker.Leave(p.id)
	m.announcements.leave(p)
	m.bodiesFailed(now, p)
}
