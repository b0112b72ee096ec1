// SPDX-License-Identifier: Apache-2.0

// in: letters, time · out: events, requests, violations · owner: the loop

package blockgossip

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/types"
)

// A machine is what the loop owns: three machines that know nothing of each other. Heads decides
// which block is the head, announced which headers to fetch, and bodies which bodies. Each method is
// one letter: it gives each of them what it needs to know, in the order in which a
// block passes through them.
type machine struct {
	record event.Recorder
	body   func(at time.Time, by event.Source, txs []byte)

	heads     *head.Peers[*listener]
	announced *announcements[*listener]
	bodies    *bodies[*listener]

	window *atomic.Pointer[window] // what readers know of the head

	at         time.Time   // when the last message came that may have changed the head
	done       []toldBlock // blocks to be told by the next Tick
	losses     head.Losses // of heads, not yet reported
	mismatched uint64      // whole blocks with another body than their header names
	forks      uint64      // blocks that were not told, because a peer gave too many forks
	again      bool        // a request could not be sent: there may be another to send now
}

func (m *machine) onOpen(now time.Time, l *listener, info head.Info) {
	m.heads.Join(now, l, info)
	m.announced.join(l)
	m.bodies.join(l, l.hasRequestIDs)
	m.at = now
}

func (m *machine) onClose(now time.Time, l *listener) {
	if l.gone {
		return
	}
	l.gone = true
	m.heads.Leave(now, l)
	m.announced.leave(l)
	m.bodies.leave(now, l)
	m.at = now
	m.finish(now)
}

// fault ends a session, because the peer broke a rule.
func (m *machine) fault(now time.Time, l *listener, err error) { m.end(now, l, p2p.Breach("%w", err)) }

func (m *machine) end(now time.Time, l *listener, cause error) {
	if !l.gone {
		l.session.Fail(cause)
		m.onClose(now, l)
	}
}

// endWithholders ends the sessions of peers that gave headers and twice not a body for one. They broke no
// rule of eth, but have nothing for us.
func (m *machine) endWithholders(now time.Time) {
	for _, l := range m.bodies.takeWithholders() {
		m.end(now, l, &p2p.LocalClose{Reason: p2p.ReasonUseless, Why: "the peer gave headers of blocks, and twice not a body for one"})
	}
}

// onRange takes a BlockRangeUpdate (devp2p/caps/eth.md#blockrangeupdate-0x11).
func (m *machine) onRange(now, at time.Time, l *listener, latest chain.Ref) {
	m.heads.Range(now, l, latest)
	m.at = at
}

// onHashes takes a NewBlockHashes (devp2p/caps/eth.md#newblockhashes-0x01). Blocks far from the
// head are ignored.
func (m *machine) onHashes(now, at time.Time, l *listener, refs []chain.Ref) {
	for _, ref := range refs {
		link, known := m.heads.Get(ref.Hash)
		switch {
		case l.gone:
			return
		case known && link.Number != ref.Number:
			m.fault(now, l, errNumber(ref, link.Number))
		case known:
			m.heads.Told(now, l, ref)
			m.bodies.mayHave(ref.Hash, l)
		case m.heads.Near(ref.Number) && m.announced.offer(now, l, l.source, ref):
			m.heads.Told(now, l, ref)
		}
	}
	m.at = at
}

func errNumber(ref chain.Ref, is uint64) error {
	return fmt.Errorf("block %v announced as number %d, is %d", ref.Hash, ref.Number, is)
}

// onNewBlock takes a block that was sent whole, unasked, and whose body is the one that its header
// names.
func (m *machine) onNewBlock(now, at time.Time, l *listener, link chain.Link, got body) {
	switch {
	case l.gone:
	case m.heads.Has(link.Hash):
		m.known(now, at, l, &link)
		m.bodies.arrived(link.Hash, got)
	default:
		if b, _, ok := m.gossiped(now, at, l, link, event.ViaBroadcast); ok && m.isNew(now, l, &link) {
			m.bodies.found(b, got)
		}
	}
	m.finish(at)
}

// onNewHeader takes the header of a block that was sent whole, and whose body was not looked at. The body
// is requested if the block turns out to be new.
func (m *machine) onNewHeader(now, at time.Time, l *listener, link chain.Link) {
	if !l.gone {
		m.headerArrived(now, at, l, link, event.ViaBroadcast)
		m.finish(at)
	}
}

// known notes that a peer told of a block whose header is held.
func (m *machine) known(now, at time.Time, l *listener, link *chain.Link) {
	m.heads.Told(now, l, link.Ref())
	m.bodies.mayHave(link.Hash, l)
	m.at = at
}

// isNew reports whether a block that a peer gave is to be told: it is near the head, or follows one that was
// told, whatever the head is, and is no fork too many.
func (m *machine) isNew(now time.Time, l *listener, link *chain.Link) bool {
	return (m.heads.Near(link.Number) || m.heads.FollowsTold(link)) && m.tellable(now, l, link)
}

// tellable notes that a block is told, unless it is one fork too many of the peer that gave it.
func (m *machine) tellable(now time.Time, l *listener, link *chain.Link) bool {
	if m.heads.MarkTold(link.Hash) && !l.forks.take(now) {
		m.forks++
		return false
	}
	return true
}

// gossiped takes a header that a peer sent, of a block that is not known. It returns the block, as the
// first peer told of it, and which peers have it. It reports false if the block cannot be held.
func (m *machine) gossiped(now, at time.Time, l *listener, link chain.Link, via event.Via) (b block, have []*listener, ok bool) {
	first, offers := m.announced.take(link.Hash)
	if err := m.heads.Gossiped(now, l, link); err != nil {
		if !errors.Is(err, chain.ErrFuture) && !errors.Is(err, chain.ErrPace) {
			m.fault(now, l, err)
		}
		return block{}, nil, false
	}
	b = block{Link: link, source: l.source, via: via}
	if len(offers) > 0 {
		b.source, b.via = first, event.ViaAnnouncement
	}
	have = append(have, l)
	for _, o := range offers {
		if o.Note != link.Number {
			m.fault(now, o.Peer, errNumber(chain.Ref{Number: o.Note, Hash: link.Hash}, link.Number))
		} else if o.Peer != l {
			have = append(have, o.Peer)
		}
	}
	for _, p := range have {
		m.heads.Told(now, p, link.Ref())
	}
	m.at = at
	return b, have, true
}

// onAnnounced takes the answer to a request for the header of an announced block; err says that
// there is none.
func (m *machine) onAnnounced(now, at time.Time, l *listener, h types.Hash, links []chain.Link, err error) {
	switch {
	case errors.Is(err, eth.ErrBusy):
		m.announced.busy(now, l)
		return
	case err != nil:
		m.announced.failed(now, l)
		return
	case len(links) == 0:
		m.announced.answered(l)
		return
	case links[0].Hash != h:
		m.announced.answered(l)
		m.unexpectedReply(now, l, fmt.Errorf("asked for header %v, got %v", h, links[0].Hash))
		return
	}
	m.headerArrived(now, at, l, links[0], event.ViaAnnouncement)
	m.announced.answered(l)
	m.finish(at)
}

// headerArrived takes a header that a peer sent of a block that peers told of.
func (m *machine) headerArrived(now, at time.Time, l *listener, link chain.Link, via event.Via) {
	if m.heads.Has(link.Hash) {
		m.known(now, at, l, &link)
		return
	}
	if b, have, ok := m.gossiped(now, at, l, link, via); ok && m.isNew(now, l, &link) {
		m.want(b, have)
	}
}

// want has the body of a new block asked for. The gas limit bounds the work for a body. So a block whose
// gas limit is far from the head's, and that does not follow one that was told, is told by its header alone.
func (m *machine) want(b block, have []*listener) {
	w := m.window.Load()
	if w == nil || chain.GasLimitFits(w.gasLimit, b.GasLimit) || m.heads.FollowsTold(&b.Link) {
		m.bodies.want(b, have)
	} else {
		m.bodies.giveUpOn(b)
	}
}

// onLateAnnounced takes the header of an announced block that came after its time. It counts as if
// it had come in time, unless the head has gone on too far.
func (m *machine) onLateAnnounced(now, at time.Time, l *listener, h types.Hash, links []chain.Link) {
	m.announced.late(l)
	switch {
	case l.gone || len(links) == 0:
	case links[0].Hash != h:
		m.unexpectedReply(now, l, fmt.Errorf("asked for header %v, got %v", h, links[0].Hash))
	default:
		m.headerArrived(now, at, l, links[0], event.ViaAnnouncement)
		m.finish(at)
	}
}

// unexpectedReply handles a reply that is not to the request
// (devp2p/caps/eth.md#blockheaders-0x04). Without request IDs it may be to an earlier one that
// timed out: it is counted and skipped.
func (m *machine) unexpectedReply(now time.Time, l *listener, err error) {
	if l.hasRequestIDs {
		m.fault(now, l, err)
	} else {
		m.losses.Unexpected++
	}
}

// onPolled takes what heads made of a reply: new blocks, and an error if the peer is at fault.
func (m *machine) onPolled(now, at time.Time, l *listener, news []chain.Link, err error) {
	m.at = at
	for _, link := range news {
		m.announced.take(link.Hash)
		if m.tellable(now, l, &link) {
			m.want(block{Link: link, source: l.source, via: event.ViaRequest}, []*listener{l})
		}
	}
	m.finish(at)
	if err != nil {
		m.fault(now, l, err)
	}
}

// onBodies takes the answer to a request for bodies.
func (m *machine) onBodies(now, at time.Time, l *listener, got []body) {
	err := m.bodies.answered(now, l, got)
	m.finish(at)
	if err != nil {
		m.fault(now, l, err)
	}
}
