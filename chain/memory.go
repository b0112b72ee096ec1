// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"bytes"
	"strings"
	"sync"
)

// Memory is a [Store] in memory. Over another store, which takes no more writes, it keeps what is written since.
// It is a leaf behind one mutex, which is held while pointers are set and never over I/O.
type Memory struct {
	under Store // nil: none

	mu     sync.RWMutex      // guards what follows
	values map[Key][]byte    // nil: deleted, where there is a store under this one
	meta   map[string][]byte // the same
}

// NewMemory returns an empty store. What is in it ends with the process.
func NewMemory() *Memory { return newOver(nil) }

// newOver returns a store that reads what it does not have from another.
func newOver(under Store) *Memory {
	return &Memory{under: under, values: make(map[Key][]byte), meta: make(map[string][]byte)}
}

// Get implements [Store].
func (m *Memory) Get(k Key) []byte {
	m.mu.RLock()
	v, ok := m.values[k]
	m.mu.RUnlock()
	if !ok && m.under != nil {
		return m.under.Get(k)
	}
	return v
}

// Meta implements [Store].
func (m *Memory) Meta(name string) []byte {
	m.mu.RLock()
	v, ok := m.meta[name]
	m.mu.RUnlock()
	if !ok && m.under != nil {
		return m.under.Meta(name)
	}
	return v
}

// Names implements [Store].
func (m *Memory) Names(prefix string) (names []string) {
	if m.under != nil {
		for _, name := range m.under.Names(prefix) {
			if m.Meta(name) != nil {
				names = append(names, name)
			}
		}
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	for name, v := range m.meta {
		if v != nil && strings.HasPrefix(name, prefix) && (m.under == nil || m.under.Meta(name) == nil) {
			names = append(names, name)
		}
	}
	return names
}

// Apply implements [Store]. It returns nil.
func (m *Memory) Apply(b *Batch) error {
	copies, hides := make([][]byte, len(b.Ops)), make([]bool, len(b.Ops))
	for i := range b.Ops {
		copies[i] = bytes.Clone(b.Ops[i].Value)
		hides[i] = copies[i] == nil && m.hides(&b.Ops[i])
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, op := range b.Ops {
		switch {
		case op.Meta != "":
			set(m.meta, op.Meta, copies[i], hides[i])
		default:
			set(m.values, op.Key, copies[i], hides[i])
		}
	}
	return nil
}

// hides reports whether the store below has what the op deletes.
func (m *Memory) hides(op *Op) bool {
	switch {
	case m.under == nil:
		return false
	case op.Meta != "":
		return m.under.Meta(op.Meta) != nil
	}
	return m.under.Get(op.Key) != nil
}

// set puts a value, or deletes it; a deletion that hides what is below stays.
func set[K comparable](values map[K][]byte, k K, v []byte, hides bool) {
	if v == nil && !hides {
		delete(values, k)
		return
	}
	values[k] = v
}

// Close implements [Store].
func (m *Memory) Close() error {
	if m.under != nil {
		return m.under.Close()
	}
	return nil
}
