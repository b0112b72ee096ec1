// SPDX-License-Identifier: Apache-2.0

// in: what sources believe, time · out: the head that counts · goroutine: Run's own, and one for each source

package sources

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ethpeer/ethpeer/chain/head"
)

// Config says which sources there are.
type Config struct {
	Policy  head.Policy
	Sources []Source

	// Changed takes each head that counts, another or the same for another reason. Run's goroutine calls it; it must
	// not block. Nil = nothing is told.
	Changed func(head.Selected)
}

// Sources runs head sources.
type Sources struct {
	cfg     Config
	waiting mailbox
	now     atomic.Pointer[head.Selected]
}

// A mailbox holds the newest head of each source. Its mutex guards a leaf.
type mailbox struct {
	mu    sync.Mutex
	heads map[string]head.Believed // by the source's name
	wake  chan struct{}
}

// New returns Sources that do not run yet: what is posted waits.
func New(cfg Config) *Sources {
	return &Sources{cfg: cfg, waiting: mailbox{heads: map[string]head.Believed{}, wake: make(chan struct{}, 1)}}
}

// Believe posts what a source believes. Any goroutine may call it; it never blocks. b.By must be one of event's HeadBy
// constants.
func (s *Sources) Believe(b head.Believed) {
	m := &s.waiting
	m.mu.Lock()
	m.heads[b.By] = b
	m.mu.Unlock()
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// take returns what waits.
func (m *mailbox) take() (all []head.Believed) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, b := range m.heads {
		all = append(all, b)
	}
	clear(m.heads)
	return all
}

// Head returns the head that counts, and false if there is none yet. Any goroutine may call it.
func (s *Sources) Head() (head.Selected, bool) {
	if h := s.now.Load(); h != nil {
		return *h, true
	}
	return head.Selected{}, false
}

// Run runs all sources until ctx ends, or one of them cannot go on, whose error it returns. It may be called once.
func (s *Sources) Run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	var running sync.WaitGroup
	for _, source := range s.cfg.Sources {
		running.Go(func() {
			if err := source.Run(ctx, s.Believe); err != nil && ctx.Err() == nil {
				stop(err)
			}
		})
	}
	s.loop(ctx)
	cause := context.Cause(ctx)
	stop(nil)
	running.Wait()
	return cause
}

func (s *Sources) loop(ctx context.Context) {
	selector := head.NewSelector(time.Now(), s.cfg.Policy)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		now := time.Now()
		if next := selector.Tick(now); !next.IsZero() {
			timer.Reset(time.Until(next))
		}
		if h, changed := selector.Changed(); changed {
			s.now.Store(&h)
			if s.cfg.Changed != nil {
				s.cfg.Changed(h)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-s.waiting.wake:
			for _, b := range s.waiting.take() {
				if b.At.IsZero() {
					b.At = time.Now()
				}
				selector.Believe(time.Now(), b)
			}
		}
	}
}
