// SPDX-License-Identifier: Apache-2.0

package server

import (
	"bytes"
	"errors"
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/internal/netgroup"
)

// When a node is worth the next dial.
const (
	// redialAfter counts from a dial's beginning. It is longer than the 30 s for which
	// Ethereum's clients turn away a source that comes back.
	redialAfter = 35 * time.Second
	// redialMost is how long a static node is left alone at most, whatever it did: naming it
	// says that it is wanted.
	redialMost = 5 * time.Minute
	// redialOffset is added for nodes whose ID is below ours. Two nodes that dial each other
	// at once refuse each other's connection; without it they might do so for ever.
	redialOffset = time.Second

	historyTable = 16 << 10 // nodes not to dial yet; beyond it the oldest is forgotten

	// candidatePause follows a candidate that is of no use, so that a source that has only
	// such cannot keep us busy.
	candidatePause = 50 * time.Millisecond
)

// Why a node is not dialled.
var (
	errSelf       = errors.New("the node is ourselves")
	errNoPort     = errors.New("the node has no TCP port")
	errBusy       = errors.New("the node is being dialled, or is connected because it was")
	errPointless  = errors.New("the node is connected, or there is no place for it")
	errRestricted = errors.New("the address is outside of the networks that we are restricted to")
	errNoAddress  = errors.New("the node has no address")
	errTooSoon    = errors.New("the node was dialled, or disappointed us, a moment ago")
	errNetwork    = errors.New("enough nodes of its network are dialled, or peers")
)

// whyNot is what an event.Candidate says of them.
var whyNot = map[error]string{
	errSelf: "self", errNoPort: "no port", errBusy: "connected", errPointless: "connected or full", errRestricted: "restricted",
	errNoAddress: "no address", errTooSoon: "too soon", errNetwork: "network full",
}

// A dialer decides whom to dial, and when. It has no clock and dials nobody: the dial loop
// acts on what it answers.
type dialer struct {
	dialRules
	static  []*task // in the order in which they were added
	busy    map[enr.ID]*task
	active  int // of busy: dials under way
	peers   int // of busy: peers
	history *bounded.Map[enr.ID, cooldown]
	quiet   time.Time // no candidate before
	groups  groups    // of busy, of candidates
	outage  outage
}

// A cooldown is the time in which a node is not dialled.
type cooldown struct {
	until   time.Time
	dialled time.Time // when its last dial began; zero = not since the program began
}

// dialRules do not change.
type dialRules struct {
	self      enr.ID
	limit     int // peers that we dialled
	maxActive int
	networks  netgroup.Prefixes
	skip      func(enr.ID) bool // whether a dial would be pointless now
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
		groups:  groups{},
	}
}

// add makes a node static. It fails for one that could never be dialled; adding one twice
// does nothing. The node is dialled at once, whatever is remembered of it, but not within
// redialAfter of its last dial.
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

// slots is how many dials may begin: twice the places that are left, because about half of
// all dials lead to a peer.
func (d *dialer) slots() int {
	return min(2*(d.limit-d.peers), d.maxActive) - d.active
}

// due takes the static nodes that are to be dialled now; if there are more than slots,
// those that have waited longest.
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

// wants reports whether there is a slot for a candidate. Static nodes come first: ask due
// before.
func (d *dialer) wants(now time.Time) bool { return d.slots() > 0 && !now.Before(d.quiet) }

// onCandidate takes a node that a source found, and returns it as a task if it is to be
// dialled now.
func (d *dialer) onCandidate(now time.Time, n enr.Node) (*task, error) {
	id := n.ID()
	err := d.refusal(now, id, n)
	i := d.find(id)
	switch {
	case err != nil:
	case !n.IP.IsValid(): // nobody looks for a candidate's address
		err = errNoAddress
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
		d.groups.add(t.group)
	}
	d.begin(now, t)
	return t, nil
}

// never says why a node cannot be dialled at any time.
func (d *dialer) never(n enr.Node) error {
	switch {
	case n.ID() == d.self:
		return errSelf
	case noPort(n):
		return errNoPort
	case d.restricted(n):
		return errRestricted
	}
	return nil
}

// refusal says why a node cannot be dialled now.
func (d *dialer) refusal(now time.Time, id enr.ID, n enr.Node) error {
	switch {
	case id == d.self:
		return errSelf
	case noPort(n):
		return errNoPort
	case d.busy[id] != nil:
		return errBusy
	case d.skip(id):
		return errPointless
	case d.restricted(n):
		return errRestricted
	case now.Before(d.notBefore(id)):
		return errTooSoon
	}
	return nil
}

// noPort is false for a node without an address: a port may be found with it.
func noPort(n enr.Node) bool { return n.TCP == 0 && n.IP.IsValid() }

// restricted is false for a node without an address: what is found will be checked.
func (d *dialer) restricted(n enr.Node) bool { return n.IP.IsValid() && !d.networks.Allow(n.IP) }

func (d *dialer) begin(now time.Time, t *task) {
	d.active++
	d.busy[t.id] = t
	t.began = now
	d.leaveAlone(now, t.id, redialAfter)
	c, _ := d.history.Get(t.id)
	c.dialled = now
	d.history.Put(t.id, c)
}

// onConnected frees the slot of a dial that has become a peer.
func (d *dialer) onConnected(t *task) {
	t.connected = true
	d.active--
	d.peers++
}

// onEnd takes the end of a dial or of the peer that it became; node and resolution are
// what it learned meanwhile.
func (d *dialer) onEnd(t *task, node enr.Node, r resolution) {
	if t.connected {
		d.peers--
	} else {
		d.active--
	}
	delete(d.busy, t.id)
	d.groups.remove(t.group)
	t.node, t.resolution, t.connected, t.group = node, r, false, netgroup.Group{}
}

// onVerdict takes how long a node is not worth a dial, as of now, and how long at most if it
// is static.
func (d *dialer) onVerdict(now time.Time, id enr.ID, wait, static time.Duration) {
	if d.find(id) >= 0 {
		wait = min(wait, static)
	}
	if wait > 0 {
		d.leaveAlone(now, id, wait)
	}
}

func (d *dialer) leaveAlone(now time.Time, id enr.ID, wait time.Duration) {
	d.forget(now)
	until := now.Add(wait)
	if bytes.Compare(id[:], d.self[:]) < 0 {
		until = until.Add(redialOffset)
	}
	old, _ := d.history.Get(id)
	if old.until.After(until) {
		return
	}
	d.history.Delete(id) // to put it last
	d.history.Put(id, cooldown{until: until, dialled: old.dialled})
}

// bringForward has a node wait no longer than until then.
func (d *dialer) bringForward(id enr.ID, soon time.Time) {
	if old, _ := d.history.Get(id); old.until.After(soon) {
		d.history.Delete(id) // to put it last
		d.history.Put(id, cooldown{until: soon, dialled: old.dialled})
	}
}

// forget drops what the history's beginning holds in vain.
func (d *dialer) forget(now time.Time) {
	for {
		var first enr.ID
		over := false
		for id, c := range d.history.All() {
			first, over = id, !now.Before(c.until)
			break
		}
		if !over {
			return
		}
		d.history.Delete(first)
	}
}

func (d *dialer) notBefore(id enr.ID) time.Time {
	c, _ := d.history.Get(id)
	return c.until
}

// deadline returns when due or wants may have more to say; the zero time if only something
// that happens can bring more.
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
