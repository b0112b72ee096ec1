// SPDX-License-Identifier: Apache-2.0

// in: ranges of headers that are missing, replies · out: queries, and headers in their order · owner: the loop

package chainsync

import (
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/types"
)

// A segment is a range of headers that any peer can give.
type segment[P comparable] struct {
	low, count uint64
	reverse    bool       // headers come from the highest to the lowest
	last       types.Hash // of the highest header; zero: not known yet
	parent     types.Hash // of the lowest header; zero: not known
	asked      *peer[P]
	missed     []*peer[P] // gave another chain, too little, or nothing
	by         *peer[P]   // gave got
	got        []header   // nil: it is not here
	importing  bool
	free       func() // gives back what got is charged to; nil: it is charged to nothing
}

// drop forgets the headers.
func (s *segment[P]) drop() {
	if s.free != nil {
		s.free()
	}
	s.got, s.by, s.free = nil, nil, nil
}

// clear forgets all ranges.
func (s *segments[P]) clear() {
	for _, seg := range s.all {
		seg.drop()
	}
	s.all, s.retry = nil, time.Time{}
}

// high returns the number of the highest header.
func (s *segment[P]) high() uint64 { return s.low + s.count - 1 }

// query returns what to ask a peer for.
func (s *segment[P]) query(p *peer[P]) query {
	q := query{origin: wire.AtNumber(s.low), amount: s.count}
	if s.reverse {
		q = query{origin: wire.AtNumber(s.high()), amount: min(s.count, uint64(p.maxHeaders())), reverse: true} //nolint:gosec // positive
		if !s.last.IsZero() {
			q.origin = wire.AtHash(s.last)
		}
	}
	return q
}

// fits reports whether linked headers are this segment's, as far as its ends are known.
func (s *segment[P]) fits(got []header) bool {
	first, last := &got[0], &got[len(got)-1]
	if s.reverse {
		first, last = last, first
	}
	return last.Number == s.high() && (s.last.IsZero() || last.Hash == s.last) && (s.parent.IsZero() || first.Parent == s.parent)
}

// raw returns the headers' bytes.
func (s *segment[P]) raw() [][]byte {
	all := make([][]byte, len(s.got))
	for i := range s.got {
		all[i] = s.got[i].raw
	}
	return all
}

// miss notes that a peer did not give the segment.
func (s *segment[P]) miss(p *peer[P]) {
	if !slices.Contains(s.missed, p) {
		s.missed = append(s.missed, p)
	}
}

// A segments asks peers for ranges of headers and gives them on in order: only the first one is imported.
type segments[P comparable] struct {
	all   []*segment[P]
	retry time.Time // when ranges that no peer gave are asked for again; zero: none waits
}

// retryAfter is how long it waits before peers that lacked something are asked for it again.
const retryAfter = 3 * time.Second

// next asks idle peers for the ranges that are missing, the first one first.
func (m *machine[P]) askSegments(now time.Time, s *segments[P]) {
	if !s.retry.IsZero() && !now.Before(s.retry) {
		s.retry = time.Time{}
		for _, seg := range s.all {
			seg.missed = nil
		}
	}
	idle := m.peers.idle(now, headers)
	for _, seg := range s.all {
		if seg.got != nil || seg.asked != nil {
			continue
		}
		at := slices.IndexFunc(idle, func(p *peer[P]) bool { return !slices.Contains(seg.missed, p) })
		if at >= 0 {
			p := idle[at]
			idle = slices.Delete(idle, at, at+1)
			m.askSegment(now, s, seg, p)
			continue
		}
		all := func(p *peer[P]) bool { return slices.Contains(seg.missed, p) || !p.usable(now) }
		if s.retry.IsZero() && !slices.ContainsFunc(m.peers.all, func(p *peer[P]) bool { return !all(p) }) {
			s.retry = now.Add(retryAfter)
		}
	}
}

func (m *machine[P]) askSegment(now time.Time, s *segments[P], seg *segment[P], p *peer[P]) {
	seg.asked = p
	mine := func() bool { return seg.asked == p && slices.Contains(s.all, seg) }
	m.askHeaders(now, p, seg.query(p), func(_ time.Time, got []header, err error) {
		if !mine() {
			return
		}
		seg.asked = nil
		if err != nil {
			if isTimeout(err) { // a range of headers counts as one item
				m.drop(p, useless, "it did not give headers in time")
			}
			return
		}
		m.onSegment(s, seg, p, got)
	})
}

// onSegment takes a reply. A short one is taken if the range goes downwards, and the rest is asked for again.
func (m *machine[P]) onSegment(s *segments[P], seg *segment[P], p *peer[P], got []header) {
	n := uint64(len(got))
	if n == 0 || !seg.reverse && n < seg.count {
		seg.miss(p)
		return
	}
	if seg.reverse && n < seg.count {
		rest := &segment[P]{low: seg.low, count: seg.count - n, reverse: true, parent: seg.parent}
		at := slices.Index(s.all, seg)
		s.all = slices.Insert(s.all, at+1, rest)
		seg.low, seg.count, seg.parent = seg.low+rest.count, n, types.Hash{}
	}
	if !seg.fits(got) {
		m.stray(seg, p)
		return
	}
	seg.got, seg.by = got, p
	seg.free = m.charge(p, got)
}

// stray notes that a peer gave headers that are linked, but are not those of the chain that is wanted. Beside a master's skeleton that
// says nothing against the peer: it may be the master that lies.
func (m *machine[P]) stray(seg *segment[P], p *peer[P]) {
	if seg.miss(p); !seg.reverse {
		return
	}
	if p.strays++; p.strays >= maxStrays && !p.gone {
		m.drop(p, useless, "its headers are those of another chain than the one that is wanted")
	}
}

// first returns the first segment once its headers are here and not being imported.
func (s *segments[P]) first() *segment[P] {
	if len(s.all) > 0 && s.all[0].got != nil && !s.all[0].importing {
		return s.all[0]
	}
	return nil
}

// leave frees what a peer was asked for.
func (s *segments[P]) leave(p *peer[P]) {
	for _, seg := range s.all {
		if seg.asked == p {
			seg.asked = nil
		}
	}
}
