// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"context"
	"slices"
	"sync"
)

// A Change is how the canonical chain went on. Removed and then Added are applied to what it was before.
type Change struct {
	Removed []Ref // descending
	Added   []Ref // ascending from where Removed ended; below the head's run, descending, as [Chain.InsertBack] takes them
	Head    Head  // afterwards
	Reset   bool  // more happened than is told: Removed and Added are empty, and only the head is known
}

func (c *Change) any() bool { return c.Reset || len(c.Added)+len(c.Removed) > 0 }

func (c *Change) add(r Ref) { c.Added = append(c.Added, r) }

func (c *Change) remove(r Ref) { c.Removed = append(c.Removed, r) }

// maxChange bounds the blocks that a cursor keeps for its reader. A slower one gets a Reset.
const maxChange = 4096

// cursors are all that follow the chain.
type cursors struct {
	mu  sync.Mutex // guards all
	all []*Cursor
}

func (s *cursors) tell(change Change) {
	if change.Reset {
		change.Added, change.Removed = nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.all {
		c.put(change)
	}
}

// A Cursor hears of each change of the canonical chain, from where it was made on. One goroutine reads it.
type Cursor struct {
	of    *cursors
	ready chan struct{} // holds one token while something waits, or after Close

	mu      sync.Mutex // guards what follows
	waiting []Change
	blocks  int // of waiting
	closed  bool
}

// Follow returns a cursor that hears of the changes from now on. Close ends it.
func (c *Chain) Follow() *Cursor {
	cur := &Cursor{of: &c.cursors, ready: make(chan struct{}, 1)}
	c.cursors.mu.Lock()
	defer c.cursors.mu.Unlock()
	c.cursors.all = append(c.cursors.all, cur)
	return cur
}

func (c *Cursor) put(change Change) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = append(c.waiting, change)
	c.blocks += 1 + len(change.Added) + len(change.Removed)
	if c.blocks > maxChange || change.Reset {
		c.waiting, c.blocks = append(c.waiting[:0:0], Change{Head: change.Head, Reset: true}), 1
	}
	c.wake()
}

func (c *Cursor) wake() {
	select {
	case c.ready <- struct{}{}:
	default:
	}
}

// C returns a channel that can be received from while a change waits, and after Close. Take all of them then.
func (c *Cursor) C() <-chan struct{} { return c.ready }

// Take returns the next change, and false if none waits. Its slices are shared with other readers.
func (c *Cursor) Take() (Change, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.waiting) == 0 {
		return Change{}, false
	}
	next := c.waiting[0]
	c.waiting = c.waiting[1:]
	c.blocks -= 1 + len(next.Added) + len(next.Removed)
	if len(c.waiting) > 0 || c.closed {
		c.wake()
	}
	return next, true
}

// Wait returns the next change. It returns the context's cause when that is done, and context.Canceled after Close.
func (c *Cursor) Wait(ctx context.Context) (Change, error) {
	for {
		if next, ok := c.Take(); ok {
			return next, nil
		}
		c.mu.Lock()
		closed := c.closed
		c.mu.Unlock()
		if closed {
			return Change{}, context.Canceled
		}
		select {
		case <-c.ready:
		case <-ctx.Done():
			return Change{}, context.Cause(ctx)
		}
	}
}

// Close ends the cursor.
func (c *Cursor) Close() {
	c.of.mu.Lock()
	c.of.all = slices.DeleteFunc(slices.Clone(c.of.all), func(o *Cursor) bool { return o == c })
	c.of.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.wake()
}
