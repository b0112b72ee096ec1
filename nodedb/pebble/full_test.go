// SPDX-License-Identifier: Apache-2.0

package pebble

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
)

// A fullDisk is a file system that a test can make full.
type fullDisk struct{ full atomic.Bool }

func (f *fullDisk) files() vfs.FS {
	return errorfs.Wrap(vfs.Default, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if f.full.Load() && op.Kind.ReadOrWrite() == errorfs.OpIsWrite {
			return syscall.ENOSPC
		}
		return nil
	}))
}

func keysOf(t *testing.T, d *Disk) (keys string) {
	t.Helper()
	if err := d.Load(func(key, _ []byte) { keys += string(key) }); err != nil {
		t.Error(err)
	}
	return keys
}

// TestFullDisk: the first write that does not fit returns an error, and so does each later one until there is
// room. Then all writes that succeeded are there, earlier and later ones.
func TestFullDisk(t *testing.T) {
	path, disk, clock := filepath.Join(t.TempDir(), name), new(fullDisk), time.Unix(1000, 0)
	d, err := open(path, disk.files())
	if err != nil {
		t.Fatal(err)
	}
	d.now = func() time.Time { return clock }
	write := func(key string) error { return d.Write(map[string][]byte{key: make([]byte, 1000)}, nil) }
	for round := range 3 {
		for i := range 3 {
			if err := write(fmt.Sprint(3*round + i)); err != nil {
				t.Fatal(err)
			}
		}
		disk.full.Store(true)
		for range 3 {
			if err := write("lost"); err == nil || !strings.Contains(err.Error(), "no space left on device") || !strings.Contains(err.Error(), "make room") {
				t.Errorf("a write to a full disk: %v", err)
			}
			clock = clock.Add(time.Second)
		}
		disk.full.Store(false)
		clock = clock.Add(reopenMost)
	}
	if err := write("9"); err != nil {
		t.Errorf("there is room: %v", err)
	}
	if keys := keysOf(t, d); keys != "0123456789" {
		t.Errorf("%q is there", keys)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	again, err := open(path, vfs.Default)
	if err != nil {
		t.Fatal(err)
	}
	defer mustClose(t, again)
	if keys := keysOf(t, again); keys != "0123456789" {
		t.Errorf("%q is left", keys)
	}
}

// TestReopenIsBounded: with a write each second to a disk that is full for an hour, the database is opened
// again at growing intervals, and at most 5 minutes after there is room.
func TestReopenIsBounded(t *testing.T) {
	disk, clock := new(fullDisk), time.Unix(1000, 0)
	d, err := open(filepath.Join(t.TempDir(), name), disk.files())
	if err != nil {
		t.Fatal(err)
	}
	d.now = func() time.Time { return clock }
	disk.full.Store(true)
	attempts := 0
	for range 3600 {
		before := d.again.next
		if err := d.Write(map[string][]byte{"a": {1}}, nil); err == nil {
			t.Fatal("written to a full disk")
		}
		if !d.again.next.Equal(before) {
			attempts++
		}
		clock = clock.Add(time.Second)
	}
	if attempts < 15 || attempts > 22 {
		t.Errorf("opened %d times in an hour", attempts)
	}
	disk.full.Store(false)
	began := clock
	for d.Write(map[string][]byte{"a": {1}}, nil) != nil {
		if clock = clock.Add(time.Second); clock.Sub(began) > 5*time.Minute {
			t.Fatal("not written 5 minutes after there is room")
		}
	}
	mustClose(t, d)
}

// TestBackOff: the wait doubles from a second to 5 minutes.
func TestBackOff(t *testing.T) {
	var b backOff
	now := time.Unix(1000, 0)
	for _, gap := range []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300} {
		if !b.attempt(now) || b.attempt(now.Add(gap*time.Second-1)) {
			t.Errorf("the gap is not %d s", gap)
		}
		now = now.Add(gap * time.Second)
	}
}
