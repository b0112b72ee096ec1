// SPDX-License-Identifier: Apache-2.0

package event

import (
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/enr"
)

// The bounds of a Tally. What comes beyond them is counted in the total where there is
// one: a further place under "other"; a further node not among Peers.
const (
	maxNodes  = 65_536
	maxPlaces = 64
	otherLost = "other"
)

// A Tally counts events. It has one owner; the zero value is empty.
type Tally struct {
	sum   Summary
	nodes map[enr.ID]struct{} // were up at least once; at most maxNodes
}

// Count adds an event. It allocates only for a node or a place that is new.
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

func (t *Tally) loss(e Loss) {
	where := e.Where
	i := t.place(where)
	if i < 0 && len(t.sum.Lost) >= maxPlaces {
		where = otherLost
		i = t.place(where)
	}
	if i < 0 {
		t.sum.Lost = append(t.sum.Lost, Lost{where, e.Count})
		return
	}
	t.sum.Lost[i].Count += e.Count
}

func (t *Tally) place(where string) int {
	return slices.IndexFunc(t.sum.Lost, func(l Lost) bool { return l.Where == where })
}
