// SPDX-License-Identifier: Apache-2.0

package beacon

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/event"
)

// Run follows the chain until ctx ends, and calls believe for each new head, on its own goroutine. It may be called once. An error
// other than ctx's is one that only the operator can mend: a checkpoint that is too old (*TooOldError), a stored state that does
// not fit (ErrNoCheckpoint).
func (f *Follower) Run(ctx context.Context, believe func(head.Believed)) error {
	var readers sync.WaitGroup
	defer readers.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &stream{client: f.client, letters: make(chan letter, maxEvents), of: -1}
	defer s.stop()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for ctx.Err() == nil {
		now := f.now()
		todo := f.machine.next(now)
		f.emit(now, believe)
		if f.machine.fatal != nil {
			return f.machine.fatal
		}
		if todo.stream != s.of {
			s.stop()
			if todo.stream >= 0 {
				s.start(ctx, &readers, todo.stream, f.machine.nodes[todo.stream].base)
			}
		}
		if a := todo.ask; a != nil {
			r := fetch(ctx, f.client, f.machine.nodes[a.node].base+a.path, a.limit(), a.timeout())
			if ctx.Err() == nil {
				f.machine.onAnswer(f.now(), a, r)
			}
			continue
		}
		timer.Reset(waitFor(now, todo.wait))
		select {
		case <-ctx.Done():
		case <-timer.C:
		case l := <-s.letters:
			f.receive(s, l)
		}
	}
	return context.Cause(ctx)
}

// waitFor returns how long to wait; clocks that jump are noticed within a minute.
func waitFor(now, until time.Time) time.Duration {
	if until.IsZero() {
		return time.Minute
	}
	return max(0, min(until.Sub(now), time.Minute))
}

// receive hands what came by the stream to the machine.
func (f *Follower) receive(s *stream, l letter) {
	if l.number != s.number || s.of < 0 {
		return // of a stream that was left
	}
	now := f.now()
	switch {
	case l.opened:
		f.machine.onStream(now, s.of)
	case l.end:
		at := s.of
		s.stop()
		f.machine.onStreamEnd(now, at, l.refused)
	default:
		f.machine.onEvent(now, s.of, l.data)
	}
	if n := s.dropped.Swap(0); n > 0 {
		f.machine.cfg.Record.Record(event.Loss{At: event.At{Time: now}, Where: "beacon.events", Count: n})
	}
}

// emit does what the machine decided.
func (f *Follower) emit(now time.Time, believe func(head.Believed)) {
	m := f.machine
	if b := m.tell; b != nil {
		m.tell = nil
		believe(*b)
	}
	if state := m.save; state != nil {
		m.save = nil
		if m.cfg.Store != nil {
			if err := m.cfg.Store.Save(state); err != nil {
				m.trouble(now, fmt.Sprintf("the light client's state cannot be kept, so that a restart may need a new checkpoint: %v", err), false)
			}
		}
	}
	f.status.Store(m.status(now))
}

// status returns a snapshot.
func (m *machine) status(now time.Time) *Status {
	s := &Status{Network: m.cfg.Network.Name, Node: m.nodes[m.at].name, Stale: m.stale, Bad: m.badAnswers}
	for i := range m.nodes {
		if m.nodes[i].dropped {
			s.Dropped++
		}
	}
	if m.network != nil {
		s.Network = m.network.Name
	}
	if m.client != nil {
		s.Head, s.Finalized, s.Period = m.client.Head(), m.client.Finalized(), m.client.Wants()
		s.Behind = max(m.network.SlotAt(now), s.Head.Slot) - s.Head.Slot
	}
	return s
}
