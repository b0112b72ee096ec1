// SPDX-License-Identifier: Apache-2.0

// in: replies and imports, time · out: queries, imports · owner: the loop

package chainsync

import (
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/types"
)

// How a chain is synchronised forwards (as go-ethereum does; devp2p/caps/eth.md#chain-synchronization): from the peer with the
// greatest total difficulty, the master. The stated difficulty is a hint: a peer that lies costs the time until it is found out.
const (
	wantPeers    = 5
	forceAfter   = 10 * time.Second // with fewer peers
	spanHeaders  = 12               // of the first look for the common ancestor
	spanSkip     = 16               // blocks between two of them at most
	maxFork      = 90_000           // how deep the common ancestor may lie
	skeletonSize = 128
	gapSize      = 192 // headers from one of the skeleton to the next
	withheld     = 2   // of the last headers
	withholdFrom = 48  // blocks beyond our head
	following    = 15 * time.Second
	statedFor    = 2 * time.Second // how long a head is stated before we ask for what gossip will bring
)

// A forward is a synchronisation with one master.
type forward[P comparable] struct {
	segments[P]
	master   *peer[P]
	head     peerHead
	remote   uint64 // the number of the master's head
	from     uint64 // the next header
	parent   types.Hash
	low, top uint64 // of the binary search
	floor    uint64
	tail     bool
}

// best returns the peer that states the greatest total difficulty above ours or, where peers tell none (Besu's at eth/69), the
// highest block.
func (m *machine[P]) best(now time.Time) (best *peer[P]) {
	td, number := m.local.TD, m.local.Number
	for _, p := range m.peers.all {
		young := now.Sub(m.local.changed) < following && now.Sub(p.since) < statedFor
		switch {
		case p.liar, p.head.held, p.since.IsZero(), young, !p.idle(now, headers):
		case p.head.td.Gt(&td):
			best, td = p, p.head.td
		case p.head.td.IsZero() && p.head.numbered && p.head.number > number && td == m.local.TD:
			best, number = p, p.head.number
		}
	}
	return best
}

// startForward begins a synchronisation if there are enough peers, and one of them has more than we have.
func (m *machine[P]) startForward(now time.Time) {
	if b := &m.backward; m.merged || b.next != nil || b.hasGap || len(m.peers.all) < wantPeers && now.Before(m.force) {
		return
	}
	p := m.best(now)
	if p == nil {
		return
	}
	f := &forward[P]{master: p, head: p.head}
	m.forward = f
	m.askMaster(now, f, query{origin: wire.AtHash(f.head.hash), amount: 1}, m.onMasterHead)
}

// askMaster asks the master. Its silence ends the synchronisation and its session.
func (m *machine[P]) askMaster(now time.Time, f *forward[P], q query, take func(now time.Time, f *forward[P], got []header)) {
	m.askHeaders(now, f.master, q, func(now time.Time, got []header, err error) {
		switch {
		case m.forward != f:
		case isTimeout(err):
			m.abort(now, f, "it did not give headers in time")
		case err != nil:
			m.endForward(now)
		default:
			take(now, f, got)
		}
	})
}

// abort ends the synchronisation and lets its master go, who is of no use.
func (m *machine[P]) abort(now time.Time, f *forward[P], why string) {
	m.drop(f.master, useless, why)
	m.endForward(now)
}

func (m *machine[P]) endForward(now time.Time) {
	m.forward.clear()
	m.forward = nil
	m.ended(now)
}

func (m *machine[P]) onMasterHead(now time.Time, f *forward[P], got []header) {
	if len(got) == 0 {
		m.abort(now, f, "it does not have the block that it says is its head")
		return
	}
	f.remote = got[0].Number
	if got[0].held {
		m.finishForward(now, f)
		return
	}
	f.floor = m.local.tail
	if m.local.Number > maxFork {
		f.floor = max(f.floor, m.local.Number-maxFork)
	}
	f.top = min(m.local.Number, f.remote)
	if f.top == 0 {
		m.onAncestor(now, f, 0, m.genesis)
		return
	}
	skip := min(spanSkip, max(1, f.top/(spanHeaders-1)))
	count := min(spanHeaders, f.top/skip+1)
	q := query{origin: wire.AtNumber(f.top - (count-1)*skip), amount: count, skip: skip - 1}
	m.askMaster(now, f, q, m.onSpan)
}

// onSpan takes spaced headers near our head, and looks for the last one that we hold.
func (m *machine[P]) onSpan(now time.Time, f *forward[P], got []header) {
	if len(got) == 0 {
		m.abort(now, f, "it gave no headers below its head")
		return
	}
	for i := len(got) - 1; i >= 0; i-- {
		if got[i].held {
			m.onAncestor(now, f, got[i].Number, got[i].Hash)
			return
		}
	}
	f.low, f.top = f.floor, got[0].Number
	m.search(now, f)
}

// search looks for the common ancestor by halves: the block low is common, or as low as we look, and top is not.
func (m *machine[P]) search(now time.Time, f *forward[P]) {
	if f.low+1 >= f.top {
		switch {
		case !f.parent.IsZero():
			m.onAncestor(now, f, f.low, f.parent)
		case f.low == 0:
			m.onAncestor(now, f, 0, m.genesis)
		default:
			m.abort(now, f, "its chain has no block in common with ours within 90,000 blocks")
		}
		return
	}
	middle := f.low + (f.top-f.low)/2
	m.askMaster(now, f, query{origin: wire.AtNumber(middle), amount: 1}, func(now time.Time, f *forward[P], got []header) {
		switch {
		case len(got) == 0:
			m.abort(now, f, "it gave no header below its head")
			return
		case got[0].held:
			f.low, f.parent = middle, got[0].Hash
		default:
			f.top = middle
		}
		m.search(now, f)
	})
}

// onAncestor begins with the block above the common ancestor.
func (m *machine[P]) onAncestor(now time.Time, f *forward[P], number uint64, h types.Hash) {
	f.from, f.parent = number+1, h
	m.askSkeleton(now, f)
}

// askSkeleton asks the master for every 192nd header.
func (m *machine[P]) askSkeleton(now time.Time, f *forward[P]) {
	q := query{origin: wire.AtNumber(f.from + gapSize - 1), amount: skeletonSize, skip: gapSize - 1}
	m.askMaster(now, f, q, func(now time.Time, f *forward[P], got []header) {
		if len(got) == 0 {
			m.askTail(now, f)
			return
		}
		parent := f.parent
		for i := range got {
			f.all = append(f.all, &segment[P]{low: got[i].Number - gapSize + 1, count: gapSize, last: got[i].Hash, parent: parent})
			parent = got[i].Hash
		}
	})
}

// askTail asks the master for what is above the last header of the skeleton.
func (m *machine[P]) askTail(now time.Time, f *forward[P]) {
	f.tail = true
	m.askMaster(now, f, query{origin: wire.AtNumber(f.from), amount: gapSize}, func(now time.Time, f *forward[P], got []header) {
		n := len(got)
		if n == 0 {
			m.finishForward(now, f)
			return
		}
		if got[0].Parent != f.parent { // it has reorganised, or its skeleton was of another chain
			m.endForward(now)
			return
		}
		if got[n-1].Number > m.local.Number+withholdFrom && n > withheld {
			n -= withheld // which a reorganisation would replace
		}
		f.all = append(f.all, &segment[P]{low: f.from, count: uint64(n), parent: f.parent, got: got[:n], by: f.master}) //nolint:gosec // positive
	})
}

// stepForward asks for the gaps of the skeleton and imports them in order.
func (m *machine[P]) stepForward(now time.Time) {
	f := m.forward
	if f == nil {
		m.startForward(now)
		return
	}
	if f.master.gone {
		m.endForward(now)
		return
	}
	if seg := f.first(); seg != nil {
		m.importForward(f, seg)
	}
	m.askSegments(now, &f.segments)
	if !f.retry.IsZero() && now.Before(f.retry) { // every peer was asked in vain for a gap of the master's skeleton
		m.abort(now, f, "neither it nor any other peer gave the headers between those of its skeleton")
	}
}

func (m *machine[P]) importForward(f *forward[P], seg *segment[P]) {
	seg.importing = true
	m.jobs = append(m.jobs, job[P]{do: insert, raw: seg.raw(), take: func(now time.Time, r result) {
		if m.forward != f {
			return
		}
		if r.err != nil {
			m.refused(r.err, seg.by, f.master)
			m.endForward(now)
			return
		}
		last := &seg.got[len(seg.got)-1]
		f.from, f.parent = last.Number+1, last.Hash
		seg.drop()
		f.all = f.all[1:]
		switch {
		case len(f.all) > 0:
		case f.tail:
			m.askTail(now, f)
		default:
			m.askSkeleton(now, f)
		}
	}})
}

// finishForward ends a synchronisation that brought all that the master has, and compares the difficulty that it stated.
func (m *machine[P]) finishForward(now time.Time, f *forward[P]) {
	p := f.master
	m.jobs = append(m.jobs, job[P]{do: weigh, ref: chain.Ref{Hash: f.head.hash}, take: func(_ time.Time, r result) {
		if r.hasTD && r.td.Lt(&f.head.td) && !p.gone {
			p.liar = true
			m.drop(p, breach, "the total difficulty of its head is "+amount(&r.td)+", it stated "+amount(&f.head.td))
		}
	}})
	m.endForward(now)
}

func amount(n *uint256.Int) string { return n.Dec() }
