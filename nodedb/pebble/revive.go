// SPDX-License-Identifier: Apache-2.0

package pebble

import (
	"fmt"
	"time"
)

// The wait before a database that died is opened again, which reads all of it. The wait doubles each time in
// a row.
const (
	reopenFirst = time.Second
	reopenMost  = 5 * time.Minute
)

// A backOff spaces out attempts. The zero value allows one at once.
type backOff struct {
	gap  time.Duration
	next time.Time
}

// attempt reports whether an attempt may be made now, and if so counts it.
func (b *backOff) attempt(now time.Time) bool {
	if now.Before(b.next) {
		return false
	}
	b.gap = min(max(2*b.gap, reopenFirst), reopenMost)
	b.next = now.Add(b.gap)
	return true
}

// alive returns why the database takes no more writes.
func (d *Disk) alive() error {
	if why := d.dead.Load(); why != nil {
		return fmt.Errorf("the node store takes no writes (%s): what is learned of nodes is not kept; make room or mend the disk, which is tried again at least every 5 minutes", *why)
	}
	return nil
}

// revive opens a database that died again, if its wait is over. All writes before its death are in it.
func (d *Disk) revive() error {
	err := d.alive()
	if err == nil || !d.again.attempt(d.now()) {
		return err
	}
	if d.db != nil {
		_ = closeDead(d.db) // closing fails as the writes did
		d.db = nil
	}
	fresh, err := open(d.path, d.files)
	if err != nil {
		why := err.Error()
		d.dead.Store(&why)
		return d.alive()
	}
	d.db, d.dead = fresh.db, fresh.dead
	return d.alive()
}

// closeDead closes a database that died, which may panic.
func closeDead(db interface{ Close() error }) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	return db.Close()
}

// Close closes the database.
func (d *Disk) Close() error {
	switch {
	case d.db == nil:
		return nil
	case d.alive() != nil:
		return closeDead(d.db)
	}
	return d.db.Close()
}
