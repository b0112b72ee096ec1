// SPDX-License-Identifier: Apache-2.0

// in: announcements, bodies, replies, timeouts · out: whom to ask for what · owner: the loop

package txgossip

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/ethpeer/ethpeer/types"
)

// The rules of fetching. An announced transaction is first waited for, since the full one
// is often on its way too; the peers that announced it are then asked, one request per
// peer at a time (devp2p/caps/eth.md#transaction-exchange).
const (
	broadcastWait = 500 * time.Millisecond // what announcements wait for a broadcast; blob transactions are never broadcast
	gatherSlack   = 100 * time.Millisecond // what is due this soon goes along
	maxAskHashes  = 256
	maxAskBytes   = 128 << 10 // announced sizes in one request; the last may exceed it
	maxClaims     = 4096      // announced hashes tracked per peer
	sizeTolerance = 8         // announced sizes may count the RLP header of a typed transaction

	// A peer that did not answer is asked nothing until it does, or until this time has
	// passed, which doubles with each silence. go-ethereum waits for ever; but a peer may
	// have been slow once, and we may not hear of a late answer.
	muteFor    = 30 * time.Second
	muteForMax = time.Hour

	blobTransaction = 3
)

// A peerID names one session. It is never used again.
type peerID uint64

// An item is one entry of an announcement.
type item struct {
	hash  types.Hash
	typed bool // kind and size are known: eth/68 and later
	kind  uint8
	size  uint64
}

// A body says which transaction has arrived whole.
type body struct {
	hash  types.Hash
	kind  uint8
	size  uint64
	sized bool // size is what an announcement would state: false for a blob transaction without its sidecar
}

// An action is what the machine wants done: one of the two.
type action struct {
	peer  peerID
	ask   []types.Hash // ask the peer for these; the receiver's to keep
	fault error        // end the session: the peer broke a rule
}

// Faults.
var (
	errUnasked  = errors.New("pooled transactions hold one that was not asked for")
	errTwice    = errors.New("pooled transactions hold one twice")
	errWrongTyp = errors.New("announced transaction has another type")
	errWrongSiz = errors.New("announced transaction has another size")
)

// A fetch decides which peer to ask for which announced transaction. It is a machine:
// every method is an event and returns what to do now.
//
// A transaction is in one of three stages: waiting for a broadcast; queued, when every
// peer that announced it is busy; or asked, of one peer. All who announced it stay its
// alternates until it arrives from anywhere or nobody is left who may have it.
type fetch struct {
	limit   int // of tracked transactions
	shuffle func(n int, swap func(i, j int))

	tasks                  map[types.Hash]*task
	waiting, queued, asked taskList
	peers                  map[peerID]*source
	woken                  []*source // may have something to be asked for now
	faulty                 []*source // broke a rule in this event
	out                    []action
	losses                 fetchLosses
}

// fetchLosses counts what was not tracked because a bound was reached.
type fetchLosses struct {
	peer  uint64 // announcements over a peer's maxClaims
	table uint64 // transactions that were dropped, or not taken, because too many were tracked
}

// newFetch returns a machine that tracks at most limit transactions.
func newFetch(limit int, rnd *rand.Rand) *fetch {
	return &fetch{
		limit:   limit,
		shuffle: rnd.Shuffle,
		tasks:   make(map[types.Hash]*task),
		peers:   make(map[peerID]*source),
	}
}

// deadline returns when onTick is due, and false if nothing waits.
func (f *fetch) deadline() (at time.Time, ok bool) {
	if first := f.waiting.head; first != nil {
		at, ok = first.since.Add(broadcastWait), true
	}
	for _, s := range f.peers {
		if s.isMute() && (!ok || s.muteUntil.Before(at)) {
			at, ok = s.muteUntil, true
		}
	}
	return at, ok
}

// takeLosses returns the losses since the last call.
func (f *fetch) takeLosses() fetchLosses {
	l := f.losses
	f.losses = fetchLosses{}
	return l
}

func (f *fetch) onPeerUp(p peerID) {
	if f.peers[p] == nil {
		f.peers[p] = &source{id: p}
	}
}

// onPeerDown forgets the peer. What it was being asked for goes to others.
func (f *fetch) onPeerDown(p peerID) []action {
	s := f.peers[p]
	if s == nil {
		return nil
	}
	f.drop(s)
	return f.schedule()
}

// onAnnounce takes what a peer announced, without what is already held whole.
func (f *fetch) onAnnounce(now time.Time, p peerID, items []item) []action {
	s := f.peers[p]
	if s == nil {
		return nil
	}
	for i, it := range items {
		if s.claims == maxClaims {
			f.losses.peer += uint64(len(items) - i)
			break
		}
		f.announced(now, s, it)
	}
	return f.schedule()
}

func (f *fetch) announced(now time.Time, s *source, it item) {
	t := f.tasks[it.hash]
	switch {
	case t == nil:
		if len(f.tasks) >= f.limit && !f.makeRoom(s) {
			return
		}
		t = &task{hash: it.hash, since: now}
		f.tasks[it.hash] = t
		f.waiting.push(t)
	case t.claimOf(s) != nil:
		return
	}
	t.claims = append(t.claims, s.claim(t, it))
	switch {
	case t.list == &f.waiting && it.typed && it.kind == blobTransaction:
		f.enqueue(t)
	case t.list == &f.queued:
		f.wake(s)
	}
}

// makeRoom makes room for what s announces: at the cost of the peer with the most claims,
// whose oldest go, but for what was asked for. There is none for a peer that has its share
// of the table: a flood takes nothing from others.
func (f *fetch) makeRoom(s *source) bool {
	f.losses.table++
	if s.claims >= f.limit/len(f.peers) {
		return false
	}
	for c := f.greediest().first; c != nil && len(f.tasks) >= f.limit; {
		next := c.next
		if c.task.list != &f.asked {
			f.retract(c) // a transaction that others announced, too, stays
		}
		c = next
	}
	return len(f.tasks) < f.limit
}

// greediest returns the peer with the most claims.
func (f *fetch) greediest() *source {
	var most *source
	for _, s := range f.peers {
		if most == nil || s.claims > most.claims || s.claims == most.claims && s.id < most.id {
			most = s
		}
	}
	return most
}

// onTick moves on what has waited long enough, and gives silent peers another chance.
func (f *fetch) onTick(now time.Time) []action {
	if first := f.waiting.head; first != nil && !now.Before(first.since.Add(broadcastWait)) {
		for t := first; t != nil && !now.Before(t.since.Add(broadcastWait-gatherSlack)); t = f.waiting.head {
			f.enqueue(t)
		}
	}
	for _, s := range f.peers {
		if s.isMute() && !now.Before(s.muteUntil) {
			s.request = nil
			f.wake(s)
		}
	}
	return f.schedule()
}

// onBodies takes transactions that arrived unasked: from a broadcast, or in a block.
func (f *fetch) onBodies(bodies []body) []action {
	for i := range bodies {
		f.deliver(&bodies[i], 0)
	}
	return f.schedule()
}

// onReply takes the answer to the peer's request, in time or late. A peer that answers at
// all is free again.
func (f *fetch) onReply(p peerID, bodies []body) []action {
	s := f.peers[p]
	if s == nil || s.request == nil {
		return nil
	}
	request := s.request
	s.request, s.silences = nil, 0
	cutoff, err := request.match(bodies)
	for i := range bodies {
		f.deliver(&bodies[i], p)
	}
	if err != nil {
		f.fault(p, err)
	}
	for i, h := range request.hashes {
		t := f.tasks[h]
		if request.expired || t == nil || t.by != s {
			continue
		}
		f.enqueue(t)
		if i < cutoff {
			f.retract(t.claimOf(s))
		}
	}
	f.wake(s)
	return f.schedule()
}

// onTimeout gives up a request: the hashes go to others. The peer is mute until it
// answers or leaves, or has been for long.
func (f *fetch) onTimeout(now time.Time, p peerID) []action {
	s := f.peers[p]
	if s == nil || s.request == nil || s.request.expired {
		return nil
	}
	s.request.expired = true
	s.muteUntil = now.Add(min(muteForMax, muteFor<<min(s.silences, 16)))
	s.silences++
	for _, h := range s.request.hashes {
		if t := f.tasks[h]; t != nil && t.by == s {
			f.retract(t.claimOf(s))
		}
	}
	return f.schedule()
}

// deliver ends the tracking of a transaction, after holding what was announced against
// what came from the peer (0: from no request). The hash commits to type and size; only the
// sidecar of a blob transaction has several forms, so its size is held against the
// deliverer's word alone.
func (f *fetch) deliver(b *body, from peerID) {
	t := f.tasks[b.hash]
	if t == nil {
		return
	}
	for _, c := range t.claims {
		sized := b.sized && (b.kind != blobTransaction || c.by.id == from)
		switch {
		case !c.typed:
		case c.kind != b.kind:
			f.fault(c.by.id, fmt.Errorf("%w: %v announced as %d, is %d", errWrongTyp, b.hash, c.kind, b.kind))
		case sized && max(c.size, b.size)-min(c.size, b.size) > sizeTolerance:
			f.fault(c.by.id, fmt.Errorf("%w: %v announced with %d bytes, has %d", errWrongSiz, b.hash, c.size, b.size))
		}
	}
	f.forget(t)
}

// fault ends a peer, once. Its claims go when the event is through.
func (f *fetch) fault(p peerID, err error) {
	if s := f.peers[p]; s != nil && !s.faulty {
		s.faulty = true
		f.faulty = append(f.faulty, s)
		f.out = append(f.out, action{peer: p, fault: err})
	}
}
