// SPDX-License-Identifier: Apache-2.0

package nodedb

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/bounded"
)

const (
	maxEntries = 16 << 10
	keptFor    = 30 * 24 * time.Hour // after the last sign of life
	seedLife   = 5 * 24 * time.Hour  // for how long a pong makes a node a seed
)

// A Disk keeps bytes. One goroutine calls it at a time.
type Disk interface {
	// Load calls each for every key. The slices are borrowed.
	Load(each func(key, value []byte)) error

	// Write changes all or nothing.
	Write(puts map[string][]byte, deletes []string) error

	Close() error
}

// The keys on the disk: one for each node, and one for the sequence number of our own record (EIP-778,
// "seq").
const (
	nodePrefix  = "node/"
	sequenceKey = "own/sequence"
)

func keyOf(id enr.ID) string { return nodePrefix + string(id[:]) }

// A DB remembers nodes. It may be used from any goroutine.
type DB struct {
	disk Disk // nil = none

	mu       sync.Mutex                   // guards what follows
	entries  *bounded.Map[enr.ID, *Entry] // longest not updated first
	unproven bounded.Set[enr.ID]          // those of entries, in the same order
	refused  uint64                       // new entries that found no room
	sequence uint64
	context  Context
	changed  map[string]struct{} // keys whose value on the disk is out of date
	skipped  uint64              // values that could not be read
}

// New returns a DB that has read what is on the disk, as of now.
func New(disk Disk) (*DB, error) {
	d := &DB{
		disk: disk, entries: bounded.NewMap[enr.ID, *Entry](maxEntries, bounded.DropNew),
		unproven: bounded.NewSet[enr.ID](maxEntries, bounded.DropNew),
		changed:  make(map[string]struct{}),
	}
	if disk == nil {
		return d, nil
	}
	var all []*Entry
	now := time.Now()
	err := disk.Load(func(key, value []byte) {
		if e := d.load(now, string(key), value); e != nil {
			all = append(all, e)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("nodedb: cannot read what is remembered of nodes: %w", err)
	}
	slices.SortFunc(all, func(a, b *Entry) int { return a.heard().Compare(b.heard()) })
	for _, e := range all {
		if !d.put(e) {
			d.change(keyOf(e.ID))
		}
	}
	return d, nil
}

// load reads one value. The next write removes a value that is not kept.
func (d *DB) load(now time.Time, key string, value []byte) *Entry {
	if key == sequenceKey && len(value) == 8 {
		d.sequence = binary.BigEndian.Uint64(value)
		return nil
	}
	var id enr.ID
	var e Entry
	err := errValue
	if len(key) == len(nodePrefix)+len(id) && key[:len(nodePrefix)] == nodePrefix {
		copy(id[:], key[len(nodePrefix):])
		e, err = decode(id, value)
		e.clamp(now)
	}
	switch {
	case err != nil:
		d.skipped++
	case now.Sub(e.heard()) < keptFor || now.Before(e.NotBefore):
		return &e
	}
	d.changed[key] = struct{}{}
	return nil
}

func (d *DB) change(key string) {
	if d.disk != nil {
		d.changed[key] = struct{}{}
	}
}

// Get returns the entry of a node.
func (d *DB) Get(id enr.ID) (Entry, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if e, ok := d.entries.Get(id); ok {
		return *e, true
	}
	return Entry{}, false
}

// Judged returns the points of a node as they have faded by now, and the cause of its last connection's end.
// It returns 0 and "" if there is no entry, or no judgement in the DB's context.
func (d *DB) Judged(now time.Time, id enr.ID) (points float64, cause string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	e, ok := d.entries.Get(id)
	if !ok {
		return 0, ""
	}
	seen := e.in(d.context)
	return seen.score(now), seen.Cause
}

// Update changes the entry of a node, or a new one if there is none. A new entry may find no room; see the
// package documentation. change must not call the DB.
func (d *DB) Update(id enr.ID, change func(*Entry)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	e, ok := d.entries.Get(id)
	if !ok {
		e = &Entry{ID: id}
	}
	change(e)
	e.ID = id
	if d.put(e) {
		d.change(keyOf(id))
	}
}

// learn changes the entry of a node in the DB's context. It drops what was learned in another context.
func (d *DB) learn(id enr.ID, change func(*Entry)) {
	d.Update(id, func(e *Entry) {
		*e = e.in(d.context)
		change(e)
	})
}

// SetContext sets the network that the program is on; see [Context]. Call it before the DB is shared. The
// default is the zero Context.
func (d *DB) SetContext(c Context) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.context = c
}

// Context returns the context that SetContext set.
func (d *DB) Context() Context {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.context
}

// Len returns the number of entries.
func (d *DB) Len() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.entries.Len()
}

// judged returns all entries as they are in the DB's context.
func (d *DB) judged() []Entry {
	context, all := d.Context(), d.All()
	for i := range all {
		all[i] = all[i].in(context)
	}
	return all
}

// All returns all entries, the longest not updated first.
func (d *DB) All() []Entry {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := make([]Entry, 0, d.entries.Len())
	for _, e := range d.entries.All() {
		all = append(all, *e)
	}
	return all
}

// Seeds returns up to n random nodes that answered in the last five days.
func (d *DB) Seeds(now time.Time, n int) []enr.Node {
	all := d.All()
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	var out []enr.Node
	for i := range all {
		e := &all[i]
		if _, ok := e.Node.UDPAddr(); ok && len(out) < n && !e.LastPong.IsZero() && now.Sub(e.LastPong) < seedLife {
			out = append(out, e.Node)
		}
	}
	return out
}

// Good returns up to n nodes that were peers before and need not be left alone now. The best come first: by
// score, then by how long they were of use, then by how recently. What was learned in another context is
// ignored.
func (d *DB) Good(now time.Time, n int) []enr.Node {
	good := slices.DeleteFunc(d.judged(), func(e Entry) bool {
		_, ok := e.Node.TCPAddr()
		return !ok || e.LastUp.IsZero() || now.Before(e.NotBefore)
	})
	slices.SortStableFunc(good, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(b.score(now), a.score(now)), cmp.Compare(b.Useful, a.Useful), b.LastUp.Compare(a.LastUp))
	})
	var out []enr.Node
	for _, e := range good[:min(n, len(good))] {
		out = append(out, e.Node)
	}
	return out
}

// Sequence returns the sequence number of our own record (EIP-778), 0 if none is known.
func (d *DB) Sequence() uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.sequence
}

// SetSequence remembers the sequence number of our own record.
func (d *DB) SetSequence(n uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sequence = n
	d.change(sequenceKey)
}
