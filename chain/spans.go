// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"errors"
	"slices"

	"github.com/ethpeer/ethpeer/rlp"
)

// A span is the numbers from lo to hi, both included.
type span struct{ lo, hi uint64 }

func (x span) has(n uint64) bool { return x.lo <= n && n <= x.hi }

// spans is a set of numbers: ascending spans that neither overlap nor touch. Methods that change it make a new
// slice, so that a snapshot of it stays.
type spans []span

// find returns the first span that does not end below n, and whether n is in it.
func (s spans) find(n uint64) (int, bool) {
	i, _ := slices.BinarySearchFunc(s, n, func(x span, n uint64) int {
		if x.hi < n {
			return -1
		}
		return 1
	})
	return i, i < len(s) && s[i].lo <= n
}

func (s spans) has(n uint64) bool {
	_, in := s.find(n)
	return in
}

// of returns the span that n is in.
func (s spans) of(n uint64) (span, bool) {
	i, in := s.find(n)
	if !in {
		return span{}, false
	}
	return s[i], true
}

// top returns the highest span.
func (s spans) top() (span, bool) {
	if len(s) == 0 {
		return span{}, false
	}
	return s[len(s)-1], true
}

// with returns the set with the numbers from lo to hi.
func (s spans) with(lo, hi uint64) spans {
	next := make(spans, 0, len(s)+1)
	for i, x := range s {
		switch {
		case x.hi < lo && lo-x.hi > 1: // below, and not touching
			next = append(next, x)
		case hi < x.lo && x.lo-hi > 1: // above
			return append(append(next, span{lo, hi}), s[i:]...)
		default:
			lo, hi = min(lo, x.lo), max(hi, x.hi)
		}
	}
	return append(next, span{lo, hi})
}

// without returns the set without the numbers from lo to hi.
func (s spans) without(lo, hi uint64) spans {
	next := make(spans, 0, len(s)+1)
	for _, x := range s {
		if x.hi < lo || hi < x.lo {
			next = append(next, x)
			continue
		}
		if x.lo < lo {
			next = append(next, span{x.lo, lo - 1})
		}
		if x.hi > hi {
			next = append(next, span{hi + 1, x.hi})
		}
	}
	return next
}

// cut returns the set's part from lo to hi.
func (s spans) cut(lo, hi uint64) (part spans) {
	for _, x := range s {
		if x.hi >= lo && x.lo <= hi {
			part = append(part, span{max(x.lo, lo), min(x.hi, hi)})
		}
	}
	return part
}

// union returns the numbers of both sets.
func (s spans) union(other spans) spans {
	for _, x := range other {
		s = s.with(x.lo, x.hi)
	}
	return s
}

func (s spans) append(dst []byte) []byte {
	dst, list := rlp.OpenList(dst)
	for _, x := range s {
		dst = rlp.AppendUint64(rlp.AppendUint64(dst, x.lo), x.hi)
	}
	return rlp.CloseList(dst, list)
}

var errSpans = errors.New("spans are not ascending")

func readSpans(c *rlp.Cursor, name string) (s spans) {
	c.List(name)
	for c.More() {
		x := span{c.Uint64("lo"), c.Uint64("hi")}
		if last, ok := s.top(); x.lo > x.hi || ok && (x.lo <= last.hi || x.lo-last.hi == 1) {
			c.Fail(name, errSpans)
		}
		s = append(s, x)
	}
	c.End()
	return s
}
