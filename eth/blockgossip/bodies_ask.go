// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"errors"
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/types"
)

var errUnaskedBody = errors.New("bodies hold one that was not asked for")

// next returns what to ask of which peers now, and when to call it again if nothing happens; the
// zero time if nothing waits.
func (s *bodies[P]) next(now time.Time) (asks []bodiesAsk[P], next time.Time) {
	var asked []*giver[P]
	for _, w := range s.wants {
		if w.asked != nil || now.Before(w.after) {
			continue
		}
		w.after = time.Time{}
		g := s.choosePeer(now, w, asked)
		if g == nil {
			continue
		}
		w.asked = g
		if g.asked = append(g.asked, w); len(g.asked) == 1 {
			asked = append(asked, g)
		}
	}
	for _, g := range asked {
		ask := bodiesAsk[P]{peer: g.peer, hashes: make([]types.Hash, len(g.asked)), links: make([]chain.Link, len(g.asked))}
		for i, w := range g.asked {
			ask.hashes[i], ask.links[i], ask.maxTxs = w.Hash, w.Link, max(ask.maxTxs, w.MaxTxs)
		}
		asks = append(asks, ask)
	}
	return asks, s.deadline(now)
}

// choosePeer chooses the peer to ask: one that told of the block and was not asked in vain, or, if
// there is none left, any other. It returns nil if they are busy. A peer among those that are about to
// be asked can be asked for more.
func (s *bodies[P]) choosePeer(now time.Time, w *want[P], asking []*giver[P]) *giver[P] {
	from := w.have
	if !slices.ContainsFunc(from, w.canTry) {
		from = s.givers
	}
	var idle []*giver[P]
	for _, g := range from {
		switch {
		case !w.canTry(g):
		case slices.Contains(asking, g) && len(g.asked) < maxAskBodies:
			return g
		case g.asked == nil && !now.Before(g.ready):
			idle = append(idle, g)
		}
	}
	if len(idle) == 0 {
		return nil
	}
	return idle[s.choose(len(idle))]
}

// canTry reports whether the peer was not asked for the block in vain.
func (w *want[P]) canTry(g *giver[P]) bool { return !g.gone && !slices.Contains(w.tried, g) }

// deadline returns when a want may be asked for again, or a peer be asked again.
func (s *bodies[P]) deadline(now time.Time) (next time.Time) {
	waits := false
	for _, w := range s.wants {
		if w.asked == nil {
			waits = true
			next = sooner(next, w.after)
		}
	}
	for _, g := range s.givers {
		if waits && now.Before(g.ready) {
			next = sooner(next, g.ready)
		}
	}
	return next
}

// answered takes the reply to the request that the peer has in flight
// (devp2p/caps/eth.md#blockbodies-0x06). A body without its block among those asked for is the
// peer's fault. The peer lacks those that it left out before the last one that it gave; those after
// it may only have been too much for one message.
func (s *bodies[P]) answered(now time.Time, p P, got []body) (err error) {
	g := s.byPeer[p]
	if g == nil || g.asked == nil {
		return nil
	}
	asked := g.asked
	g.asked = nil
	given := make([]bool, len(asked))
	last := -1
	for _, b := range got {
		at := slices.IndexFunc(asked, func(w *want[P]) bool { return w.Roots == b.roots })
		for at >= 0 && given[at] {
			at = indexAfter(asked, at, b)
		}
		if at < 0 {
			if err = errUnaskedBody; !g.hasRequestIDs { // it may be to an earlier request
				s.unexpected++
				err = nil
			}
			break
		}
		given[at], last = true, max(last, at)
		asked[at].given(g)
		s.arrived(asked[at].Hash, b)
	}
	var lacking []*want[P]
	for i, w := range asked {
		switch {
		case given[i] || w.asked != g:
		case last < 0 || i < last:
			lacking = append(lacking, w)
		default:
			w.asked = nil
		}
	}
	s.lacks(now, g, lacking)
	return err
}

// given notes that the peer gave the block's body.
func (w *want[P]) given(g *giver[P]) {
	if w.by == g {
		g.withheld = 0
	}
}

// lacks notes that one reply of a peer, or its silence, lacked bodies. If the peer gave the header of one
// of them, it may do so once.
func (s *bodies[P]) lacks(now time.Time, g *giver[P], wants []*want[P]) {
	if !g.gone && slices.ContainsFunc(wants, func(w *want[P]) bool { return w.by == g && s.byHash[w.Hash] == w }) {
		if g.withheld++; g.withheld == maxWithheld {
			s.withholders = append(s.withholders, g.peer)
		}
	}
	for _, w := range wants {
		s.missing(now, w, g)
	}
}

// late takes bodies that a peer sent after their time: those that are still wanted.
func (s *bodies[P]) late(p P, got []body) {
	for _, b := range got {
		if at := slices.IndexFunc(s.wants, func(w *want[P]) bool { return w.Roots == b.roots }); at >= 0 {
			w := s.wants[at]
			if g := s.byPeer[p]; g != nil {
				w.given(g)
			}
			s.arrived(w.Hash, b)
		}
	}
}

// indexAfter returns the next block after at with the roots of a body, or -1.
func indexAfter[P comparable](asked []*want[P], at int, b body) int {
	next := slices.IndexFunc(asked[at+1:], func(w *want[P]) bool { return w.Roots == b.roots })
	if next < 0 {
		return -1
	}
	return at + 1 + next
}

// failed says that the peer did not answer.
func (s *bodies[P]) failed(now time.Time, p P) {
	if g := s.byPeer[p]; g != nil {
		s.fail(now, g)
	}
}

func (s *bodies[P]) fail(now time.Time, g *giver[P]) {
	asked := g.asked
	g.asked = nil
	s.lacks(now, g, asked)
}

// busy says that the request cannot be sent now. What it was for is asked for later.
func (s *bodies[P]) busy(now time.Time, p P) {
	g := s.byPeer[p]
	if g == nil || g.asked == nil {
		return
	}
	for _, w := range g.asked {
		if w.asked == g {
			w.asked = nil
		}
	}
	g.asked, g.ready = nil, now.Add(cooldown)
}

// missing notes that a peer was asked in vain. After 4 tries the block is told of without its body.
func (s *bodies[P]) missing(now time.Time, w *want[P], g *giver[P]) {
	if w.asked != g || s.byHash[w.Hash] != w {
		return
	}
	w.asked = nil
	w.tried = append(w.tried, g)
	if w.tries++; w.tries == maxTries {
		s.giveUp(w)
		return
	}
	s.forgive(now, w)
}

// forgive lets all peers be asked again, after a second, for a block that every peer was asked for in
// vain.
func (s *bodies[P]) forgive(now time.Time, w *want[P]) {
	if w.asked == nil && len(w.tried) > 0 && !slices.ContainsFunc(s.givers, w.canTry) {
		w.tried, w.after = nil, now.Add(retryAfter)
	}
}
