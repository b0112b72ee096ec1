// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"fmt"
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/types"
)

// The rules of block hashes. A peer announces what it has imported, after it has sent the
// whole block to some (devp2p/caps/eth.md#block-propagation): another peer's whole block
// may be on its way.
//
// The wait is for that. go-ethereum waits 500 ms, because it needs a block only to build
// on it and saves the traffic; we tell people of blocks and want to be fast. 100 ms is
// more than the whole block takes from most peers, and costs at worst one header that
// was not needed.
const (
	announceWait    = 100 * time.Millisecond
	announceForget  = 5 * time.Second
	maxAnnounced    = 256 // per peer
	maxAnnouncedAll = 2048
	maxBelow        = 7 // blocks below the head, and above it, that may be announced
	maxAbove        = 32
)

// announcements holds the blocks of which only hash and number are known.
type announcements struct {
	byHash map[types.Hash]*announcement
	list   []*announcement // in the order of their first announcement
}

type announcement struct {
	hash   types.Hash
	first  time.Time
	teller event.Source // who was first
	from   []announcer  // who may still be asked; never empty
	waited bool         // announceWait is over
	asked  *peer
}

// An announcer is a peer and the number that it says the block has.
type announcer struct {
	*peer
	number uint64
}

func (a *announcement) isFrom(p *peer) bool {
	return slices.ContainsFunc(a.from, func(o announcer) bool { return o.peer == p })
}

func newAnnouncements() announcements {
	return announcements{byHash: make(map[types.Hash]*announcement)}
}

// onHashes takes a NewBlockHashes.
func (m *machine) onHashes(now time.Time, id peerID, refs []chain.Ref) []action {
	p := m.byID[id]
	if p == nil {
		return nil
	}
	for _, ref := range refs {
		m.announced(now, p, ref)
	}
	return m.finish(now)
}

func (m *machine) announced(now time.Time, p *peer, ref chain.Ref) {
	if l, known := m.tracker.Recent.Get(ref.Hash); known {
		m.gossipAt = now
		if l.Number != ref.Number {
			m.fault(p, fmt.Errorf("block %v announced as number %d, is %d", ref.Hash, ref.Number, l.Number))
			return
		}
		m.tracker.Told(p.id, ref)
		m.wants.source(ref.Hash, p)
		return
	}
	if !m.near(ref.Number) {
		return
	}
	m.gossipAt = now
	a := m.announcements.byHash[ref.Hash]
	switch {
	case a != nil && a.isFrom(p):
		return
	case p.announced == maxAnnounced, a == nil && len(m.announcements.list) == maxAnnouncedAll:
		m.losses.announced++
		return
	case a == nil:
		a = &announcement{hash: ref.Hash, first: now, teller: p.teller}
		m.announcements.byHash[ref.Hash] = a
		m.announcements.list = append(m.announcements.list, a)
	}
	a.from = append(a.from, announcer{p, ref.Number})
	p.announced++
	m.tracker.Told(p.id, ref)
}

// near reports whether a block is at a distance from the head at which gossip is
// listened to; without a head every one is.
func (m *machine) near(number uint64) bool {
	head, ok := m.tracker.Head()
	if !ok {
		return true
	}
	if number < head.Number {
		return head.Number-number <= maxBelow
	}
	return number-head.Number <= maxAbove
}

// askAnnounced asks for the headers that were waited for long enough, each one of its
// announcers, by chance.
func (m *machine) askAnnounced(now time.Time) {
	for _, a := range m.announcements.list {
		if now.Before(a.first.Add(announceWait)) {
			return
		}
		a.waited = true
		if a.asked != nil {
			continue
		}
		if p := m.idleAnnouncer(a); p != nil {
			a.asked = p
			m.ask(p, headersQuery{why: forAnnounced, hash: a.hash, amount: 1})
		}
	}
}

// idleAnnouncer returns one of those who may be asked now, or nil. It allocates nothing: in
// a flood it is called at each event for each announcement that waits, and nobody is idle.
func (m *machine) idleAnnouncer(a *announcement) *peer {
	idle := 0
	for _, p := range a.from {
		if p.canAsk() {
			idle++
		}
	}
	if idle == 0 {
		return nil
	}
	nth := m.choose(idle)
	for _, p := range a.from {
		switch {
		case !p.canAsk():
		case nth == 0:
			return p.peer
		default:
			nth--
		}
	}
	return nil // choose keeps below idle
}

// announcedHeader takes the answer to askAnnounced: nil, if the peer has none.
func (m *machine) announcedHeader(p *peer, q *headersQuery, h *header) {
	a := m.announcements.byHash[q.hash]
	switch {
	case a == nil: // forgotten, or the block came whole
	case h == nil:
		m.announcements.retract(a, p)
	default:
		from := m.honest(a, h)
		if m.accept(p, h, a.teller, event.ViaAnnouncement) {
			m.told(h, from)
		}
	}
}

// told notes who has a block that is known by now.
func (m *machine) told(h *header, by []*peer) {
	for _, p := range by {
		m.tracker.Told(p.id, h.Ref())
		m.wants.source(h.Hash, p)
	}
	m.settle()
}

// honest returns who announced the block with its number. Who said another is at fault.
func (m *machine) honest(a *announcement, h *header) (peers []*peer) {
	for _, s := range a.from {
		if s.number == h.Number {
			peers = append(peers, s.peer)
		} else {
			m.fault(s.peer, fmt.Errorf("block %v announced as number %d, is %d", h.Hash, s.number, h.Number))
		}
	}
	return peers
}

func (m *machine) expireAnnouncements(now time.Time) {
	for len(m.announcements.list) > 0 {
		a := m.announcements.list[0]
		if now.Before(a.first.Add(announceForget)) {
			return
		}
		m.announcements.remove(a)
	}
}

func (s *announcements) deadline() (at time.Time, ok bool) {
	for _, a := range s.list {
		due := a.first.Add(announceForget)
		if !a.waited {
			due = a.first.Add(announceWait)
		}
		if !ok || due.Before(at) {
			at, ok = due, true
		}
	}
	return at, ok
}

// retract notes that a peer does not have the block after all, or no longer can be asked.
func (s *announcements) retract(a *announcement, p *peer) {
	if !a.isFrom(p) {
		return
	}
	a.from = slices.DeleteFunc(a.from, func(o announcer) bool { return o.peer == p })
	p.announced--
	if a.asked == p {
		a.asked = nil
	}
	if len(a.from) == 0 {
		s.remove(a)
	}
}

func (s *announcements) leave(p *peer) {
	for _, a := range slices.Clone(s.list) {
		s.retract(a, p)
	}
}

func (s *announcements) remove(a *announcement) {
	delete(s.byHash, a.hash)
	s.list = slices.DeleteFunc(s.list, func(o *announcement) bool { return o == a })
	for _, p := range a.from {
		p.announced--
	}
}

// arrived forgets the announcement of a block that came whole.
func (s *announcements) arrived(h types.Hash) {
	if a := s.byHash[h]; a != nil {
		s.remove(a)
	}
}
