// SPDX-License-Identifier: Apache-2.0

// in: what the machines ask · out: requests, and letters with their replies · owner: the loop

package blockgossip

import (
	"errors"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
)

// Tick implements [owner.Machine]: it works out the head, once for all letters before it, tells what is
// new, and sends what the machines ask.
func (m *machine) Tick(now time.Time) (next time.Time) {
	m.endWithholders(now)
	m.tellHead(now)
	m.tellBlocks()
	for m.again = true; m.again; {
		m.again = false
		next = sooner(m.askHeads(now), sooner(m.askAnnounced(now), m.askBodies(now)))
	}
	m.finish(now)
	m.tellBlocks()
	lost := m.heads.TakeLosses()
	m.losses.Jumps += lost.Jumps
	m.losses.Future += lost.Future
	m.losses.Pace += lost.Pace
	m.losses.Unexpected += lost.Unexpected + m.bodies.takeUnexpected()
	return next
}

// sooner returns the earlier of two times, of which a zero one does not count.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func (m *machine) askHeads(now time.Time) time.Time {
	asks, next := m.heads.Next(now, m.bodies.crowded)
	for _, a := range asks {
		l := a.Peer
		request := wire.HeadersRequest{Origin: wire.AtNumber(a.Number), Amount: a.Amount}
		if !a.Hash.IsZero() {
			request.Origin = wire.AtHash(a.Hash)
		}
		m.askHeaders(now, l, request, func(now, at time.Time, links []chain.Link, err error) {
			switch {
			case errors.Is(err, eth.ErrBusy):
				m.heads.Busy(now, l)
			case err != nil:
				m.heads.NoHeaders(now, l)
				m.at = now
			default:
				news, err := m.heads.Headers(now, l, links)
				m.onPolled(now, at, l, news, err)
			}
		}, func(now, at time.Time, links []chain.Link) {
			news, err := m.heads.Late(now, a, links)
			m.onPolled(now, at, l, news, err)
		})
	}
	return next
}

func (m *machine) askAnnounced(now time.Time) time.Time {
	asks, next := m.announced.next(now)
	for _, a := range asks {
		l, h := a.Peer, a.Keys[0]
		request := wire.HeadersRequest{Origin: wire.AtHash(h), Amount: 1}
		m.askHeaders(now, l, request, func(now, at time.Time, links []chain.Link, err error) {
			m.onAnnounced(now, at, l, h, links, err)
		}, func(now, at time.Time, links []chain.Link) {
			m.onLateAnnounced(now, at, l, h, links)
		})
	}
	return next
}

// Takers of replies, on the loop. An error says that there is none; a late reply comes after that.
type (
	taker     func(now, at time.Time, links []chain.Link, err error)
	lateTaker func(now, at time.Time, links []chain.Link)
)

// askHeaders asks a peer for headers. The reply is read on the peer's reader, and given to take or
// late on the loop. Without request IDs a peer can be asked one thing at a
// time: what else it is to be asked waits.
func (m *machine) askHeaders(now time.Time, l *listener, request wire.HeadersRequest, take taker, late lateTaker) {
	if l.asking {
		l.waiting = append(l.waiting, func() { m.askHeaders(now, l, request, take, late) })
		return
	}
	l.asking = !l.hasRequestIDs
	post := func(reply wire.Headers, err error, give taker) {
		at := time.Now()
		var hs headers
		if err == nil {
			hs, err = readHeaders(l.session.Chain(), reply.List, m.raws != nil)
			if err == nil {
				err = l.checkHeaders(at, hs)
			}
			if err != nil {
				hs = headers{}
				l.session.Fail(err)
			}
		}
		l.slot.Post(hs.size(), func(m *machine, now time.Time) {
			give(now, at, hs.links, err)
			m.noteRaw(hs)
		})
	}
	options := eth.Options[wire.Headers]{Late: func(reply wire.Headers) {
		post(reply, nil, func(now, at time.Time, links []chain.Link, err error) {
			if err == nil {
				late(now, at, links)
			}
		})
	}}
	err := eth.AskWith(l.session, request, options, func(reply wire.Headers, err error) {
		post(reply, err, func(now, at time.Time, links []chain.Link, err error) {
			take(now, at, links, err)
			m.askWaiting(l)
		})
	})
	if err != nil {
		m.notSent(now, l, err, func() { take(now, now, nil, err) })
		m.askWaiting(l)
	}
}

// askWaiting asks the peer what waited for a reply.
func (m *machine) askWaiting(l *listener) {
	l.asking = false
	if len(l.waiting) > 0 && !l.gone {
		first := l.waiting[0]
		l.waiting = l.waiting[1:]
		first()
	}
}

// notSent handles a request that could not be sent: the peer is busy, or its session is about to
// end.
func (m *machine) notSent(now time.Time, l *listener, err error, busy func()) {
	m.again = true
	if errors.Is(err, eth.ErrBusy) { // without request IDs, after a request that timed out
		busy()
	} else {
		m.onClose(now, l)
	}
}

func (m *machine) askBodies(now time.Time) time.Time {
	asks, next := m.bodies.next(now)
	for _, a := range asks {
		m.askForBodies(now, a)
	}
	return next
}

func (m *machine) askForBodies(now time.Time, a bodiesAsk[*listener]) {
	l := a.peer
	wanted := m.wanted(a)
	post := func(reply wire.Bodies, err error, late bool) {
		at := time.Now()
		var got []body
		size := 0
		if err == nil {
			size = len(reply.Content()) // which the transactions of the bodies are a part of
			got, err = readBodies(reply.List, a.maxTxs)
			if err == nil {
				err = l.importBodies(at, wanted, got)
			}
			if err != nil {
				l.session.Fail(err)
			}
		}
		l.slot.Post(size, func(_ *machine, now time.Time) {
			switch {
			case err != nil:
				m.bodies.failed(now, l)
				m.finish(now)
			case late:
				m.bodies.late(l, got)
				m.finish(at)
			default:
				m.onBodies(now, at, l, got)
			}
		})
	}
	options := eth.Options[wire.Bodies]{Late: func(reply wire.Bodies) { post(reply, nil, true) }}
	err := eth.AskWith(l.session, wire.BodiesRequest{Hashes: a.hashes}, options, func(reply wire.Bodies, err error) {
		post(reply, err, false)
	})
	if err != nil {
		m.notSent(now, l, err, func() { m.bodies.busy(now, l) })
	}
}
