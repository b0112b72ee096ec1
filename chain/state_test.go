// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/ethpeer/ethpeer/types"
)

// FuzzState: what can be read is what is written; nothing else is accepted.
func FuzzState(f *testing.F) {
	s := state{
		head: Head{Ref: Ref{9, types.Hash{9}}, HasTD: true}, final: Ref{3, types.Hash{3}}, led: true,
		runs: spans{{0, 0}, {2, 9}}, held: spans{{4, 9}}, full: spans{{5, 6}, {8, 9}}, gone: spans{{1, 1}}, bare: spans{{2, 3}},
	}
	s.head.TD.SetUint64(77)
	f.Add(s.encode())
	f.Add((&state{}).encode())
	f.Add((&marker{"mainnet", types.Hash{1}}).encode())
	f.Fuzz(func(t *testing.T, in []byte) {
		if s, err := readState(in); err == nil && !bytes.Equal(s.encode(), in) {
			t.Errorf("%x became %x", in, s.encode())
		}
		if m, err := readMarker(in); err == nil && !bytes.Equal(m.encode(), in) {
			t.Errorf("%x became %x", in, m.encode())
		}
	})
}

// TestStateIsCut: a state that lacks bytes is an error, at every length.
func TestStateIsCut(t *testing.T) {
	s := state{head: Head{Ref: Ref{9, types.Hash{9}}}, runs: spans{{0, 9}}}
	whole := s.encode()
	for n := range whole {
		if _, err := readState(whole[:n]); err == nil {
			t.Errorf("%d bytes of %d are a state", n, len(whole))
		}
	}
	for _, bad := range []spans{{{3, 2}}, {{0, 1}, {2, 3}}, {{5, 6}, {0, 1}}, {{0, 5}, {5, 6}}} {
		if _, err := readState((&state{runs: bad}).encode()); err == nil {
			t.Errorf("%v are runs", bad)
		}
	}
}

// TestSpansAgainstModel: a set of spans is a set of numbers.
func TestSpansAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const limit = 40
		base := rapid.SampledFrom([]uint64{0, all - limit + 1}).Draw(t, "base")
		var s spans
		want := make([]bool, limit)
		t.Repeat(map[string]func(*rapid.T){
			"change": func(t *rapid.T) {
				lo := rapid.IntRange(0, limit-1).Draw(t, "lo")
				hi := rapid.IntRange(lo, limit-1).Draw(t, "hi")
				add, before := rapid.Bool().Draw(t, "add"), slices.Clone(s)
				next := s.without(base+uint64(lo), base+uint64(hi)) //nolint:gosec // small
				if add {
					next = s.with(base+uint64(lo), base+uint64(hi)) //nolint:gosec // small
				}
				if !slices.Equal(s, before) {
					t.Fatalf("%v became %v", before, s)
				}
				s = next
				for i := lo; i <= hi; i++ {
					want[i] = add
				}
			},
			"": func(t *rapid.T) {
				for i, in := range want {
					n := base + uint64(i) //nolint:gosec // small
					x, ok := s.of(n)
					if s.has(n) != in || ok != in || in && !x.has(n) || len(s.cut(n, n)) == 1 != in {
						t.Fatalf("%d is in %v: %t", n, s, !in)
					}
				}
				for i := 1; i < len(s); i++ {
					if s[i].lo < s[i-1].hi+2 || s[i].lo > s[i].hi {
						t.Fatalf("spans %v", s)
					}
				}
			},
		})
	})
}
