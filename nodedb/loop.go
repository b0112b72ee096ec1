// SPDX-License-Identifier: Apache-2.0

// in: changes · out: writes, in batches · one goroutine, one timer

package nodedb

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
)

const (
	writeEvery  = time.Second
	refuseEvery = time.Minute // between two reports of entries that found no room
)

// Run writes changes until ctx ends, and then once more. It returns the error of that last write. An earlier
// write that fails is tried again: Run records each failure as an event.Loss, the first one also as an
// event.Trouble, and another event.Trouble when the store is written again. Run also records how many new
// entries found no room.
func (d *DB) Run(ctx context.Context, record event.Recorder) error {
	d.mu.Lock()
	skipped := d.skipped
	d.skipped = 0
	d.mu.Unlock()
	lose := func(where string, count uint64) {
		if count > 0 {
			record.Record(event.Loss{At: event.At{Time: time.Now()}, Where: where, Count: count})
		}
	}
	lose("nodedb.unreadable", skipped)
	defer func() { lose("nodedb.full", d.takeRefused()) }()
	timer := time.NewTimer(writeEvery)
	defer timer.Stop()
	failing, reported := false, time.Now()
	for {
		select {
		case <-ctx.Done():
			_, err := d.write()
			return err
		case <-timer.C:
			n, err := d.write()
			if err != nil {
				lose("nodedb.disk", uint64(n))
			}
			failing = tell(record, failing, n, err)
			if time.Since(reported) >= refuseEvery {
				lose("nodedb.full", d.takeRefused())
				reported = time.Now()
			}
			timer.Reset(writeEvery)
		}
	}
}

// tell records once when writes begin to fail, and once when they succeed again. It returns whether they
// fail.
func tell(record event.Recorder, failing bool, keys int, err error) bool {
	t := event.Trouble{At: event.At{Time: time.Now()}, Where: event.TroubleStore, Err: "the node store is written again", Over: true}
	switch {
	case err != nil && !failing:
		t.Err, t.Over = err.Error(), false
	case err == nil && failing && keys > 0:
	default:
		return failing
	}
	record.Record(t)
	return !failing
}

// write writes the changes. If that fails, they remain to be written.
func (d *DB) write() (keys int, err error) {
	d.mu.Lock()
	changed := d.changed
	d.changed = make(map[string]struct{})
	puts, deletes := d.batch(changed)
	d.mu.Unlock()
	if len(changed) == 0 {
		return 0, nil
	}
	if err = d.disk.Write(puts, deletes); err != nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		for key := range changed {
			d.changed[key] = struct{}{}
		}
	}
	return len(changed), err
}

func (d *DB) batch(changed map[string]struct{}) (puts map[string][]byte, deletes []string) {
	puts = make(map[string][]byte, len(changed))
	for key := range changed {
		if key == sequenceKey {
			puts[key] = binary.BigEndian.AppendUint64(nil, d.sequence)
			continue
		}
		var id enr.ID
		copy(id[:], key[min(len(key), len(nodePrefix)):])
		if e, ok := d.entries.Get(id); ok && key == keyOf(id) {
			puts[key] = e.encode()
		} else {
			deletes = append(deletes, key)
		}
	}
	return puts, deletes
}
