// SPDX-License-Identifier: Apache-2.0

package bounded

import "iter"

// Overflow is what a full collection does with one key more.
type Overflow uint8

// The policies.
const (
	DropOldest      Overflow = iota // the key that was put first makes room
	DropLeastRecent                 // the key that was longest neither put nor looked up makes room
	DropNew                         // the new key is refused
)

// String names the policy.
func (o Overflow) String() string {
	switch o {
	case DropOldest:
		return "drop oldest"
	case DropLeastRecent:
		return "drop least recent"
	case DropNew:
		return "drop new"
	}
	return "unknown overflow policy"
}

// A Map holds at most a given number of keys, each with a value.
//
// The entries are linked in the order in which they would be dropped: slots[0] is the
// ring's anchor, its next is the first to go, its prev the last.
type Map[K comparable, V any] struct {
	limit    int
	overflow Overflow
	index    map[K]uint32
	slots    []slot[K, V]
	free     uint32 // first unused slot, linked by next; 0 = none
	dropped  uint64
}

type slot[K comparable, V any] struct {
	key        K
	value      V
	prev, next uint32
}

// NewMap returns an empty map that holds at most limit keys, which must be between 1 and
// 2^31-1.
func NewMap[K comparable, V any](limit int, overflow Overflow) *Map[K, V] {
	if limit < 1 || limit > 1<<31-1 {
		panic("bounded: limit out of range")
	}
	return &Map[K, V]{
		limit:    limit,
		overflow: overflow,
		index:    make(map[K]uint32),
		slots:    make([]slot[K, V], 1),
	}
}

// Len returns how many keys are held.
func (m *Map[K, V]) Len() int { return len(m.index) }

// Has reports whether key is held. It does not count as a use.
func (m *Map[K, V]) Has(key K) bool {
	_, ok := m.index[key]
	return ok
}

// Get returns the value of key. Under DropLeastRecent the key becomes the last to go.
func (m *Map[K, V]) Get(key K) (V, bool) {
	i, ok := m.index[key]
	if !ok {
		var none V
		return none, false
	}
	if m.overflow == DropLeastRecent {
		m.touch(i)
	}
	return m.slots[i].value, true
}

// Put sets the value of key and reports whether the map now holds it. Setting the value
// of a key that is held drops nothing and, except under DropLeastRecent, leaves the
// key's age.
func (m *Map[K, V]) Put(key K, value V) bool {
	if i, ok := m.index[key]; ok {
		m.slots[i].value = value
		if m.overflow == DropLeastRecent {
			m.touch(i)
		}
		return true
	}
	if len(m.index) >= m.limit {
		m.dropped++
		if m.overflow == DropNew {
			return false
		}
		m.remove(m.slots[0].next)
	}
	i := m.take()
	m.slots[i].key, m.slots[i].value = key, value
	m.index[key] = i
	m.linkLast(i)
	return true
}

// Delete forgets key and reports whether it was held. It is not a drop.
func (m *Map[K, V]) Delete(key K) bool {
	i, ok := m.index[key]
	if ok {
		m.remove(i)
	}
	return ok
}

// All yields what is held, the first to be dropped first. The map must not change
// meanwhile.
func (m *Map[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for i := m.slots[0].next; i != 0; i = m.slots[i].next {
			if !yield(m.slots[i].key, m.slots[i].value) {
				return
			}
		}
	}
}

// TakeDropped returns how many keys were dropped or refused since the last call.
func (m *Map[K, V]) TakeDropped() uint64 {
	n := m.dropped
	m.dropped = 0
	return n
}

func (m *Map[K, V]) take() uint32 {
	if i := m.free; i != 0 {
		m.free = m.slots[i].next
		return i
	}
	m.slots = append(m.slots, slot[K, V]{})
	return uint32(len(m.slots) - 1)
}

func (m *Map[K, V]) remove(i uint32) {
	delete(m.index, m.slots[i].key)
	m.unlink(i)
	m.slots[i] = slot[K, V]{next: m.free}
	m.free = i
}

func (m *Map[K, V]) touch(i uint32) {
	m.unlink(i)
	m.linkLast(i)
}

func (m *Map[K, V]) unlink(i uint32) {
	s := &m.slots[i]
	m.slots[s.prev].next = s.next
	m.slots[s.next].prev = s.prev
}

func (m *Map[K, V]) linkLast(i uint32) {
	last := m.slots[0].prev
	m.slots[i].prev, m.slots[i].next = last, 0
	m.slots[last].next = i
	m.slots[0].prev = i
}
