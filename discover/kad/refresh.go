// SPDX-License-Identifier: Apache-2.0

package kad

import "time"

// refreshInterval is the time from the end of one refresh to the next.
const refreshInterval = 30 * time.Minute

// refresh knows when the table is to look around for nodes.
type refresh struct {
	due     time.Time
	running bool
	ended   bool // at least one has
}

func (r *refresh) deadline() (time.Time, bool) { return r.due, !r.running }

// begin reports whether a refresh begins now.
func (r *refresh) begin(now time.Time) bool {
	if r.running || now.Before(r.due) {
		return false
	}
	r.running = true
	return true
}

// WantRefresh asks for a refresh now. There is one at a time: if one is running, it will do.
func (t *Table) WantRefresh(now time.Time) []Action {
	t.refresh.due = now
	return t.OnTick(now)
}

// OnRefreshed ends a refresh.
func (t *Table) OnRefreshed(now time.Time) []Action {
	if t.refresh.running {
		t.refresh = refresh{due: now.Add(refreshInterval), ended: true}
	}
	return t.take()
}
