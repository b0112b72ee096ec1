// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"fmt"
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/event"
)

// The rules of polling. From eth/69 on nobody gossips blocks (EIP-3675 took block gossip
// out, EIP-7642 made it official), and a BlockRangeUpdate comes once in a while. So one
// peer after the other is asked for headers by number.
//
// We ask from the head on, not from the block after it: the answer then begins with the
// block that the peer has in the head's place, and says whether it agrees.
const (
	pollEvery  = 2 * time.Second
	pollAmount = 64
	stepBack   = 8           // where a peer disagrees, look for common ground this far below
	quietAfter = time.Minute // without gossip, peers that could gossip are polled, too
)

// choosePoll picks the peer to poll when it is time: one of those that answered last
// time, the one that was not asked for the longest time.
func (m *machine) choosePoll(now time.Time) {
	head, ok := m.tracker.Head()
	if !ok || now.Before(m.nextPoll) {
		return
	}
	m.nextPoll = now.Add(pollEvery)
	quiet := m.gossipAt.IsZero() || now.Sub(m.gossipAt) >= quietAfter
	candidates := slices.DeleteFunc(slices.Clone(m.peers), func(p *peer) bool {
		return !p.canAsk() || !p.ranged && !quiet
	})
	candidates = leastMissed(candidates)
	if len(candidates) == 0 {
		return
	}
	first := m.choose(len(candidates))
	next := candidates[first]
	for i := range candidates {
		if p := candidates[(first+i)%len(candidates)]; p.polledAt.Before(next.polledAt) {
			next = p
		}
	}
	next.poll(head.Number)
}

// leastMissed keeps the peers whose polls have failed least often since one did not.
func leastMissed(peers []*peer) []*peer {
	if len(peers) == 0 {
		return nil
	}
	least := slices.MinFunc(peers, func(a, b *peer) int { return a.misses - b.misses }).misses
	return slices.DeleteFunc(peers, func(p *peer) bool { return p.misses > least })
}

// poll notes that the peer is to be asked for what it has from a number on.
func (p *peer) poll(from uint64) {
	if !p.wantPoll || from < p.pollFrom {
		p.wantPoll, p.pollFrom = true, from
	}
}

// polled takes the answer to a poll.
func (m *machine) polled(p *peer, q *headersQuery, hs []header) {
	if len(hs) == 0 { // it is behind the head
		p.misses++
		return
	}
	for i := range hs {
		if hs[i].Number != q.number+uint64(i) {
			p.misses++
			m.strange(p, fmt.Errorf("asked for header %d, got %d", q.number+uint64(i), hs[i].Number))
			return
		}
	}
	p.misses = 0
	recent := m.tracker.Recent
	if q.why == forPoll && q.number > 0 && !recent.Has(hs[0].Hash) && !recent.Has(hs[0].Parent) {
		from := q.number - min(q.number, stepBack)
		m.ask(p, headersQuery{why: forBranch, number: from, amount: pollAmount})
		return
	}
	m.take(p, q, linked(hs))
}

// take accepts what a peer has from a number on, and notes the last as its latest.
func (m *machine) take(p *peer, q *headersQuery, hs []header) {
	last := hs[len(hs)-1].Ref()
	full := uint64(len(hs)) >= q.amount
	claimed, _ := m.tracker.Claimed(p.id)
	if !full || claimed.Number < last.Number {
		m.tracker.Claim(p.id, last)
	}
	if p.pollFrom >= q.number && (full || claimed.Number <= last.Number) {
		p.wantPoll = false // what it was to be asked next, it has just said
	}
	for i := range hs {
		if !m.accept(p, &hs[i], p.teller, event.ViaRequest) {
			return
		}
	}
	if full {
		p.poll(last.Number)
	}
}

// linked returns the headers up to the first that does not follow from the one before: the
// peer's chain may have changed while it answered.
func linked(hs []header) []header {
	for i := 1; i < len(hs); i++ {
		if chain.CheckLink(&hs[i-1].Link, &hs[i].Link) != nil {
			return hs[:i]
		}
	}
	return hs
}
