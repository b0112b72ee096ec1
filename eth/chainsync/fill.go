// SPDX-License-Identifier: Apache-2.0

// in: blocks of which something is missing, replies, time · out: requests · owner: the loop

package chainsync

import (
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/types"
)

// How many blocks wait for what belongs to them, and when the next are looked for.
const (
	maxWants  = 2048
	fewWants  = 512
	scanMost  = 1024                   // blocks that one look finds
	scanAgain = 500 * time.Millisecond // between two looks
	fillAgain = 10 * time.Second       // before peers that lacked all that is wanted are asked for it again
)

// largeGas is how much gas a block uses from which on its receipts may be too large for one message after others: a byte of a log costs 8
// gas, and a server adds a block's receipts while it has less than 2 MiB. Peers that give no parts (before EIP-7975) are asked for the receipts of such a block
// alone, and only while there is no other peer.
const largeGas = 8 * (wire.MaxMessage - wire.SoftReply)

// A part is what a block's header says of what belongs to it.
type part struct {
	chain.Ref
	roots    chain.Roots
	receipts types.Hash
	list     types.Hash
	maxTxs   uint64
	gasUsed  uint64
	lacks    [works]bool // what is missing
}

// A want is a block of which one kind of data is missing.
type want[P comparable] struct {
	part
	asked *peer[P]
}

// A fill fetches one kind of what belongs to blocks from all peers that have it.
type fill[P comparable] struct {
	work  work
	wants []*want[P] // in the order in which they are asked for
	has   map[types.Hash]*want[P]
	got   uint64    // how many came
	retry time.Time // when what all peers lack is asked for again; zero: nothing
}

func newFill[P comparable](w work) *fill[P] {
	return &fill[P]{work: w, has: make(map[types.Hash]*want[P])}
}

// add wants the data of a block. It reports false if there is no room.
func (f *fill[P]) add(p *part) bool {
	if f.has[p.Hash] != nil {
		return true
	}
	if len(f.wants) >= maxWants {
		return false
	}
	w := &want[P]{part: *p}
	f.wants = append(f.wants, w)
	f.has[p.Hash] = w
	return true
}

// A look finds blocks of which something is missing.
type look struct {
	running bool
	stale   bool      // the chain has changed since, or there was more
	after   time.Time // not before
}

// stepLook has the chain looked through for blocks of which something is missing, from the head down.
func (m *machine[P]) stepLook(now time.Time) {
	l := &m.look
	if l.running || !l.stale || now.Before(l.after) || len(m.peers.all) == 0 {
		return
	}
	if len(m.fills[bodies].wants) > fewWants || len(m.fills[receipts].wants) > fewWants { // access lists may not be to be had
		return
	}
	l.running, l.stale = true, false
	target := m.local.Number
	if m.forward != nil {
		target = max(target, m.forward.remote)
	}
	m.jobs = append(m.jobs, job[P]{do: scan, ref: chain.Ref{Number: target}, take: func(now time.Time, r result) {
		l.running, l.after = false, now.Add(scanAgain)
		for i := range r.parts {
			for w := bodies; w < works; w++ {
				if r.parts[i].lacks[w] {
					m.fills[w].add(&r.parts[i])
				}
			}
		}
		l.stale = l.stale || len(r.parts) == scanMost
		m.missing = len(r.parts)
	}})
}

// onChange hears that the chain has gone on; moved says that blocks are no longer canonical, whose data is not wanted any more.
func (m *machine[P]) onChange(moved bool) {
	m.look.stale = true
	for w := bodies; moved && w < works; w++ {
		m.fills[w].forget()
	}
}

// forget stops wanting what is not asked for yet: the chain has changed.
func (f *fill[P]) forget() {
	f.wants = slices.DeleteFunc(f.wants, func(w *want[P]) bool {
		if w.asked == nil {
			delete(f.has, w.Hash)
		}
		return w.asked == nil
	})
}

func (f *fill[P]) leave(p *peer[P]) {
	for _, w := range f.wants {
		if w.asked == p {
			w.asked = nil
		}
	}
}

// stepFill asks idle peers, each for as much as it is likely to give in time.
func (m *machine[P]) stepFill(now time.Time, f *fill[P]) {
	if len(f.wants) == 0 {
		return
	}
	if !f.retry.IsZero() && !now.Before(f.retry) {
		f.retry = time.Time{}
		for _, p := range m.peers.all {
			for _, w := range f.wants {
				p.lacks[f.work].Delete(w.Hash)
			}
		}
	}
	idle := m.peers.idle(now, f.work)
	parts := slices.ContainsFunc(m.peers.all, func(p *peer[P]) bool { return p.hasParts })
	for _, p := range idle {
		most := m.peers.pace.capacity(&p.rate, f.work)
		var wants []*want[P]
		for _, w := range f.wants {
			if len(wants) == most {
				break
			}
			if w.asked != nil || !p.has(f.work, w.Number, w.Hash) {
				continue
			}
			if f.work == receipts && w.gasUsed > largeGas && !p.hasParts {
				if parts || len(wants) > 0 {
					continue
				}
				most = 1
			}
			w.asked = p
			wants = append(wants, w)
		}
		if len(wants) > 0 {
			a := &ask[P]{peer: p, work: f.work, at: now, timeout: m.peers.pace.ttl(), wants: wants}
			p.asked[f.work] = a
			m.asks = append(m.asks, a)
		}
	}
	stuck := func(w *want[P]) bool { return w.asked == nil }
	if len(idle) > 0 && f.retry.IsZero() && slices.ContainsFunc(f.wants, stuck) && !m.busy(f.work) {
		f.retry = now.Add(fillAgain)
	}
}

// busy reports whether a peer is being asked.
func (m *machine[P]) busy(w work) bool {
	return slices.ContainsFunc(m.peers.all, func(p *peer[P]) bool { return p.asked[w] != nil })
}

// onFilled takes the reply to a request: which blocks' data came and was stored, by index, or why there is none. What is missing before
// the last item that came, or all of an empty reply, the peer lacks; what is missing after it did not fit into the reply.
func (m *machine[P]) onFilled(now time.Time, a *ask[P], got []int, err error) {
	f, p := m.fills[a.work], a.peer
	if !m.settle(now, a, len(got), err) {
		return
	}
	last := -1
	for _, i := range got {
		last = max(last, i)
		f.done(a.wants[i])
	}
	f.wants = slices.DeleteFunc(f.wants, func(w *want[P]) bool { return f.has[w.Hash] != w })
	for i, w := range a.wants {
		if w.asked != p {
			continue
		}
		w.asked = nil
		if err == nil && (last < 0 || i < last) {
			p.lacks[a.work].Add(w.Hash)
		}
	}
	if isTimeout(err) && len(a.wants) <= 2 { // more may have been too much for it
		m.drop(p, useless, "it did not give "+a.work.String()+" in time")
	}
}

// done forgets what has come; its caller takes it out of wants.
func (f *fill[P]) done(w *want[P]) {
	if f.has[w.Hash] != w {
		return
	}
	f.got++
	w.asked = nil
	delete(f.has, w.Hash)
}
