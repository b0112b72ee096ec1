// SPDX-License-Identifier: Apache-2.0

// in: time, what became of requests · out: what to ask · owner: the caller's loop

package fetch

import (
	"errors"
	"slices"
	"time"
)

// Faults of a reply. The peer that sent it broke a rule
// (https://github.com/ethereum/devp2p/blob/master/caps/eth.md#pooledtransactions-0x0a).
var (
	ErrUnasked = errors.New("the reply holds something that was not asked for")
	ErrTwice   = errors.New("the reply holds something twice")
)

// An Ask is a request to send, such as GetPooledTransactions
// (devp2p/caps/eth.md#getpooledtransactions-0x09). The receiver owns Keys.
type Ask[K, P comparable] struct {
	Peer P
	Keys []K
}

// Next returns the requests to send now, and when to call it again even if nothing else happens; the
// zero time means that nothing waits (devp2p/caps/eth.md#transaction-exchange).
func (t *Table[K, P, N]) Next(now time.Time) (asks []Ask[K, P], deadline time.Time) {
	t.expire(now)
	t.endWaits(now)
	for i := len(t.cooling) - 1; i >= 0; i-- {
		if s := t.cooling[i]; !now.Before(s.coolUntil) {
			t.endCooldown(s)
		}
	}
	return t.schedule(), t.deadline()
}

// expire forgets keys whose first offer is older than Rules.Forget.
func (t *Table[K, P, N]) expire(now time.Time) {
	if t.rules.Forget == 0 {
		return
	}
	for first := t.ages.head; first != nil && !now.Before(first.key.since.Add(t.rules.Forget)); first = t.ages.head {
		t.forget(first.key)
	}
}

// endWaits queues the keys whose wait has ended, and those whose wait ends within Rules.Gather.
func (t *Table[K, P, N]) endWaits(now time.Time) {
	first := t.waiting.head
	if first == nil || now.Before(first.key.since.Add(t.rules.Wait)) {
		return
	}
	for l := first; l != nil && !now.Before(l.key.since.Add(t.rules.Wait-t.rules.Gather)); l = t.waiting.head {
		t.enqueue(l.key)
	}
}

func (t *Table[K, P, N]) deadline() (at time.Time) {
	sooner := func(due time.Time) {
		if at.IsZero() || due.Before(at) {
			at = due
		}
	}
	if first := t.waiting.head; first != nil {
		sooner(first.key.since.Add(t.rules.Wait))
	}
	if first := t.ages.head; first != nil && t.rules.Forget > 0 {
		sooner(first.key.since.Add(t.rules.Forget))
	}
	for _, s := range t.cooling {
		sooner(s.coolUntil)
	}
	return at
}

// schedule makes a request to every idle peer with queued keys, in a random order.
func (t *Table[K, P, N]) schedule() (asks []Ask[K, P]) {
	if len(t.woken) > 1 {
		t.rules.Shuffle(len(t.woken), func(i, j int) { t.woken[i], t.woken[j] = t.woken[j], t.woken[i] })
	}
	for _, s := range t.woken {
		s.woken = false
		if s.gone || s.request != nil || s.cools() {
			continue
		}
		if s.request = t.pick(s); s.request != nil {
			asks = append(asks, Ask[K, P]{Peer: s.id, Keys: slices.Clone(s.request)})
		}
	}
	clear(t.woken)
	t.woken = t.woken[:0]
	return asks
}

// pick takes queued keys of the peer's offers, oldest offer first.
func (t *Table[K, P, N]) pick(s *peer[K, P, N]) (keys []K) {
	bytes := 0
	for o := s.first; o != nil && len(keys) < t.rules.AskKeys && (t.rules.AskBytes == 0 || bytes < t.rules.AskBytes); o = o.next {
		if e := o.key; e.stage.in == &t.queued {
			e.by = s
			t.asked.push(&e.stage)
			keys = append(keys, e.id)
			bytes += max(0, min(o.size, t.rules.AskBytes))
		}
	}
	return keys
}

// Answered takes a timely reply: got are its keys, in order; the caller has passed each tracked one
// to [Table.Got] before. The peer is idle then. An error says that the reply breaks a rule
// (devp2p/caps/eth.md#pooledtransactions-0x0a); the caller decides what happens to the peer.
func (t *Table[K, P, N]) Answered(p P, got []K) error {
	s := t.peers[p]
	if s == nil || s.request == nil {
		return nil
	}
	request := s.request
	s.request, s.failures = nil, 0
	cutoff, err := t.match(request, got)
	for i, k := range request {
		e := t.keys[k]
		if e == nil || e.by != s {
			continue
		}
		t.enqueue(e)
		if i < cutoff {
			t.retract(e.offerOf(s))
		}
	}
	t.wake(s)
	return err
}

// match compares a reply with its request. The peer does not have the keys that are missing before
// the cutoff (devp2p/caps/eth.md#pooledtransactions-0x0a).
func (t *Table[K, P, N]) match(request, got []K) (cutoff int, err error) {
	if len(got) == 0 {
		return len(request), nil
	}
	clear(t.spot)
	for i, k := range request {
		t.spot[k] = i + 1
	}
	for _, k := range got {
		at, asked := t.spot[k]
		switch {
		case !asked:
			return cutoff, ErrUnasked
		case at == 0:
			return cutoff, ErrTwice
		}
		t.spot[k] = 0
		cutoff = max(cutoff, at-1)
	}
	return cutoff, nil
}

// Failed gives up the peer's request, because it timed out or could not be sent. Its keys are
// requested from other peers only, and the peer starts a cooldown.
func (t *Table[K, P, N]) Failed(now time.Time, p P) {
	s := t.peers[p]
	if s == nil || s.request == nil {
		return
	}
	request := s.request
	s.request = nil
	s.coolUntil = now.Add(min(t.rules.MaxCooldown, t.rules.Cooldown<<min(s.failures, 16)))
	s.failures++
	t.cooling = append(t.cooling, s)
	for _, k := range request {
		if e := t.keys[k]; e != nil && e.by == s {
			t.retract(e.offerOf(s))
		}
	}
}

// Postpone gives up the peer's request, because it could not be sent yet. Its keys are requested
// from other peers, or from this one after the shortest cooldown.
func (t *Table[K, P, N]) Postpone(now time.Time, p P) {
	s := t.peers[p]
	if s == nil || s.request == nil {
		return
	}
	request := s.request
	s.request, s.coolUntil = nil, now.Add(t.rules.Cooldown)
	t.cooling = append(t.cooling, s)
	for _, k := range request {
		if e := t.keys[k]; e != nil && e.by == s {
			t.enqueue(e)
		}
	}
}

// Late ends the cooldown of a peer that answered a failed request. The caller passes the keys of
// the reply to [Table.Got].
func (t *Table[K, P, N]) Late(p P) {
	if s := t.peers[p]; s != nil {
		s.failures = 0
		t.endCooldown(s)
	}
}

// endCooldown lets a peer be asked again.
func (t *Table[K, P, N]) endCooldown(s *peer[K, P, N]) {
	if !s.cools() {
		return
	}
	s.coolUntil = time.Time{}
	i := slices.Index(t.cooling, s)
	last := len(t.cooling) - 1
	t.cooling[i], t.cooling[last] = t.cooling[last], nil
	t.cooling = t.cooling[:last]
	t.wake(s)
}

// wake notes that the peer may have a key to request.
func (t *Table[K, P, N]) wake(s *peer[K, P, N]) {
	if !s.woken {
		s.woken = true
		t.woken = append(t.woken, s)
	}
}

// enqueue makes a key ready to be asked for.
func (t *Table[K, P, N]) enqueue(e *key[K, P, N]) {
	e.by = nil
	t.queued.push(&e.stage)
	for _, o := range e.offers {
		t.wake(o.by)
	}
}
