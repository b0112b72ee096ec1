// SPDX-License-Identifier: Apache-2.0

// in: letters, time · out: requests, jobs, the ends of sessions, events · owner: the loop

package chainsync

import (
	"errors"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/rlpx"
	"github.com/ethpeer/ethpeer/types"
)

// pollEvery is how often it looks at what peers say that they have.
const pollEvery = time.Second

// A looper is what the loop owns: the machine, and what acts for it.
type looper struct {
	*machine[*listener]
	sync      *Sync
	worker    *worker
	queue     []job[*listener] // for the worker, which has one
	working   bool
	listeners []*listener
	meter     meter
}

func newLooper(s *Sync, record event.Recorder) *looper {
	c := s.chain
	genesis := chain.Ref{Hash: c.Params().GenesisHash}
	m := &looper{machine: newMachine[*listener](genesis, c.Params().Terminal != nil), sync: s, meter: meter{record: record}}
	m.charge = func(p *peer[*listener], got []header) func() {
		size := 0
		for i := range got {
			size += len(got[i].raw)
		}
		budget := p.key.session.Budget()
		budget.Charge(size)
		return func() { budget.Give(size) }
	}
	tell := func(do func(*looper, time.Time)) { s.own.Post(0, do) }
	m.worker = &worker{chain: c, jobs: make(chan job[*listener], 1), tell: tell}
	return m
}

func (m *looper) onOpen(now time.Time, l *listener) {
	m.listeners = append(m.listeners, l)
	m.observe(now)
	m.machine.onOpen(now, l, l.info, l.peerHead(m.local.Hash))
}

// onBelieved takes the last block that a source has named.
func (m *looper) onBelieved(now time.Time) {
	b := m.sync.takeBelieved()
	if b == nil {
		return
	}
	t := target{Ref: b.Ref, header: b.Header}
	if t.header == nil {
		t.header = m.sync.chain.Header(b.Hash)
	}
	if t.header != nil {
		h, err := m.sync.chain.Params().DecodeHeader(t.header)
		if err != nil || h.Hash() != b.Hash {
			m.wrong++
			return
		}
		t.link, t.Number = chain.LinkOf(&h), h.Number
	}
	m.onBelieve(now, t)
}

// onDone takes the result of a job.
func (m *looper) onDone(now time.Time, j *job[*listener], r result) {
	m.working = false
	m.observe(now)
	j.take(now, r)
}

// observe looks at our chain.
func (m *looper) observe(now time.Time) {
	c := m.sync.chain
	gap, ok := c.Gap()
	m.onLocal(now, c.Head(), c.Tail(), gap, ok)
}

// Tick implements [owner.Machine].
func (m *looper) Tick(now time.Time) (next time.Time) {
	m.observe(now)
	for _, l := range m.listeners {
		m.onPeerHead(now, l, l.peerHead(m.local.Hash))
	}
	next = m.step(now)
	for again := true; again; {
		again = m.act(now)
		if again {
			next = m.step(now)
		}
	}
	m.announce()
	m.sync.state.Store(m.meter.measure(now, m))
	if len(m.listeners) > 0 {
		next = sooner(next, now.Add(pollEvery))
	}
	return next
}

// act does what the machine has decided, and reports whether that may have changed something.
func (m *looper) act(now time.Time) (acted bool) {
	for _, d := range m.takeDrops() {
		m.end(d)
		acted = true
	}
	for _, a := range m.takeAsks() {
		if err := m.ask(a); err != nil {
			m.unsent(now, a, err)
			acted = true
		}
	}
	m.queue = append(m.queue, m.takeJobs()...)
	if !m.working && len(m.queue) > 0 {
		m.working = true
		m.worker.jobs <- m.queue[0] // has room: the worker is idle
		m.queue = m.queue[1:]
	}
	return acted
}

// end ends a session.
func (m *looper) end(d drop[*listener]) {
	m.forget(d.peer)
	if d.verdict == breach {
		d.peer.session.Fail(p2p.Breach("sync: %s", d.why))
		return
	}
	d.peer.session.Fail(&p2p.LocalClose{Reason: p2p.ReasonUseless, Why: d.why})
}

func (m *looper) onClose(l *listener) {
	m.forget(l)
	m.machine.onClose(l)
}

func (m *looper) forget(l *listener) {
	for i, o := range m.listeners {
		if o == l {
			m.listeners = append(m.listeners[:i:i], m.listeners[i+1:]...)
			return
		}
	}
}

// ask sends a request. Its reply is read, checked and stored on the session's reader.
func (m *looper) ask(a *ask[*listener]) error {
	l := a.peer.key
	s := l.session
	hashes := make([]types.Hash, len(a.wants))
	for i, w := range a.wants {
		hashes[i] = w.Hash
	}
	mt := &matcher{wants: a.wants}
	switch a.work {
	case headers:
		q := wire.HeadersRequest{Origin: a.query.origin, Amount: a.query.amount, Skip: a.query.skip, Reverse: a.query.reverse}
		return eth.AskWith(s, q, eth.Options[wire.Headers]{Timeout: a.timeout}, func(reply wire.Headers, err error) {
			var got []header
			if err == nil {
				got, err = l.readHeaders(reply.List)
			}
			l.post(len(reply.Content()), err, func(m *looper, now time.Time) { m.onHeaders(now, a, got, err) })
		})
	case bodies:
		return eth.AskWith(s, wire.BodiesRequest{Hashes: hashes}, eth.Options[wire.Bodies]{Timeout: a.timeout}, func(reply wire.Bodies, err error) {
			if err == nil {
				err = l.readBodies(mt, reply.List)
			}
			l.post(0, err, func(m *looper, now time.Time) { m.onFilled(now, a, mt.got, err) })
		})
	case accessLists:
		return eth.AskWith(s, wire.AccessListsRequest{Hashes: hashes}, eth.Options[wire.AccessLists]{Timeout: a.timeout}, func(reply wire.AccessLists, err error) {
			if err == nil {
				err = l.readLists(mt, reply.List)
			}
			l.post(0, err, func(m *looper, now time.Time) { m.onFilled(now, a, mt.got, err) })
		})
	default:
		r := &receiptsReader{l: l, version: s.Version(), matcher: *mt}
		return r.ask(a, hashes)
	}
}

// ask asks for receipts, and again for what is left while the last block's come in parts: under the same request ID, from that block on,
// without the receipts that are here (EIP-7975).
func (r *receiptsReader) ask(a *ask[*listener], hashes []types.Hash) error {
	again := r.part != nil
	o := eth.Options[wire.ReceiptLists]{Timeout: a.timeout, ID: &r.id, Again: again}
	q := wire.ReceiptsRequest{FirstIndex: r.count, Hashes: hashes[r.matcher.at:]}
	return eth.AskWith(r.l.session, q, o, func(reply wire.ReceiptLists, err error) {
		if err == nil {
			err = r.read(reply)
		}
		if err == nil && reply.LastIncomplete {
			if err = r.ask(a, hashes); err == nil {
				return
			}
		}
		r.keep(nil, 0)
		r.l.post(0, err, func(m *looper, now time.Time) { m.onFilled(now, a, r.matcher.got, err) })
	})
}

// post gives the loop what became of a request, and ends the session if its reply broke a rule.
func (l *listener) post(size int, err error, do func(m *looper, now time.Time)) {
	if _, ok := errors.AsType[*p2p.Violation](err); ok {
		l.session.Fail(err)
	}
	l.slot.Post(size, do)
}

// unsent handles a request that could not be sent: the peer is busy, or its session is about to end.
func (m *looper) unsent(now time.Time, a *ask[*listener], err error) {
	if a.work == headers {
		m.onHeaders(now, a, nil, err)
	} else {
		m.onFilled(now, a, nil, err)
	}
}

// announce tells peers of the head after a synchronisation, where blocks are gossiped (devp2p/caps/eth.md#newblockhashes-0x01): they
// may be behind.
func (m *looper) announce() {
	if !m.over || m.syncing() {
		return
	}
	m.over = false
	if m.merged || m.local.Number == 0 {
		return
	}
	name := wire.BlockName{Hash: m.local.Hash, Number: m.local.Number}
	payload := rlpx.NewChunk(wire.AppendNewBlockHashes(nil, []wire.BlockName{name}))
	for _, l := range m.listeners {
		l.session.TellBlock(wire.KindNewBlockHashes, m.local.Hash, payload)
	}
}
