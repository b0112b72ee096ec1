// SPDX-License-Identifier: Apache-2.0

package pebble

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

const (
	name      = "nodes"          // the directory of the database, in the data directory
	aside     = "nodes.damaged-" // the prefix of one that was set aside
	keptAside = 3

	cacheSize    = 4 << 20
	memTableSize = 1 << 20
)

// A Disk is a database. Owner: the goroutine that calls it.
type Disk struct {
	path  string
	files vfs.FS
	now   func() time.Time

	db    *pebble.DB              // nil: the database died and could not be opened again
	dead  *atomic.Pointer[string] // why db takes no more writes; set by goroutines of the library
	again backOff
}

// Open opens the database in a directory, which must exist. If it sets a damaged database aside, it calls
// trouble with a sentence that says so.
func Open(dir string, trouble func(string)) (*Disk, error) {
	path := filepath.Join(dir, name)
	d, err := open(path, vfs.Default)
	if err == nil {
		return d, nil
	}
	if err := hopeless(err); err != nil {
		return nil, err
	}
	to := filepath.Join(dir, aside+time.Now().UTC().Format("20060102-150405"))
	if renamed := os.Rename(path, to); renamed != nil {
		return nil, fmt.Errorf("the node store is damaged (%w) and cannot be set aside (%w); move %s away", err, renamed, path)
	}
	trouble(fmt.Sprintf("the node store is damaged and was set aside as %s: %v", to, err))
	forget(dir)
	return open(path, vfs.Default)
}

// hopeless returns an error for the user if a new database in the same directory would fail too; else nil.
func hopeless(err error) error {
	switch {
	case errors.Is(err, syscall.EAGAIN), strings.Contains(err.Error(), "lock held by current process"):
		return errors.New("another ethpeer uses it; end that one, or choose another directory")
	case errors.Is(err, fs.ErrPermission):
		return errors.New("not allowed to write there; change its owner or mode, or choose another directory")
	case errors.Is(err, syscall.ENOSPC):
		return errors.New("no space left on its disk; make room, or choose another directory")
	case errors.Is(err, syscall.EROFS):
		return errors.New("its disk is read-only; choose another directory")
	}
	return nil
}

// forget removes the oldest databases that were set aside, and keeps keptAside.
func forget(dir string) {
	old, _ := filepath.Glob(filepath.Join(dir, aside+"*"))
	slices.Sort(old) // by time, which the names have
	for _, path := range old[:max(len(old)-keptAside, 0)] {
		_ = os.RemoveAll(path) // if that fails, the directory stays
	}
}

func open(path string, files vfs.FS) (d *Disk, err error) {
	d = &Disk{path: path, files: files, now: time.Now, dead: new(atomic.Pointer[string])}
	defer func() {
		if r := recover(); r != nil { // the library may panic at a damaged file
			d, err = nil, fmt.Errorf("%v", r)
		}
	}()
	cache := pebble.NewCache(cacheSize)
	defer cache.Unref()
	d.db, err = pebble.Open(path, &pebble.Options{
		FS: files, Cache: cache, MemTableSize: memTableSize, MaxOpenFiles: 64, FormatMajorVersion: pebble.FormatNewest,
		Logger: silent{d.dead}, CompactionConcurrencyRange: func() (int, int) { return 1, 1 },
	})
	if err != nil {
		return nil, err
	}
	if err := d.check(); err != nil {
		return nil, errors.Join(err, d.db.Close())
	}
	return d, nil
}

// check reads every value, so that damage is found when the database is opened and not during the run.
func (d *Disk) check() error { return d.Load(func(_, _ []byte) {}) }

// Load implements nodedb.Disk.
func (d *Disk) Load(each func(key, value []byte)) (err error) {
	if d.db == nil {
		return d.alive()
	}
	it, err := d.db.NewIter(nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	for ok := it.First(); ok; ok = it.Next() {
		each(it.Key(), it.Value())
	}
	return it.Error()
}

// Write implements nodedb.Disk. A write that succeeds survives a kill and a power cut. If the database died,
// Write first opens it again, once its wait is over.
func (d *Disk) Write(puts map[string][]byte, deletes []string) error {
	if err := d.revive(); err != nil {
		return err
	}
	b := d.db.NewBatch()
	defer b.Close()
	for key, value := range puts {
		if err := b.Set([]byte(key), value, nil); err != nil {
			return err
		}
	}
	for _, key := range deletes {
		if err := b.Delete([]byte(key), nil); err != nil {
			return err
		}
	}
	// A commit that the disk refused returns no error: the library only calls the logger's Fatalf.
	if err := errors.Join(b.Commit(pebble.Sync), d.alive()); err != nil {
		return err
	}
	d.again = backOff{}
	return nil
}

// silent is the database's logger. Where the library would end the process, it ends the store.
type silent struct{ dead *atomic.Pointer[string] }

func (silent) Infof(string, ...any) {}

func (silent) Errorf(string, ...any) {}

func (s silent) Fatalf(format string, args ...any) {
	why := fmt.Sprintf(format, args...)
	s.dead.CompareAndSwap(nil, &why)
}
