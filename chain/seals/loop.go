// SPDX-License-Identifier: Apache-2.0

package seals

import (
	"errors"

	"github.com/ethpeer/ethpeer/chain/rules/ethash"
)

var errClosed = errors.New("proofs of work are no longer checked")

// get returns the cache of an epoch, which may be in the making. If all caches are, it waits for one, or returns nil.
func (s *Seals) get(e ethash.Epoch, wait bool) (*cache, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		if s.closed {
			return nil, errClosed
		}
		s.uses++
		if c := s.caches[e]; c != nil {
			c.used = s.uses
			return c, nil
		}
		if len(s.caches) < Caches || s.evict() {
			break
		}
		if !wait {
			return nil, nil
		}
		s.room.Wait()
	}
	c := &cache{made: make(chan struct{}), used: s.uses}
	s.caches[e] = c
	s.makings.Add(1)
	go s.run(e, c)
	return c, nil
}

// evict forgets the cache that was not used for longest, of those that are made.
func (s *Seals) evict() bool {
	var oldest ethash.Epoch
	found := false
	for e, c := range s.caches {
		select {
		case <-c.made:
			if !found || c.used < s.caches[oldest].used {
				oldest, found = e, true
			}
		default:
		}
	}
	delete(s.caches, oldest)
	return found
}

// run makes a cache, when no other is being made.
func (s *Seals) run(e ethash.Epoch, c *cache) {
	defer s.makings.Done()
	s.turn <- struct{}{}
	s.mu.Lock()
	closed := s.closed
	s.mu.Unlock()
	if closed {
		c.err = errClosed
	} else {
		c.cache, c.err = s.make(e)
	}
	<-s.turn
	s.mu.Lock()
	if c.err != nil {
		delete(s.caches, e)
	}
	close(c.made)
	s.room.Broadcast()
	s.mu.Unlock()
}

// Close lets all waiting checks fail, and waits for the cache that is being made.
func (s *Seals) Close() {
	s.mu.Lock()
	s.closed = true
	s.room.Broadcast()
	s.mu.Unlock()
	s.makings.Wait()
}
