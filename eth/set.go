// SPDX-License-Identifier: Apache-2.0

package eth

import (
	"slices"
	"sync"
	"sync/atomic"
)

// A Set holds the sessions that are up. Readers take a snapshot and never wait; a change
// copies. The zero Set is empty.
type Set struct {
	mu       sync.Mutex // serialises changes
	sessions atomic.Pointer[[]*Session]
}

// All returns a snapshot, in the order in which the sessions came up. It must not be
// changed.
func (s *Set) All() []*Session {
	if all := s.sessions.Load(); all != nil {
		return *all
	}
	return nil
}

func (s *Set) add(one *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := append(slices.Clone(s.All()), one)
	s.sessions.Store(&all)
}

func (s *Set) remove(one *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := slices.DeleteFunc(slices.Clone(s.All()), func(x *Session) bool { return x == one })
	s.sessions.Store(&all)
}
