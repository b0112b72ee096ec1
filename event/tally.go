// SPDX-License-Identifier: Apache-2.0

package event

import (
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/enr"
)

// The bounds of a Tally. Beyond them a node is not counted among Peers, a site is counted
// as otherSite, and a named node is not listed in Away.
const (
	maxNodes  = 65_536
	maxSites  = 64
	maxNamed  = 1024
	otherSite = "other"
)

// A Tally counts events. It has one owner; the zero value is empty.
type Tally struct {
	sum   Summary
	nodes map[enr.ID]struct{} // were up at least once; at most maxNodes
	named []presence          // nodes that the operator named; at most maxNamed
}

// A presence follows one node that the operator named.
type presence struct {
	id      enr.ID
	first   time.Time     // when it was first dialled, or connected
	up      int           // its connections that are up
	since   time.Time     // of the first of these
	present time.Duration // in all, before since
	left    time.Time     // when we ended the last of them to quit; zero = something came after that
}

// quitting is the reason of an end that our own end is: it makes no node be away. The words
// are those of devp2p/rlpx.md#disconnect-0x01, reason 0x08.
const quitting = "client quitting"

// Count adds an event. It allocates only for a node or a site that is new.
func (t *Tally) Count(e Event) {
	switch e := e.(type) {
	case Tx:
		t.tx(e)
	case Sighting:
		t.sum.Sightings++
	case Block:
		t.sum.Blocks++
	case Head:
		t.sum.Head = e
	case Peer:
		t.peer(e)
	case Loss:
		t.loss(e)
	}
}

// Summary returns the counts as of now, for a run that began at start. The caller owns it.
func (t *Tally) Summary(start, now time.Time) Summary {
	s := t.sum
	s.Time = now
	s.Uptime = now.Sub(start)
	s.Peers = len(t.nodes)
	s.Lost = slices.Clone(t.sum.Lost)
	for i := range t.named {
		s.Away = append(s.Away, Absence{t.named[i].id, t.named[i].away(now)})
	}
	return s
}

func (t *Tally) tx(e Tx) {
	if !e.Update {
		t.sum.Txs++
	}
	if e.Body != nil {
		t.sum.Bodies++
	}
}

func (t *Tally) peer(e Peer) {
	if e.Static && e.Source.Peer != (enr.ID{}) {
		t.present(e)
	}
	switch e.Change {
	case PeerUp:
		t.sum.Up++
		t.sum.Connected++
		t.node(e.Source.Peer)
	case PeerDown:
		t.sum.Down++
		t.sum.Connected--
	case PeerFailed:
		t.sum.Failed++
	}
}

func (t *Tally) node(id enr.ID) {
	if t.nodes == nil {
		t.nodes = make(map[enr.ID]struct{})
	}
	if len(t.nodes) < maxNodes {
		t.nodes[id] = struct{}{}
	}
}

// present follows the nodes that the operator named.
func (t *Tally) present(e Peer) {
	i := slices.IndexFunc(t.named, func(p presence) bool { return p.id == e.Source.Peer })
	if i < 0 {
		if len(t.named) >= maxNamed {
			return
		}
		i = len(t.named)
		t.named = append(t.named, presence{id: e.Source.Peer, first: e.Time.Add(-e.Lasted)})
	}
	p := &t.named[i]
	p.left = time.Time{}
	switch e.Change {
	case PeerUp:
		p.onUp(e.Time)
	case PeerDown:
		p.onDown(e.Time)
		if e.By == ByUs && e.Reason == quitting {
			p.left = e.Time
		}
	}
}

func (p *presence) onUp(at time.Time) {
	if p.up == 0 {
		p.since = at
	}
	p.up++
}

func (p *presence) onDown(at time.Time) {
	if p.up == 0 {
		return // it was up before the tally began
	}
	if p.up--; p.up == 0 {
		p.present += max(0, at.Sub(p.since))
	}
}

// away returns for how long it was not connected since it was first dialled, until now or
// until we quit.
func (p *presence) away(now time.Time) time.Duration {
	if p.up == 0 && !p.left.IsZero() && p.left.Before(now) {
		now = p.left
	}
	present := p.present
	if p.up > 0 {
		present += max(0, now.Sub(p.since))
	}
	return max(0, now.Sub(p.first)-present)
}

func (t *Tally) loss(e Loss) {
	where := e.Where
	i := t.site(where)
	if i < 0 && len(t.sum.Lost) >= maxSites {
		where = otherSite
		i = t.site(where)
	}
	if i < 0 {
		t.sum.Lost = append(t.sum.Lost, Lost{where, e.Count})
		return
	}
	t.sum.Lost[i].Count += e.Count
}

func (t *Tally) site(where string) int {
	return slices.IndexFunc(t.sum.Lost, func(l Lost) bool { return l.Where == where })
}
