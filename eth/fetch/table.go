// SPDX-License-Identifier: Apache-2.0

// in: offers, arrivals, peers · out: offers of each key · owner: the caller's loop

package fetch

import "time"

// Rules bound a [Table] and say how it asks. Limit, PerPeer and AskKeys must be positive.
type Rules struct {
	Limit   int // keys tracked
	PerPeer int // offers of one peer

	Wait   time.Duration // how long a key waits after its first offer; 0 = not at all
	Gather time.Duration // a key that is due within this time goes along with one that is due
	Forget time.Duration // a key is forgotten this long after its first offer; 0 = never

	AskKeys  int // keys in one request
	AskBytes int // sum of the offered sizes in one request, which the last key may exceed; 0 = no bound

	Cooldown    time.Duration // how long a peer is asked nothing after a failure; doubles with each further one
	MaxCooldown time.Duration // the most that it doubles to

	// Shuffle puts n things into a random order. It must not be nil.
	Shuffle func(n int, swap func(i, j int))
}

// Losses counts what was not tracked because a bound was reached.
type Losses struct {
	PerPeer uint64 // offers beyond Rules.PerPeer
	Table   uint64 // keys for which the full table had to refuse or displace one
}

// A Table tracks announced keys. K is a key, P a peer, N a note. It has one owner.
type Table[K, P comparable, N any] struct {
	Losses Losses // the owner may take counts away

	rules                  Rules
	keys                   map[K]*key[K, P, N]
	waiting, queued, asked list[K, P, N]
	ages                   list[K, P, N] // all keys, in the order of their first offers
	peers                  map[P]*peer[K, P, N]
	joined                 uint64           // number of Joins, to order peers
	woken                  []*peer[K, P, N] // idle perhaps, and perhaps with something to be asked for
	cooling                []*peer[K, P, N] // in a cooldown, in no order
	offers                 []Offered[P, N]  // what Got returned last
	spot                   map[K]int        // scratch of Answered
}

// An Offered is one peer's announcement of a key.
type Offered[P comparable, N any] struct {
	Peer P
	Note N
}

// New returns an empty table.
func New[K, P comparable, N any](rules Rules) *Table[K, P, N] {
	return &Table[K, P, N]{
		rules: rules,
		keys:  make(map[K]*key[K, P, N]),
		peers: make(map[P]*peer[K, P, N]),
		spot:  make(map[K]int),
	}
}

// Len returns how many keys are tracked.
func (t *Table[K, P, N]) Len() int { return len(t.keys) }

// Has reports whether a key is tracked.
func (t *Table[K, P, N]) Has(k K) bool { return t.keys[k] != nil }

// Join adds a peer. Only a peer that has joined can offer.
func (t *Table[K, P, N]) Join(p P) {
	if t.peers[p] == nil {
		t.joined++
		t.peers[p] = &peer[K, P, N]{id: p, order: t.joined}
	}
}

// Leave forgets a peer and its offers. The keys of its request are requested from other peers.
func (t *Table[K, P, N]) Leave(p P) {
	s := t.peers[p]
	if s == nil {
		return
	}
	delete(t.peers, p)
	s.gone = true
	t.endCooldown(s)
	for o := s.first; o != nil; o = s.first {
		t.retract(o)
	}
}

// Offer notes that a peer announced a key, of about size bytes. It reports whether the table tracks
// the offer: it does not if the peer has not joined, or at a bound. A second offer of a key by the
// same peer changes nothing.
func (t *Table[K, P, N]) Offer(now time.Time, p P, k K, size int, note N) bool {
	s := t.peers[p]
	if s == nil {
		return false
	}
	e := t.keys[k]
	if e != nil && e.offerOf(s) != nil {
		return true
	}
	if s.offers == t.rules.PerPeer {
		t.Losses.PerPeer++
		return false
	}
	if e == nil {
		if len(t.keys) >= t.rules.Limit && !t.makeRoom(s) {
			return false
		}
		e = t.track(now, k)
	}
	e.offers = append(e.offers, s.add(e, size, note))
	if e.stage.in == &t.queued {
		t.wake(s)
	}
	return true
}

func (t *Table[K, P, N]) track(now time.Time, k K) *key[K, P, N] {
	e := &key[K, P, N]{id: k, since: now}
	e.stage.key, e.age.key = e, e
	t.keys[k] = e
	t.ages.push(&e.age)
	if t.rules.Wait > 0 {
		t.waiting.push(&e.stage)
	} else {
		t.queued.push(&e.stage)
	}
	return e
}

// Ready ends the wait of a key.
func (t *Table[K, P, N]) Ready(k K) {
	if e := t.keys[k]; e != nil && e.stage.in == &t.waiting {
		t.enqueue(e)
	}
}

// Got forgets a key that has arrived or is not wanted any more. It returns the key's offers, oldest
// first, until the next call of Got.
func (t *Table[K, P, N]) Got(k K) []Offered[P, N] {
	clear(t.offers)
	t.offers = t.offers[:0]
	e := t.keys[k]
	if e == nil {
		return nil
	}
	for _, o := range e.offers {
		t.offers = append(t.offers, Offered[P, N]{Peer: o.by.id, Note: o.note})
	}
	t.forget(e)
	return t.offers
}

// makeRoom makes room for an offer of s by dropping the oldest offers, except those in flight, of the
// peer with the most. It fails if s has its share of the table.
func (t *Table[K, P, N]) makeRoom(s *peer[K, P, N]) bool {
	t.Losses.Table++
	if s.offers >= t.rules.Limit/len(t.peers) {
		return false
	}
	for o := t.greediest().first; o != nil && len(t.keys) >= t.rules.Limit; {
		next := o.next
		if o.key.stage.in != &t.asked {
			t.retract(o) // a key that others offered, too, stays
		}
		o = next
	}
	return len(t.keys) < t.rules.Limit
}

// greediest returns the peer with the most offers, of several the first that joined.
func (t *Table[K, P, N]) greediest() *peer[K, P, N] {
	var most *peer[K, P, N]
	for _, s := range t.peers {
		if most == nil || s.offers > most.offers || s.offers == most.offers && s.order < most.order {
			most = s
		}
	}
	return most
}
