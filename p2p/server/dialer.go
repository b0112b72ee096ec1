// SPDX-License-Identifier: Apache-2.0

package server

import (
	"bytes"
	"net/netip"
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/enr"
)

// When a node that was dialled is worth the next dial.
const (
	// redialWAN is longer than the 30 s for which Ethereum's clients turn away a source
	// that comes back; they exempt local networks.
	redialWAN   = 35 * time.Second
	redialLocal = 2 * time.Second // the first; doubles up to redialWAN
	// redialMost is how long a node that the operator named is left alone at most, whatever
	// it did: naming it says that it is wanted.
	redialMost = 5 * time.Minute
	// redialOffset is added for nodes whose ID is below ours. Two nodes that dial each other
	// at once refuse each other's connection; without it they might do so for ever.
	redialOffset = time.Second
)

// A dialer decides whom to dial, and when. It has no clock and dials nobody: the dial loop
// acts on what it answers.
type dialer struct {
	self      enr.ID
	tasks     []*task
	maxActive int
	active    int
}

// task is a node that is to be kept connected.
type task struct {
	node   enr.Node
	busy   bool      // dialling or connected
	next   time.Time // not before
	failed int       // ends in a row without having been up
}

func newDialer(self enr.ID, nodes []enr.Node, maxActive int) *dialer {
	d := &dialer{self: self, maxActive: maxActive}
	seen := map[enr.ID]bool{}
	for _, n := range nodes {
		if !seen[n.ID()] {
			seen[n.ID()] = true
			d.tasks = append(d.tasks, &task{node: n})
		}
	}
	return d
}

// due takes the tasks that are to be dialled now; if there are more than slots, those that
// have waited longest. Nodes for which skip answers true are looked at again after
// redialLocal.
func (d *dialer) due(now time.Time, skip func(enr.ID) bool) []*task {
	slices.SortStableFunc(d.tasks, func(a, b *task) int { return a.next.Compare(b.next) })
	var due []*task
	for _, t := range d.tasks {
		if t.busy || now.Before(t.next) || d.active == d.maxActive {
			continue
		}
		if skip(t.node.ID()) {
			t.next = now.Add(redialLocal)
			continue
		}
		t.busy = true
		d.active++
		due = append(due, t)
	}
	return due
}

// onHandshaken frees the slot of a dial that has become a peer.
func (d *dialer) onHandshaken(*task) { d.active-- }

// onEnd puts a task back. retry is the verdict's wish.
func (d *dialer) onEnd(now time.Time, t *task, handshaken, wasUp bool, retry time.Duration) {
	if !handshaken {
		d.active--
	}
	t.busy = false
	if wasUp {
		t.failed = 0
	}
	wait := redialWAN
	if local(t.node.IP) {
		wait = min(redialWAN, redialLocal<<min(t.failed, 5))
	}
	t.failed++
	wait = min(max(wait, retry), redialMost)
	if id := t.node.ID(); bytes.Compare(id[:], d.self[:]) < 0 {
		wait += redialOffset
	}
	t.next = now.Add(wait)
}

// deadline returns when due may have more to say; false if only an end can bring more.
func (d *dialer) deadline() (earliest time.Time, ok bool) {
	for _, t := range d.tasks {
		if !t.busy && d.active < d.maxActive && (!ok || t.next.Before(earliest)) {
			earliest, ok = t.next, true
		}
	}
	return earliest, ok
}

// local reports whether an address belongs to a local network, which is exempt from the
// throttle. A host name that was not resolved is not local.
func local(ip netip.Addr) bool {
	ip = ip.Unmap()
	return ip.IsValid() && (ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || (ip.Is4() && ip.As4()[0] == 0))
}
