// SPDX-License-Identifier: Apache-2.0

// in: sessions, believed heads, replies, results of the chain, time · out: requests, jobs, sessions to end · owner: the loop

package chainsync

import (
	"errors"
	"slices"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/types"
)

// A machine decides what to ask of which peer, and what the chain is given. It knows no chain and sends nothing: requests and jobs are
// what Step returns, and each ends with exactly one call of its take.
type machine[P comparable] struct {
	peers   *roster[P]
	merged  bool // heads are believed, and not found by their weight
	genesis types.Hash

	local    local
	force    time.Time // when one peer is enough
	forward  *forward[P]
	backward backward[P]
	fills    [works]*fill[P] // but headers
	look     look
	missing  int // blocks that the last look found

	charge func(p *peer[P], got []header) (free func()) // may return nil

	asks  []*ask[P]
	jobs  []job[P]
	drops []drop[P]
	over  bool   // a synchronisation has ended: the head is to be announced
	wrong uint64 // believed heads that break a rule
}

// errBroken is why there is no reply from a peer whose session ends because of it.
var errBroken = errors.New("the reply was not to the request")

// A local is our chain's head.
type local struct {
	chain.Ref
	TD      uint256.Int
	hasTD   bool
	tail    uint64    // the lowest header that is linked to the head
	changed time.Time // when the head moved last
}

// An ask is a request.
type ask[P comparable] struct {
	peer    *peer[P]
	work    work
	at      time.Time
	timeout time.Duration
	query   query      // of headers
	wants   []*want[P] // of what else
	take    func(now time.Time, got []header, err error)
}

// A job is done with the chain, off the loop.
type job[P comparable] struct {
	do   task
	ref  chain.Ref
	raw  [][]byte
	take func(now time.Time, r result)
}

// A task says what a job does.
type task uint8

const (
	insert     task = iota // raw, ascending
	insertBack             // raw, descending
	setHead                // ref, with its header in raw
	weigh                  // returns the total difficulty of ref
	scan                   // returns blocks of which something is missing, if the chain is to end at the number of ref
)

// A result is what became of a job.
type result struct {
	err   error
	td    uint256.Int
	hasTD bool
	parts []part
}

// A verdict is why a session ends.
type verdict uint8

const (
	breach  verdict = iota // the peer broke a rule
	useless                // the peer has nothing for us
)

type drop[P comparable] struct {
	peer    P
	verdict verdict
	why     string
}

func newMachine[P comparable](genesis chain.Ref, merged bool) *machine[P] {
	m := &machine[P]{
		look:  look{stale: true},
		peers: newRoster[P](), merged: merged, genesis: genesis.Hash, local: local{Ref: genesis},
		charge: func(*peer[P], []header) func() { return nil },
	}
	for w := bodies; w < works; w++ {
		m.fills[w] = newFill[P](w)
	}
	return m
}

func (m *machine[P]) onOpen(now time.Time, key P, i info, c peerHead) {
	if len(m.peers.all) == 0 {
		m.force = now.Add(forceAfter)
	}
	m.peers.join(now, key, i)
	m.look.stale = true // it may have what the others lack
	m.onPeerHead(now, key, c)
}

func (m *machine[P]) onClose(key P) {
	p := m.peers.leave(key)
	if p == nil {
		return
	}
	m.backward.leave(p)
	if m.backward.asked == p {
		m.backward.asked = nil
	}
	if m.forward != nil {
		m.forward.leave(p)
	}
	for w := bodies; w < works; w++ {
		m.fills[w].leave(p)
	}
}

// onPeerHead takes what a peer says that it has.
func (m *machine[P]) onPeerHead(now time.Time, key P, c peerHead) {
	p := m.peers.byKey[key]
	if p == nil {
		return
	}
	if c.hash != p.head.hash {
		p.liar = false
	}
	p.head = c
	beyond := !c.held && c.hash != m.local.Hash
	switch {
	case c.numbered:
		beyond = beyond && c.number > m.local.Number
	case !m.merged && m.local.hasTD:
		beyond = beyond && c.td.Gt(&m.local.TD)
	}
	switch {
	case !beyond:
		p.since = time.Time{}
	case p.since.IsZero():
		p.since = now
	}
}

// onLocal takes our chain's head, and what is missing below it.
func (m *machine[P]) onLocal(now time.Time, head chain.Head, tail uint64, gap chain.Gap, hasGap bool) {
	if head.Hash != m.local.Hash {
		m.local.changed = now
	}
	m.look.stale = m.look.stale || head.Hash != m.local.Hash || tail != m.local.tail
	m.local.Ref, m.local.TD, m.local.hasTD, m.local.tail = head.Ref, head.TD, head.HasTD, tail
	m.onGap(gap, hasGap)
}

// step does what is due, and returns when it is to be called next; the zero time means that nothing waits.
func (m *machine[P]) step(now time.Time) time.Time {
	m.peers.pace.tune(now, m.peers.rates())
	m.stepForward(now)
	m.stepBackward(now)
	m.stepLook(now)
	for w := bodies; w < works; w++ {
		m.stepFill(now, m.fills[w])
	}
	return m.deadline(now)
}

// deadline returns when something can be done by the clock alone.
func (m *machine[P]) deadline(now time.Time) (next time.Time) {
	if len(m.peers.all) == 0 {
		return time.Time{}
	}
	if now.Before(m.force) {
		next = m.force
	}
	if m.forward != nil || m.backward.next != nil || m.backward.hasGap {
		next = sooner(next, m.peers.nextReady(now, headers))
		next = sooner(next, sooner(m.backward.retry, m.backward.segments.retry))
	}
	if m.look.stale && !m.look.running && now.Before(m.look.after) {
		next = sooner(next, m.look.after)
	}
	for w := bodies; w < works; w++ {
		if len(m.fills[w].wants) > 0 {
			next = sooner(next, sooner(m.fills[w].retry, m.peers.nextReady(now, w)))
		}
	}
	return next
}

// syncing reports whether the head is far from what peers or sources name.
func (m *machine[P]) syncing() bool {
	b := &m.backward
	return m.forward != nil && m.forward.remote > m.local.Number+withholdFrom || b.hasGap ||
		b.next != nil && b.next.Number > m.local.Number+withholdFrom
}

// ended notes the end of a synchronisation.
func (m *machine[P]) ended(now time.Time) {
	m.force = now.Add(forceAfter)
	m.over = true
}

// drop ends a peer's session.
func (m *machine[P]) drop(p *peer[P], v verdict, why string) {
	if p.gone {
		return
	}
	m.drops = append(m.drops, drop[P]{p.key, v, why})
	m.onClose(p.key)
}

// refused handles headers that the chain did not take: it is the fault of the peer that gave them and of the master that named their
// end, unless it is the clock's or the store's.
func (m *machine[P]) refused(err error, by ...*peer[P]) {
	if !isFault(err) {
		return
	}
	for _, p := range slices.Compact(by) {
		m.drop(p, breach, err.Error())
	}
}

// askHeaders asks a peer for headers. What became of it is given to take.
func (m *machine[P]) askHeaders(now time.Time, p *peer[P], q query, take func(now time.Time, got []header, err error)) {
	a := &ask[P]{peer: p, work: headers, at: now, timeout: m.peers.pace.ttl(), query: q, take: take}
	p.asked[headers] = a
	m.asks = append(m.asks, a)
}

// onHeaders takes the reply to a request, or why there is none.
func (m *machine[P]) onHeaders(now time.Time, a *ask[P], got []header, err error) {
	if !m.settle(now, a, len(got), err) {
		return
	}
	if err == nil {
		if wrong := a.query.check(got); wrong != nil {
			if a.peer.hasRequestIDs {
				m.drop(a.peer, breach, wrong.Error())
				err = errBroken
			}
			got = nil // without request IDs it may be the reply to an earlier request
		}
	}
	a.take(now, got, err)
}

// settle ends a request: the peer can be asked again, and its rate is measured. It reports false for a request that has ended before.
func (m *machine[P]) settle(now time.Time, a *ask[P], items int, err error) bool {
	p := a.peer
	if p.asked[a.work] != a {
		return false
	}
	p.asked[a.work] = nil
	switch {
	case err == nil:
		p.measured(a.work, items, now.Sub(a.at))
	case isTimeout(err):
		p.throughput[a.work] = 0
	default: // it could not be sent
		p.ready[a.work] = now.Add(busyFor)
	}
	return true
}

func isTimeout(err error) bool { return errors.Is(err, eth.ErrTimeout) }

// takeAsks returns the requests to send, once; takeJobs and takeDrops what else is to be done.
func (m *machine[P]) takeAsks() []*ask[P] { return take(&m.asks) }

func (m *machine[P]) takeJobs() []job[P] { return take(&m.jobs) }

func (m *machine[P]) takeDrops() []drop[P] { return take(&m.drops) }

func take[T any](from *[]T) []T {
	all := *from
	*from = nil
	return all
}
