// SPDX-License-Identifier: Apache-2.0

package kad

import "time"

const (
	refreshInterval = 30 * time.Minute // from the end of one refresh to the next
	emptyInterval   = 10 * time.Second // likewise, and after the last entry was removed, if the table is still empty
)

// refresh decides when the table looks up nodes (devp2p/discv5/discv5-theory.md#lookup).
type refresh struct {
	due     time.Time
	empty   time.Time // likewise, if the table is empty then; zero: not planned
	running bool
	ended   bool // at least one has
}

// deadline returns when begin is due. It is the zero time while a refresh runs.
func (r *refresh) deadline() time.Time {
	if r.running {
		return time.Time{}
	}
	return sooner(r.due, r.empty)
}

// begin reports whether a refresh begins now.
func (r *refresh) begin(now time.Time, empty bool) bool {
	if r.running {
		return false
	}
	if !r.empty.IsZero() && !now.Before(r.empty) {
		r.empty = time.Time{}
		if empty {
			r.due = now
		}
	}
	if now.Before(r.due) {
		return false
	}
	r.running, r.empty = true, time.Time{}
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
		t.whenEmpty(now)
	}
	return t.take()
}

// whenEmpty schedules a refresh when no entry is left: nothing else brings a new one.
func (t *Table) whenEmpty(now time.Time) {
	if t.refresh.empty.IsZero() && t.Len() == 0 {
		t.refresh.empty = now.Add(emptyInterval)
	}
}
