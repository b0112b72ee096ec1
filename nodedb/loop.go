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

const writeEvery = time.Second

// Run writes what changes until ctx ends, and then once more. It returns the error of that
// last write. Earlier writes that fail are tried again: Run records each as an event.Loss, and the first of
// them as an event.Trouble too.
func (d *DB) Run(ctx context.Context, record event.Recorder) error {
	d.mu.Lock()
	skipped := d.skipped
	d.skipped = 0
	d.mu.Unlock()
	if skipped > 0 {
		record.Record(event.Loss{At: event.At{Time: time.Now()}, Where: "nodedb.unreadable", Count: skipped})
	}
	if d.disk == nil {
		<-ctx.Done()
		return nil
	}
	timer := time.NewTimer(writeEvery)
	defer timer.Stop()
	full := false // and that was told
	for {
		select {
		case <-ctx.Done():
			_, err := d.write()
			return err
		case <-timer.C:
			n, err := d.write()
			at := event.At{Time: time.Now()}
			switch {
			case err != nil:
				record.Record(event.Loss{At: at, Where: "nodedb.disk", Count: uint64(n)})
				if !full {
					full = true
					record.Record(event.Trouble{At: at, Where: event.TroubleStore, Err: err.Error()})
				}
			case full && n > 0:
				full = false
				record.Record(event.Trouble{At: at, Where: event.TroubleStore, Err: "the node store is written again", Over: true})
			}
			timer.Reset(writeEvery)
		}
	}
}

// write writes what has changed. If that fails it has changed still.
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
		if e, ok := d.entries.Get(id); ok && key == nodePrefix+string(id[:]) {
			puts[key] = e.encode()
		} else {
			deletes = append(deletes, key)
		}
	}
	return puts, deletes
}
