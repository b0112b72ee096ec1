// SPDX-License-Identifier: Apache-2.0

package beacon

import "time"

// A node is one beacon node.
type node struct {
	base string // its URL, which may contain a key
	name string // scheme and host, to be shown

	dropped  bool      // it gave a provably bad answer
	failures int       // in a row
	wait     time.Time // until then nothing is asked of it
	stream   time.Time // until then no stream is opened
	tried    uint64    // 1 + the slot in which it was last polled
}

// Waits after failures.
const (
	firstWait = time.Second // doubles with each failure, up to maxWait
	maxWait   = 12 * time.Second
	amnesty   = time.Hour // after which dropped nodes are asked again, if no other is left

	streamWait = time.Minute // after a stream that ended
)

// pick chooses the node to ask: the current one, or the next that may be asked. Without one it returns when
// there is one.
func (m *machine) pick(now time.Time) (wait time.Time, ok bool) {
	for i := range m.nodes {
		at := (m.at + i) % len(m.nodes)
		n := &m.nodes[at]
		switch {
		case n.dropped:
		case waits(now, n.wait, maxWait):
			wait = soonest(wait, n.wait)
		default:
			m.at = at
			return time.Time{}, true
		}
	}
	if !wait.IsZero() {
		return wait, false
	}
	if wait = m.lastDrop.Add(amnesty); now.Before(wait) {
		return wait, false
	}
	for i := range m.nodes {
		m.nodes[i].dropped = false
	}
	return time.Time{}, true
}

// waits reports whether a time that is at most this far away lies ahead. One that is farther was set before the clock was set
// back, and is over.
func waits(now, until time.Time, most time.Duration) bool {
	return now.Before(until) && !until.After(now.Add(most))
}

// failed notes that a node gave no usable answer, and goes to the next.
func (m *machine) failed(now time.Time, at int, err error) {
	n := &m.nodes[at]
	n.wait = now.Add(min(firstWait<<min(n.failures, 10), maxWait))
	n.failures++
	m.note(at, err)
	m.leave(at)
}

// bad notes that a node gave a provably bad answer: it is not asked again.
func (m *machine) bad(now time.Time, at int, err error) {
	n := &m.nodes[at]
	n.dropped, m.lastDrop = true, now
	m.badAnswers++
	m.cause = n.name + " gave a bad answer: " + err.Error()
	left := 0
	for i := range m.nodes {
		if !m.nodes[i].dropped {
			left++
		}
	}
	then := "it is not asked again"
	if left == 0 {
		then = "no beacon node is left; they are asked again in " + amnesty.String() + ", or name another one with --beacon"
	}
	m.trouble(now, m.cause+": "+then, false)
	m.leave(at)
}

// leave goes to the next node, if the current one is at.
func (m *machine) leave(at int) {
	if m.at == at {
		m.at = (m.at + 1) % len(m.nodes)
	}
}

func soonest(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}
