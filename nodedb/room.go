// SPDX-License-Identifier: Apache-2.0

package nodedb

import (
	"time"

	"github.com/ethpeer/ethpeer/enr"
)

// proven reports whether the node was a peer and its address is known. Anyone can make any number of unproven
// entries: keys are free, and one host can answer discovery under all of them.
func (e *Entry) proven() bool {
	_, ok := e.Node.TCPAddr()
	return ok && !e.LastUp.IsZero()
}

// learned returns when something was last learned of the node.
func (e *Entry) learned() time.Time {
	if at := e.heard(); !at.Before(e.ScoreAt) {
		return at
	}
	return e.ScoreAt
}

// stale reports whether the entry is useless at the given time: the node is no seed, and need not be left
// alone.
func (e *Entry) stale(now time.Time) bool {
	return now.Sub(e.learned()) >= seedLife && !now.Before(e.NotBefore)
}

// put puts an entry at the end of the order. It returns false if the entry is new and finds no room.
func (d *DB) put(e *Entry) bool {
	if !d.entries.Delete(e.ID) && d.entries.Len() == maxEntries && !d.makeRoom(e) {
		d.refused++
		return false
	}
	d.unproven.Delete(e.ID)
	d.entries.Put(e.ID, e)
	if !e.proven() {
		d.unproven.Add(e.ID)
	}
	return true
}

// makeRoom removes an entry from a full store for a new one: the unproven entry that was not updated for
// longest, but for an unproven newcomer only if that entry is stale. If all entries are proven, makeRoom
// removes the worst one for a proven newcomer.
func (d *DB) makeRoom(newcomer *Entry) bool {
	for id := range d.unproven.All() {
		old, _ := d.entries.Get(id)
		if !newcomer.proven() && !old.stale(newcomer.learned()) {
			return false
		}
		d.remove(id)
		return true
	}
	if !newcomer.proven() {
		return false
	}
	d.remove(d.worst(newcomer.learned()))
	return true
}

// worst returns the entry with the lowest score, and of several the one that was not updated for longest.
func (d *DB) worst(now time.Time) (worst enr.ID) {
	first, lowest := true, 0.0
	for id, e := range d.entries.All() {
		if score := e.score(now); first || score < lowest {
			first, worst, lowest = false, id, score
		}
	}
	return worst
}

func (d *DB) remove(id enr.ID) {
	d.entries.Delete(id)
	d.unproven.Delete(id)
	d.change(keyOf(id))
}

// takeRefused returns how many new entries found no room since its last call.
func (d *DB) takeRefused() (n uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, d.refused = d.refused, 0
	return n
}
