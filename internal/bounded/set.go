// SPDX-License-Identifier: Apache-2.0

package bounded

import "iter"

// A Set holds at most a given number of keys.
type Set[K comparable] struct{ m *Map[K, struct{}] }

// NewSet returns an empty set that holds at most limit keys, which must be between 1 and
// 2^31-1.
func NewSet[K comparable](limit int, overflow Overflow) Set[K] {
	return Set[K]{NewMap[K, struct{}](limit, overflow)}
}

// Add puts key into the set and reports whether it was new there. A key that a full set
// refuses is not new.
func (s Set[K]) Add(key K) bool {
	if _, held := s.m.Get(key); held {
		return false
	}
	return s.m.Put(key, struct{}{})
}

// Has reports whether key is held. It does not count as a use.
func (s Set[K]) Has(key K) bool { return s.m.Has(key) }

// Delete forgets key and reports whether it was held. It is not a drop.
func (s Set[K]) Delete(key K) bool { return s.m.Delete(key) }

// Len returns how many keys are held.
func (s Set[K]) Len() int { return s.m.Len() }

// All yields the keys, the first to be dropped first. The set must not change meanwhile.
func (s Set[K]) All() iter.Seq[K] {
	return func(yield func(K) bool) {
		for k := range s.m.All() {
			if !yield(k) {
				return
			}
		}
	}
}

// TakeDropped returns how many keys were dropped or refused since the last call.
func (s Set[K]) TakeDropped() uint64 { return s.m.TakeDropped() }
