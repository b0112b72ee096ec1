// SPDX-License-Identifier: Apache-2.0

package pebble

import (
	"fmt"

	"github.com/cockroachdb/pebble/v2"
)

// start starts the goroutine that syncs what Apply has written, so that the writer does not wait for the disk. One sync
// is for all batches since the one before.
func (s *Store) start() {
	s.synced.Add(1)
	go func() {
		defer s.synced.Done()
		for range s.dirty {
			s.sync()
		}
		s.sync()
	}()
}

func (s *Store) sync() {
	defer s.survive()
	if s.dead.Load() != nil {
		return
	}
	if err := s.db.LogData(nil, pebble.Sync); err != nil {
		s.die(fmt.Sprintf("what was written cannot be synced: %v", err))
	}
}
