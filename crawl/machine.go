// SPDX-License-Identifier: Apache-2.0

// in: visits that ended · out: which node to visit next · owner: the loop

package crawl

import (
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/probe"
)

const maxNodes = 100_000

// A Visit is the result of asking one node.
type Visit struct {
	Node     enr.Node      // with the newest record that was seen
	Answered bool          // it answers discovery
	Told     []enr.Node    // the nodes that it named
	Probe    *probe.Answer // what it said over TCP; nil = it was not asked
	Err      error         // why it could not be asked: its host name has no address
}

// A machine knows which nodes it has heard of.
type machine struct {
	known   map[enr.ID]struct{}
	waiting []enr.Node
	busy    int // visits under way
	limit   int
	beyond  uint64 // nodes that were too many
}

func newMachine(start []enr.Node) *machine {
	m := &machine{known: map[enr.ID]struct{}{}, limit: maxNodes}
	m.hear(start)
	return m
}

func (m *machine) hear(nodes []enr.Node) {
	for _, n := range nodes {
		id := n.ID()
		if _, ok := m.known[id]; ok {
			continue
		}
		if len(m.known) == m.limit {
			m.beyond++
			continue
		}
		m.known[id] = struct{}{}
		m.waiting = append(m.waiting, n)
	}
}

// next returns the node to visit; ok is false if none waits.
func (m *machine) next() (n enr.Node, ok bool) {
	if len(m.waiting) == 0 {
		return n, false
	}
	return m.waiting[0], true
}

// begin begins the visit of the node that next has returned.
func (m *machine) begin() {
	m.waiting = m.waiting[1:]
	m.busy++
}

func (m *machine) onVisit(v *Visit) {
	m.busy--
	m.hear(v.Told)
}

// done reports whether no node is left.
func (m *machine) done() bool { return len(m.waiting) == 0 && m.busy == 0 }
