// SPDX-License-Identifier: Apache-2.0

package chain

// pruneMost is how many numbers' values one batch deletes at least; a larger batch deletes twice as many as it writes.
const pruneMost = 1024

// prune deletes what is older than the history keeps, and what is no longer canonical, some of it in each batch.
func (t *tx) prune() {
	s, c := &t.c.state, t.c
	if low := floor(s.head.Number, c.keep.headers); low > 1 {
		if part := s.runs.cut(1, low-1); len(part) > 0 {
			s.gone = s.gone.union(part)
			t.uncount(1, low-1)
		}
	}
	if low := floor(s.head.Number, c.keep.bodies); low > 1 {
		if part := s.held.cut(1, low-1); len(part) > 0 {
			s.bare = s.bare.union(part)
			s.held, s.full = s.held.without(1, low-1), s.full.without(1, low-1)
		}
	}
	most := max(pruneMost, 2*len(t.b.Ops))
	s.gone = t.each(s.gone, &most, func(n uint64) {
		k := Key{Kind: KindCanonical, Number: n}
		if h := hashOf(t.get(k)); !h.IsZero() {
			t.delete(k)
			if c.side.blocks[h] == nil {
				t.forget(h)
			}
		}
	})
	s.bare = t.each(s.bare, &most, func(n uint64) {
		if h := hashOf(t.get(Key{Kind: KindCanonical, Number: n})); !h.IsZero() {
			t.strip(h)
		}
	})
	c.side.dropBelow(t, c.deepest())
	if c.clique != nil {
		c.clique.prune(t, c.deepest())
	}
}

// each calls f for the lowest numbers of a set, and returns the set without them.
func (t *tx) each(s spans, most *int, f func(n uint64)) spans {
	for *most > 0 && len(s) > 0 {
		n := s[0].lo
		f(n)
		s = s.without(n, n)
		*most--
	}
	return s
}

// deepest returns the highest number up to which there are no side blocks: no head can be moved to one.
func (c *Chain) deepest() uint64 {
	low := floor(c.state.head.Number, min(c.keep.headers, MaxSide))
	return max(low, 1) - 1
}
