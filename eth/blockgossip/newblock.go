// SPDX-License-Identifier: Apache-2.0

// in: whole blocks and headers that peers told of · out: blocks to be told, or whose bodies are wanted · owner:
// the loop

package blockgossip

import (
	"errors"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/event"
)

// onNewBlock takes a block that was sent whole, unasked, and whose body is the one that its header
// names (devp2p/caps/eth.md#newblock-0x07).
func (m *machine) onNewBlock(now, at time.Time, l *listener, link chain.Link, got body) {
	switch {
	case l.gone:
	case m.heads.Has(link.Hash):
		m.known(now, at, l, &link)
		m.bodies.arrived(link.Hash, got)
	default:
		if b, _, ok := m.gossiped(now, at, l, link, event.ViaBroadcast); ok && m.isNew(now, l, &link) {
			m.bodies.complete(b, got)
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
	return (m.near(link.Number) || m.heads.FollowsTold(link)) && m.tellable(now, l, link)
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
