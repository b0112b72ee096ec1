// SPDX-License-Identifier: Apache-2.0

// in: static nodes, candidates, ends of connections, time · out: nodes to dial · owner: the dial loop

package server

import (
	"net/netip"
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/internal/netgroup"
)

// candidatePause follows a candidate that is not dialled, so that a source that yields only such
// candidates cannot keep the dial loop busy.
const candidatePause = 50 * time.Millisecond

// A dialer decides which nodes to dial, and when. It has no clock and opens no connection: the dial loop acts
// on its results.
type dialer struct {
	dialRules
	static  []*task // in the order in which they were added
	busy    map[enr.ID]*task
	active  int // dials under way, of busy
	peers   int // peers that we dialled, of busy
	history *bounded.Map[enr.ID, cooldown]
	quiet   time.Time       // no candidate is dialled before
	groups  netgroup.Counts // networks of the candidates in busy
	outage  outage
}

// dialRules are the rules of dials. They do not change.
type dialRules struct {
	self      enr.ID
	limit     int // most peers that we dial
	maxActive int
	networks  netgroup.Prefixes
	skip      func(enr.ID) bool                             // whether a dial would be pointless now
	near      func(ip netip.Addr, named ...netip.Addr) bool // see Server.near
}

// task is one node to dial.
type task struct {
	id         enr.ID // of node
	node       enr.Node
	static     bool
	resolution resolution
	connected  bool
	began      time.Time      // of its last dial
	group      netgroup.Group // in which it counts while it is busy; zero = in none
}

func newDialer(rules dialRules) *dialer {
	return &dialer{
		dialRules: rules, busy: map[enr.ID]*task{},
		history: bounded.NewMap[enr.ID, cooldown](historyTable, bounded.DropOldest),
		groups:  netgroup.Counts{},
	}
}

// add makes a node static. It fails for a node that could never be dialled; adding a node again does nothing.
// The node is dialled at once, whatever its reputation, but not within redialAfter of its last dial.
func (d *dialer) add(now time.Time, n enr.Node) error {
	if err := d.never(n); err != nil {
		return err
	}
	id := n.ID()
	if d.find(id) >= 0 {
		return nil
	}
	d.static = append(d.static, &task{id: id, node: n, static: true})
	c, _ := d.history.Get(id)
	soon := now
	if earliest := c.dialled.Add(redialAfter); !c.dialled.IsZero() && earliest.After(now) {
		soon = earliest
	}
	d.bringForward(id, soon)
	return nil
}

// remove undoes add. A dial that is under way goes on.
func (d *dialer) remove(id enr.ID) {
	if i := d.find(id); i >= 0 {
		d.static = slices.Delete(d.static, i, i+1)
	}
}

func (d *dialer) find(id enr.ID) int {
	return slices.IndexFunc(d.static, func(t *task) bool { return t.id == id })
}

// slots returns how many dials may begin: twice the free places for dialled peers, because about half of all
// dials lead to a peer.
func (d *dialer) slots() int {
	return min(2*(d.limit-d.peers), d.maxActive) - d.active
}

// due takes the static nodes to dial now. If there are more than slots, it takes those that have waited
// longest.
func (d *dialer) due(now time.Time) (due []*task) {
	if d.slots() <= 0 {
		return nil
	}
	idle := make([]*task, 0, len(d.static))
	for _, t := range d.static {
		if d.refusal(now, t.id, t.node) == nil {
			idle = append(idle, t)
		}
	}
	slices.SortStableFunc(idle, func(a, b *task) int { return a.began.Compare(b.began) })
	for _, t := range idle[:min(len(idle), d.slots())] {
		d.begin(now, t)
		due = append(due, t)
	}
	return due
}

// wants reports whether a candidate may be dialled. Static nodes come first: call due before.
func (d *dialer) wants(now time.Time) bool { return d.slots() > 0 && !now.Before(d.quiet) }

// onCandidate takes a node that a source found. It returns a task if the node is to be dialled now, else the
// reason why not.
func (d *dialer) onCandidate(now time.Time, n enr.Node) (*task, error) {
	id := n.ID()
	err := d.refusal(now, id, n)
	i := d.find(id)
	switch {
	case err != nil:
	case !n.IP.IsValid(): // only static nodes are resolved
		err = errNoAddress
	case i < 0 && d.foreign(n.IP):
		err = errLocal
	case i < 0 && d.groupFull(n.IP):
		err = errNetwork
	}
	if err != nil {
		d.quiet = now.Add(candidatePause)
		return nil, err
	}
	t := &task{id: id, node: n}
	if i >= 0 {
		t = d.static[i]
	} else {
		t.group = netgroup.Of(n.IP)
		d.groups.Add(t.group)
	}
	d.begin(now, t)
	return t, nil
}

func (d *dialer) begin(now time.Time, t *task) {
	d.active++
	d.busy[t.id] = t
	t.began = now
	d.leaveAlone(now, t.id, redialAfter)
	c, _ := d.history.Get(t.id)
	c.dialled = now
	d.history.Put(t.id, c)
}

// onConnected frees the slot of a dial once its node is a peer.
func (d *dialer) onConnected(t *task) {
	t.connected = true
	d.active--
	d.peers++
}

// onEnd takes the end of a dial, or of the peer that it became. node and resolution carry the addresses that
// the connection learned.
func (d *dialer) onEnd(t *task, node enr.Node, r resolution) {
	if t.connected {
		d.peers--
	} else {
		d.active--
	}
	delete(d.busy, t.id)
	d.groups.Remove(t.group)
	t.node, t.resolution, t.connected, t.group = node, r, false, netgroup.Group{}
}

// onVerdict takes for how long a node is not worth a dial from now on, and the bound of that wait if the node
// is static.
func (d *dialer) onVerdict(now time.Time, id enr.ID, wait, static time.Duration) {
	if d.find(id) >= 0 {
		wait = min(wait, static)
	}
	if wait > 0 {
		d.leaveAlone(now, id, wait)
	}
}

// deadline returns when due or wants may return something new; the zero time means not before the next event.
func (d *dialer) deadline(now time.Time) (earliest time.Time) {
	if d.slots() <= 0 {
		return time.Time{}
	}
	consider := func(at time.Time) {
		if at.After(now) && (earliest.IsZero() || at.Before(earliest)) {
			earliest = at
		}
	}
	consider(d.quiet)
	for _, t := range d.static {
		if d.busy[t.id] == nil {
			consider(d.notBefore(t.id))
		}
	}
	return earliest
}
