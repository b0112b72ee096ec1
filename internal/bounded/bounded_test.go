// SPDX-License-Identifier: Apache-2.0

package bounded

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestOverflow(t *testing.T) {
	tests := []struct {
		overflow Overflow
		want     []int // held after putting 1, 2, 3, looking up 1, putting 1 again and then 4
	}{
		{DropOldest, []int{2, 3, 4}},
		{DropLeastRecent, []int{3, 1, 4}},
		{DropNew, []int{1, 2, 3}},
	}
	for _, test := range tests {
		t.Run(test.overflow.String(), func(t *testing.T) {
			s := NewSet[int](3, test.overflow)
			for _, k := range []int{1, 2, 3} {
				if !s.Add(k) {
					t.Fatalf("Add(%d) says that it was there", k)
				}
			}
			if !s.Has(1) || s.Add(1) {
				t.Fatal("1 is not held")
			}
			if got, want := s.Add(4), test.overflow != DropNew; got != want {
				t.Fatalf("Add(4) = %t, want %t", got, want)
			}
			if got := slices.Collect(s.All()); !slices.Equal(got, test.want) {
				t.Errorf("holds %v, want %v", got, test.want)
			}
			if got := s.TakeDropped(); got != 1 {
				t.Errorf("dropped %d, want 1", got)
			}
			if got := s.TakeDropped(); got != 0 {
				t.Errorf("dropped %d after the count was taken", got)
			}
		})
	}
}

// model is the same collection, written the slow and obvious way.
type model struct {
	limit    int
	overflow Overflow
	keys     []int // first to go first
	values   map[int]int
	dropped  uint64
}

func (m *model) touch(k int) {
	if m.overflow == DropLeastRecent {
		m.drop(k)
		m.keys = append(m.keys, k)
	}
}

func (m *model) drop(k int) {
	m.keys = slices.DeleteFunc(m.keys, func(o int) bool { return o == k })
}

func (m *model) put(k, v int) bool {
	switch {
	case slices.Contains(m.keys, k):
		m.touch(k)
	case len(m.keys) < m.limit:
		m.keys = append(m.keys, k)
	case m.overflow == DropNew:
		m.dropped++
		return false
	default:
		m.dropped++
		m.keys = append(m.keys[1:], k)
	}
	m.values[k] = v
	return true
}

func TestMapAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 6).Draw(t, "limit")
		overflow := Overflow(rapid.IntRange(0, 2).Draw(t, "overflow"))
		m := NewMap[int, int](limit, overflow)
		want := &model{limit: limit, overflow: overflow, values: map[int]int{}}
		key := rapid.IntRange(0, 9)
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				k, v := key.Draw(t, "key"), rapid.Int().Draw(t, "value")
				if got, want := m.Put(k, v), want.put(k, v); got != want {
					t.Fatalf("Put(%d) = %t, want %t", k, got, want)
				}
			},
			"get": func(t *rapid.T) {
				k := key.Draw(t, "key")
				v, ok := m.Get(k)
				if ok != slices.Contains(want.keys, k) || (ok && v != want.values[k]) {
					t.Fatalf("Get(%d) = %d, %t, held are %v", k, v, ok, want.keys)
				}
				if ok {
					want.touch(k)
				}
			},
			"delete": func(t *rapid.T) {
				k := key.Draw(t, "key")
				if got, want := m.Delete(k), slices.Contains(want.keys, k); got != want {
					t.Fatalf("Delete(%d) = %t, want %t", k, got, want)
				}
				want.drop(k)
			},
			"": func(t *rapid.T) {
				var got []int
				for k, v := range m.All() {
					if v != want.values[k] {
						t.Fatalf("value of %d is %d, want %d", k, v, want.values[k])
					}
					got = append(got, k)
				}
				if !slices.Equal(got, want.keys) || m.Len() != len(want.keys) {
					t.Fatalf("holds %v, want %v", got, want.keys)
				}
				if len(m.slots) > limit+1 {
					t.Fatalf("%d slots for a limit of %d", len(m.slots)-1, limit)
				}
				if d := m.TakeDropped(); d != want.dropped {
					t.Fatalf("dropped %d, want %d", d, want.dropped)
				}
				want.dropped = 0
			},
		})
	})
}

func TestLimitMustBePositive(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a limit of 0 was accepted")
		}
	}()
	NewSet[int](0, DropOldest)
}

func TestNoAllocations(t *testing.T) {
	s := NewSet[[32]byte](64, DropOldest)
	var next uint16
	add := func() {
		next++
		s.Add([32]byte{byte(next), byte(next >> 8)})
	}
	for range 1000 {
		add()
	}
	if n := testing.AllocsPerRun(100, func() { s.Has([32]byte{1}); s.Has([32]byte{}) }); n != 0 {
		t.Errorf("a lookup allocates %v times", n)
	}
	if n := testing.AllocsPerRun(1000, add); n != 0 {
		t.Errorf("adding to a full set allocates %v times", n)
	}
}
