// SPDX-License-Identifier: Apache-2.0

package head

import (
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/types"
)

// The times of asking.
const (
	// FirstAsk is the time after a peer's Status in which nothing is requested of it, unless it says
	// something unknown.
	FirstAsk = 3 * time.Second

	pollEvery    = 2 * time.Second        // between two polls, of one peer and in all
	maxIdle      = 8 * time.Second        // between two polls of a peer that has nothing new
	maxBehind    = 64 * time.Second       // between two polls of a peer that is behind the head
	contestEvery = 200 * time.Millisecond // between two polls of a round, at most
	roundEvery   = 4 * time.Second        // between the beginnings of two rounds
	quietAfter   = time.Minute            // a peer that has not gossiped for so long is polled, too
	cooldown     = time.Second            // for a peer that cannot be asked now
)

// How many headers a poll asks for (devp2p/caps/eth.md#getblockheaders-0x03), and how far below the head it
// looks for a block that both sides have.
const (
	pollAmount = 64
	stepBack   = 8
)

// An Ask is a request to a peer (devp2p/caps/eth.md#getblockheaders-0x03): for the header with a hash, or,
// if Hash is zero, for Amount headers from Number upwards. It is answered by one call of Headers, NoHeaders or Busy.
//
// A poll begins at the head, not at the block after it: the answer then begins with the
// block that the peer has in the head's place, and shows whether the peer agrees.
type Ask[P comparable] struct {
	Peer   P
	Hash   types.Hash
	Number uint64
	Amount uint64
}

// A request is in flight to a peer, or planned.
type request struct {
	hash   types.Hash // zero: a poll
	number uint64
	amount uint64
	branch bool // a poll that begins below the head
}

// hurry ends the wait of FirstAsk: the peer said something unknown.
func (p *peer[P]) hurry(now time.Time) {
	if p.asking == nil {
		p.ready = time.Time{}
	}
	p.pollSoon(now)
}

// pollSoon undoes the longer waits between polls.
func (p *peer[P]) pollSoon(now time.Time) {
	p.behind, p.every = false, pollEvery
	if soon := now.Add(pollEvery); p.pollAt.After(soon) {
		p.pollAt = soon
	}
}

// wait notes that the peer had nothing new: the next poll waits twice as long.
func (p *peer[P]) wait(now time.Time, behind bool) {
	longest := maxIdle
	if p.behind = behind; behind {
		longest = maxBehind
	}
	p.every = min(2*p.every, longest)
	p.pollAt = now.Add(p.every)
}

// poll notes that the peer is to be asked for what it has from a number on.
func (p *peer[P]) poll(from uint64) {
	if !p.wantPoll || from < p.pollFrom {
		p.wantPoll, p.pollFrom = true, from
	}
}

// canAsk reports whether the peer can be asked now.
func (p *peer[P]) canAsk(now time.Time) bool { return p.asking == nil && !now.Before(p.ready) }

// Next returns what to ask now, and when to call Next again if nothing happens before; the zero
// time if nothing waits. A peer for which held returns true is not polled: there is enough to do
// without new headers from it. held may be nil.
func (m *Peers[P]) Next(now time.Time, held func(P) bool) (asks []Ask[P], next time.Time) {
	if held == nil {
		held = func(P) bool { return false }
	}
	m.settle(now)
	m.choosePoll(now, held)
	for _, p := range m.peers {
		if m.Has(p.wantLatest) {
			p.wantLatest = types.Hash{}
		}
		switch {
		case !p.canAsk(now):
			continue
		case p.branch != nil:
			p.asking, p.branch = p.branch, nil
		case !p.wantLatest.IsZero():
			p.asking = &request{hash: p.wantLatest, amount: 1}
			p.wantLatest = types.Hash{}
		case p.wantPoll && !held(p.id):
			p.wantPoll, p.polledAt, p.pollAt = false, now, now.Add(p.every)
			p.asking = &request{number: p.pollFrom, amount: pollAmount}
		default:
			continue
		}
		asks = append(asks, p.ask())
	}
	return asks, m.deadline(now, held)
}

func (p *peer[P]) ask() Ask[P] {
	return Ask[P]{Peer: p.id, Hash: p.asking.hash, Number: p.asking.number, Amount: p.asking.amount}
}

// choosePoll picks the peer to poll when it is time: the one that was not polled for the longest
// time.
func (m *Peers[P]) choosePoll(now time.Time, held func(P) bool) {
	head, ok := m.tracker.Head()
	if !ok || now.Before(m.nextPoll) {
		return
	}
	due := slices.DeleteFunc(slices.Clone(m.peers), func(p *peer[P]) bool {
		return !p.canAsk(now) || now.Before(m.pollTime(p)) || held(p.id)
	})
	if len(due) == 0 {
		return
	}
	first := m.choose(len(due))
	next := due[first]
	for i := range due {
		if p := due[(first+i)%len(due)]; p.polledAt.Before(next.polledAt) {
			next = p
		}
	}
	next.poll(head.Number)
	m.nextPoll = now.Add(pollEvery)
	if slices.ContainsFunc(m.peers, func(p *peer[P]) bool { return m.inRound(now, p) }) {
		m.nextPoll = now.Add(min(contestEvery, pollEvery/time.Duration(len(m.peers))))
	}
}

// startRound begins a round of polls, in which every peer is asked once, soon: a block is better than
// the head and lacks support, because peers have not said that they have it, or because they are on
// another branch. A peer that makes up such blocks brings about one round in 4 s.
func (m *Peers[P]) startRound(now time.Time) {
	if m.rival.IsZero() || m.roundAt.After(now) {
		return
	}
	m.roundAt = latest(now, m.roundAt.Add(roundEvery))
	if m.nextPoll.After(m.roundAt) {
		m.nextPoll = m.roundAt
	}
}

// inRound reports whether the peer is still to be polled in the present round.
func (m *Peers[P]) inRound(now time.Time, p *peer[P]) bool {
	return !m.rival.IsZero() && !now.Before(m.roundAt) && p.polledAt.Before(m.roundAt)
}

// pollTime returns when the peer is due for a poll. A peer that gossips tells its new blocks itself
// (devp2p/caps/eth.md#block-propagation), and is polled only when it has been quiet.
func (m *Peers[P]) pollTime(p *peer[P]) time.Time {
	at := p.pollAt
	if !m.rival.IsZero() && p.polledAt.Before(m.roundAt) {
		if soon := latest(p.polledAt.Add(pollEvery), m.roundAt); soon.Before(at) {
			at = soon
		}
	}
	if quiet := p.gossipedAt.Add(quietAfter); !p.gossipedAt.IsZero() && at.Before(quiet) {
		return quiet
	}
	return at
}

// deadline returns the next time at which Next has something to do.
func (m *Peers[P]) deadline(now time.Time, held func(P) bool) (next time.Time) {
	_, polls := m.tracker.Head()
	for _, p := range m.peers {
		if p.asking != nil {
			continue
		}
		wanted := p.branch != nil || !p.wantLatest.IsZero() || p.wantPoll && !held(p.id)
		at := p.ready
		if !wanted {
			if !polls || held(p.id) {
				continue
			}
			at = latest(at, m.nextPoll, m.pollTime(p))
		}
		if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	if !next.IsZero() && next.Before(now) {
		return now
	}
	return next
}

func latest(times ...time.Time) time.Time { return slices.MaxFunc(times, time.Time.Compare) }
