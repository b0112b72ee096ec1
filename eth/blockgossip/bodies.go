// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"errors"
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/types"
)

// The rules of bodies. They are asked for as soon as the header is here, of who told of
// the block, then of anybody.
const (
	maxAskBodies = 32
	maxWants     = 256
	crowd        = 128 // wants beyond which polls wait
	maxTries     = 4
	retryAfter   = time.Second // when everybody was asked in vain
)

// A want is a block whose header is here and whose body is not.
type want struct {
	header
	teller  event.Source
	via     event.Via
	sources []*peer // who told of it
	tried   []*peer // who was asked in vain
	tries   int
	after   time.Time // not before
	asked   *peer
}

type wants struct {
	byHash map[types.Hash]*want
	list   []*want // in the order of arrival
}

var errStrangeBody = errors.New("bodies hold one that was not asked for")

func newWants() wants { return wants{byHash: make(map[types.Hash]*want)} }

func (s *wants) add(w *want) bool {
	if len(s.list) == maxWants {
		return false
	}
	s.byHash[w.Hash] = w
	s.list = append(s.list, w)
	return true
}

func (s *wants) remove(w *want) {
	delete(s.byHash, w.Hash)
	s.list = slices.DeleteFunc(s.list, func(o *want) bool { return o == w })
}

// source notes that the peer may have the block.
func (s *wants) source(h types.Hash, p *peer) {
	if w := s.byHash[h]; w != nil && !p.gone && !slices.Contains(w.sources, p) {
		w.sources = append(w.sources, p)
	}
}

// crowded reports whether there is enough to do without new headers.
func (s *wants) crowded() bool { return len(s.list) > crowd }

func (s *wants) deadline() (at time.Time, ok bool) {
	for _, w := range s.list {
		if w.asked == nil && !w.after.IsZero() && (!ok || w.after.Before(at)) {
			at, ok = w.after, true
		}
	}
	return at, ok
}

// askBodies asks idle peers for what they may have.
func (m *machine) askBodies(now time.Time) {
	var asked []*peer
	for _, w := range m.wants.list {
		if w.asked != nil || now.Before(w.after) {
			continue
		}
		w.after = time.Time{}
		if p := m.bodySource(w, asked); p != nil {
			w.asked = p
			if !slices.Contains(asked, p) {
				asked = append(asked, p)
			}
			p.bodies = append(p.bodies, w.header)
		}
	}
	for _, p := range asked {
		hashes := make([]types.Hash, len(p.bodies))
		for i := range p.bodies {
			hashes[i] = p.bodies[i].Hash
		}
		m.out = append(m.out, action{peer: p.id, bodies: hashes})
	}
}

// bodySource chooses whom to ask: one that told of the block and has not failed, or, if
// there is no such peer left, any other. It returns nil if they are busy. A peer in
// gathering is idle, but for what it is about to be asked.
func (m *machine) bodySource(w *want, gathering []*peer) *peer {
	untried := func(p *peer) bool { return !p.gone && !slices.Contains(w.tried, p) }
	from := w.sources
	if !slices.ContainsFunc(from, untried) {
		from = m.peers
	}
	var idle []*peer
	for _, p := range from {
		switch {
		case !untried(p):
		case slices.Contains(gathering, p) && len(p.bodies) < maxAskBodies:
			return p
		case p.canGive():
			idle = append(idle, p)
		}
	}
	if len(idle) == 0 {
		return nil
	}
	return idle[m.choose(len(idle))]
}

// onBodies takes the answer to the request for bodies that the peer has in flight, by
// the roots of each.
func (m *machine) onBodies(now time.Time, id peerID, bodies []chain.Roots) []action {
	p := m.byID[id]
	if p == nil || p.bodies == nil {
		return nil
	}
	asked := p.bodies
	p.bodies = nil
	next := 0 // bodies come in the order asked, with those left out that the peer lacks
	for i, roots := range bodies {
		at := slices.IndexFunc(asked[next:], func(h header) bool { return h.Roots == roots })
		if at < 0 {
			m.strange(p, errStrangeBody)
			break
		}
		for _, missing := range asked[next : next+at] {
			m.bodyMissing(now, p, missing.Hash)
		}
		next += at
		m.bodyArrived(asked[next].Hash, i)
		next++
	}
	for _, h := range asked[next:] {
		if next == 0 {
			m.bodyMissing(now, p, h.Hash)
		} else if w := m.wants.byHash[h.Hash]; w != nil {
			w.asked = nil // left out for the size of the answer, perhaps
		}
	}
	return m.finish(now)
}

// onNoBodies says that there will be no answer.
func (m *machine) onNoBodies(now time.Time, id peerID) []action {
	if p := m.byID[id]; p != nil {
		m.bodiesFailed(now, p)
	}
	return m.finish(now)
}

// onBodiesBusy says that the request cannot be sent now. It is put back.
func (m *machine) onBodiesBusy(now time.Time, id peerID) []action {
	p := m.byID[id]
	if p == nil || p.bodies == nil {
		return nil
	}
	for _, h := range p.bodies {
		if w := m.wants.byHash[h.Hash]; w != nil && w.asked == p {
			w.asked = nil
		}
	}
	p.bodies, p.restBodies = nil, now.Add(restFor)
	return m.finish(now)
}

func (m *machine) bodiesFailed(now time.Time, p *peer) {
	asked := p.bodies
	p.bodies = nil
	for _, h := range asked {
		m.bodyMissing(now, p, h.Hash)
	}
}

func (m *machine) bodyArrived(h types.Hash, at int) {
	if w := m.wants.byHash[h]; w != nil {
		m.wants.remove(w)
		m.out = append(m.out, action{block: &found{header: w.header, teller: w.teller, via: w.via, body: at}})
	}
}

// bodyMissing notes that the peer was asked in vain.
func (m *machine) bodyMissing(now time.Time, p *peer, h types.Hash) {
	w := m.wants.byHash[h]
	if w == nil || w.asked != p {
		return
	}
	w.asked = nil
	w.tried = append(w.tried, p)
	if w.tries++; w.tries == maxTries {
		m.wants.remove(w)
		m.losses.bodies++
		m.out = append(m.out, action{block: &found{header: w.header, teller: w.teller, via: w.via, body: unknownBody}})
		return
	}
	untried := func(p *peer) bool { return !p.gone && !slices.Contains(w.tried, p) }
	if !slices.ContainsFunc(m.peers, untried) {
		w.tried, w.after = nil, now.Add(retryAfter)
	}
}
