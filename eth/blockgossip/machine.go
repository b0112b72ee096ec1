// SPDX-License-Identifier: Apache-2.0

// in: letters, time · out: events, requests, violations · owner: the loop

package blockgossip

import (
	"errors"
	"fmt"
	"time"

	"github.com/holiman/uint256"

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

	losses head.Losses // of heads, not yet reported
	again  bool        // a request could not be sent: there may be another to send now
}

func (m *machine) onOpen(now time.Time, l *listener, info head.Info) {
	m.heads.Join(now, l, info)
	m.announced.join(l)
	m.bodies.join(l, l.hasRequestIDs)
	m.tellHead(now)
}

func (m *machine) onClose(now time.Time, l *listener) {
	if l.gone {
		return
	}
	l.gone = true
	m.heads.Leave(now, l)
	m.announced.leave(l)
	m.bodies.leave(now, l)
	m.tellHead(now)
	m.tellBlocks(now)
}

// fault ends a session, because the peer broke a rule.
func (m *machine) fault(now time.Time, l *listener, err error) {
	if !l.gone {
		l.session.Fail(p2p.Breach("%w", err))
		m.onClose(now, l)
	}
}

// onRange takes a BlockRangeUpdate (devp2p/caps/eth.md#blockrangeupdate-0x11).
func (m *machine) onRange(now, at time.Time, l *listener, latest chain.Ref) {
	m.heads.Range(now, l, latest)
	m.tellHead(at)
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
	m.tellHead(at)
}

func errNumber(ref chain.Ref, is uint64) error {
	return fmt.Errorf("block %v announced as number %d, is %d", ref.Hash, ref.Number, is)
}

// onNewBlock takes a block that was sent whole, unasked, and whose body is the one that its header
// names.
func (m *machine) onNewBlock(now, at time.Time, l *listener, link chain.Link, td *uint256.Int, got body) {
	if l.gone {
		return
	}
	defer func() { m.tellBlocks(at) }()
	if m.heads.Has(link.Hash) {
		m.heads.Told(now, l, link.Ref())
		m.tellHead(at)
		m.bodies.arrived(link.Hash, got)
		return
	}
	b := block{Link: link, source: l.source, via: event.ViaBroadcast}
	if _, first, ok := m.gossiped(now, at, l, link, td); ok {
		if first != nil {
			b.source, b.via = *first, event.ViaAnnouncement
		}
		if m.heads.Near(link.Number) {
			m.bodies.found(b, got)
		}
	}
}

// gossiped takes a header that a peer sent, of a block that is not known. It returns which
// peers have the block, and the first that announced it (nil: none did). It reports false if the
// block cannot be held.
func (m *machine) gossiped(now, at time.Time, l *listener, link chain.Link, td *uint256.Int) (have []*listener, first *event.Source, ok bool) {
	source, offers := m.announced.take(link.Hash)
	if err := m.heads.Gossiped(now, l, link, td); err != nil {
		if !errors.Is(err, chain.ErrFuture) {
			m.fault(now, l, err)
		}
		return nil, nil, false
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
	m.tellHead(at)
	if len(offers) > 0 {
		first = &source
	}
	return have, first, true
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
	m.headerArrived(now, at, l, links[0])
	m.announced.answered(l)
	m.tellBlocks(at)
}

// headerArrived takes the header of a block that was announced, perhaps too long ago, unless it is
// known.
func (m *machine) headerArrived(now, at time.Time, l *listener, link chain.Link) {
	if m.heads.Has(link.Hash) {
		return
	}
	have, first, ok := m.gossiped(now, at, l, link, nil)
	if first == nil {
		first = &l.source
	}
	if ok {
		m.bodies.want(block{Link: link, source: *first, via: event.ViaAnnouncement}, have)
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
	case m.heads.Near(links[0].Number):
		m.headerArrived(now, at, l, links[0])
		m.tellBlocks(at)
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
	m.tellHead(at)
	for _, link := range news {
		m.announced.take(link.Hash)
		m.bodies.want(block{Link: link, source: l.source, via: event.ViaRequest}, []*listener{l})
	}
	m.tellBlocks(at)
	if err != nil {
		m.fault(now, l, err)
	}
}

// onBodies takes the answer to a request for bodies.
func (m *machine) onBodies(now, at time.Time, l *listener, got []body) {
	err := m.bodies.answered(now, l, got)
	m.tellBlocks(at)
	if err != nil {
		m.fault(now, l, err)
	}
}
