// SPDX-License-Identifier: Apache-2.0

// in: time, answers · out: nodes, names to look up, how long to wait · owner: the caller

package dns

import (
	"time"

	"github.com/ethpeer/ethpeer/discover/dnstree"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/bounded"
)

// A machine decides what to look up (EIP-1459, "Client Protocol"). After next has returned a
// query, the caller must call onAnswer or onCancel before next.
type machine struct {
	roots   []dnstree.URL // the configured lists
	lists   []*list       // these, and what they link to
	entries *bounded.Map[dnstree.Hash, dnstree.Entry]
	limiter limiter
	pick    func(n int) int // a number below n, at random

	asked *task
}

// A task is an entry to read.
type task struct {
	list *list
	kind kind
	i    int // which missing entry of the tree sync; nothing changes until there is an answer
	hash dnstree.Hash
	name string
}

// A step is what to do now: give out the node, if there is one; or look up the query's
// TXT strings, if there is one; or else wait until the deadline, which is the zero time when
// nothing waits.
type step struct {
	node     *enr.Record
	query    string
	deadline time.Time
}

func newMachine(roots []dnstree.URL, pick func(n int) int) *machine {
	m := &machine{
		roots:   roots,
		entries: bounded.NewMap[dnstree.Hash, dnstree.Entry](cached, bounded.DropLeastRecent),
		pick:    pick,
	}
	m.relink()
	return m
}

// next returns what to do.
func (m *machine) next(now time.Time) step {
	for {
		l, deadline := m.choose(now)
		if l == nil {
			return step{deadline: deadline}
		}
		t := m.task(now, l)
		if e, ok := m.entries.Get(t.hash); ok {
			if record, _ := m.onEntry(now, t, e, nil); record != nil {
				return step{node: record}
			}
			continue
		}
		if wait := m.limiter.wait(now); wait > 0 {
			return step{deadline: now.Add(wait)}
		}
		m.limiter.pass(now)
		m.asked = &t
		return step{query: t.name}
	}
}

// choose returns a random one of the lists that are due, or the time when the first one is.
func (m *machine) choose(now time.Time) (l *list, deadline time.Time) {
	ready := make([]*list, 0, maxLists)
	for _, l := range m.lists {
		switch due := l.due(now); {
		case !due.After(now):
			ready = append(ready, l)
		case deadline.IsZero() || due.Before(deadline):
			deadline = due
		}
	}
	if len(ready) == 0 {
		return nil, deadline
	}
	return ready[m.pick(len(ready))], time.Time{}
}

func (m *machine) task(now time.Time, l *list) task {
	t := task{list: l, kind: l.next(now), name: l.url.Domain}
	switch t.kind {
	case readRoot:
		return t
	case readLink:
		t.hash = l.links.missing[0].hash
	case readNode:
		t.i = m.pick(len(l.nodes.missing))
		t.hash = l.nodes.missing[t.i].hash
	}
	t.name = t.hash.Name(l.url.Domain)
	return t
}

// onAnswer takes the result of a lookup. It returns the node that it found and the error, if any.
func (m *machine) onAnswer(now time.Time, texts []string, err error) (*enr.Record, error) {
	t := *m.asked
	m.asked = nil
	if t.kind == readRoot {
		return nil, t.list.onRoot(now, texts, err)
	}
	var e dnstree.Entry
	if err == nil {
		e, err = dnstree.FindEntry(texts, t.hash)
	}
	if err == nil {
		m.entries.Put(t.hash, e)
	}
	return m.onEntry(now, t, e, err)
}

// onCancel ends a query without an answer; it does not count as a failure of the list.
func (m *machine) onCancel() { m.asked = nil }

func (m *machine) onEntry(now time.Time, t task, e dnstree.Entry, err error) (*enr.Record, error) {
	if t.kind == readLink {
		err = t.list.onLink(t.i, e, err)
		if t.list.links.done() {
			m.relink()
		}
		return nil, err
	}
	if err = t.list.onNode(now, t.i, e, err); err != nil {
		return nil, err
	}
	node, _ := e.(dnstree.Node)
	return node.Record, nil
}

// relink sets the lists to the configured ones and all that these link to, directly or not
// (EIP-1459, "Referencing Trees by URL"). Nearer lists come first, so that a list with many links
// cannot displace them; a loop ends at a list that is present.
func (m *machine) relink() {
	had := make(map[dnstree.URL]*list, len(m.lists))
	for _, l := range m.lists {
		had[l.url] = l
	}
	m.lists = nil
	have := make(map[dnstree.URL]bool, maxLists)
	level := m.roots
	for depth := 0; depth <= maxDepth; depth++ {
		var below []dnstree.URL
		for _, url := range level {
			if have[url] || len(m.lists) == maxLists {
				continue
			}
			have[url] = true
			l := had[url]
			if l == nil {
				l = &list{url: url}
			}
			m.lists = append(m.lists, l)
			below = append(below, l.linked...)
		}
		level = below
	}
}
