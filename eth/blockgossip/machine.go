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
	"github.com/ethpeer/ethpeer/internal/bounded"
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

	believer *believer
	importer *importer                        // nil: no chain is held
	raws     *bounded.Map[types.Hash, []byte] // headers as they came; nil: none are kept

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
// head are ignored. Blocks that the chain holds are not asked for.
func (m *machine) onHashes(now, at time.Time, l *listener, refs []chain.Ref, held map[types.Hash]bool) {
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
		case held[ref.Hash]:
			m.heads.Told(now, l, ref)
		case m.near(ref.Number) && m.announced.offer(now, l, l.source, ref):
			m.heads.Told(now, l, ref)
		}
	}
	m.at = at
}

// near reports whether a block is at a distance from the head at which gossip is listened to: from the head of the
// chain that is held if that head counts, otherwise from what most peers say.
func (m *machine) near(number uint64) bool {
	if h, ok := m.heads.Head(); ok && m.believer.verified(&h) {
		return m.importer.near(number)
	}
	return m.heads.Near(number)
}

// passed reports whether the chain that is held went by a number long ago: a peer that synchronises gets there only now.
func (m *machine) passed(number uint64) bool {
	if m.importer == nil {
		return false
	}
	return number < m.importer.chain.Head().Number && !m.importer.near(number)
}

func errNumber(ref chain.Ref, is uint64) error {
	return fmt.Errorf("block %v announced as number %d, is %d", ref.Hash, ref.Number, is)
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
		if !m.passed(link.Number) && m.tellable(now, l, &link) {
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
