// SPDX-License-Identifier: Apache-2.0

package pebble

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/ethpeer/ethpeer/chain"
)

const (
	cacheSize    = 32 << 20
	memTableSize = 16 << 20
	maxOpenFiles = 256
)

// metaPrefix is before the names of small values. The keys of others begin with a chain.Kind.
const metaPrefix = 0x40

// A Store is a database. It implements [chain.Store].
type Store struct {
	db     *pebble.DB
	dead   *atomic.Pointer[string] // why there are no more writes; set on goroutines of the library too
	dirty  chan struct{}           // holds one token while something is not synced; closed by Close
	synced sync.WaitGroup          // until syncs has ended
}

// open opens a database at a path.
func open(path string, files vfs.FS) (s *Store, err error) {
	s = &Store{dead: new(atomic.Pointer[string]), dirty: make(chan struct{}, 1)}
	defer func() {
		if r := recover(); r != nil { // a damaged file may do that
			s, err = nil, fmt.Errorf("%v", r)
		}
	}()
	cache := pebble.NewCache(cacheSize)
	defer cache.Unref()
	o := &pebble.Options{
		FS: files, Cache: cache, MemTableSize: memTableSize, MaxOpenFiles: maxOpenFiles, FormatMajorVersion: pebble.FormatNewest,
		Logger: silent{s.dead}, CompactionConcurrencyRange: func() (int, int) { return 1, 2 },
	}
	for i := range o.Levels {
		o.Levels[i].FilterPolicy = bloom.FilterPolicy(10) // blocks that are not held are looked up often
	}
	if s.db, err = pebble.Open(path, o); err != nil {
		return nil, err
	}
	s.start()
	return s, nil
}

// Get implements [chain.Store]. A value that cannot be read is none, and ends the store.
func (s *Store) Get(k chain.Key) []byte { return s.get(k.Append(make([]byte, 0, 40))) }

// Meta implements [chain.Store].
func (s *Store) Meta(name string) []byte { return s.get(metaKey(name)) }

func metaKey(name string) []byte { return append([]byte{metaPrefix}, name...) }

func (s *Store) get(key []byte) (value []byte) {
	defer s.survive()
	v, closer, err := s.db.Get(key)
	if err != nil {
		if !errors.Is(err, pebble.ErrNotFound) {
			s.die(fmt.Sprintf("a value cannot be read: %v", err))
		}
		return nil
	}
	value = append(make([]byte, 0, len(v)), v...)
	_ = closer.Close() // frees a block of the cache
	return value
}

// survive ends the store where the library panics, such as after Close.
func (s *Store) survive() {
	if r := recover(); r != nil {
		s.die(fmt.Sprint(r))
	}
}

func (s *Store) die(why string) { s.dead.CompareAndSwap(nil, &why) }

// Names implements [chain.Store].
func (s *Store) Names(prefix string) (names []string) {
	defer s.survive()
	from := metaKey(prefix)
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: from, UpperBound: []byte{metaPrefix + 1}})
	if err != nil {
		s.die(fmt.Sprintf("names cannot be read: %v", err))
		return nil
	}
	for ok := it.First(); ok && bytes.HasPrefix(it.Key(), from); ok = it.Next() {
		names = append(names, string(it.Key()[1:]))
	}
	if err := errors.Join(it.Error(), it.Close()); err != nil {
		s.die(fmt.Sprintf("names cannot be read: %v", err))
	}
	return names
}

// Apply implements [chain.Store].
func (s *Store) Apply(b *chain.Batch) (err error) {
	defer func() {
		if r := recover(); r != nil {
			s.die(fmt.Sprint(r))
			err = s.alive()
		}
	}()
	if err := s.alive(); err != nil {
		return err
	}
	batch := s.db.NewBatch()
	defer batch.Close()
	var key []byte
	for _, op := range b.Ops {
		if key = op.Key.Append(key[:0]); op.Meta != "" {
			key = append(append(key[:0], metaPrefix), op.Meta...)
		}
		if op.Value == nil {
			err = batch.Delete(key, nil)
		} else {
			err = batch.Set(key, op.Value, nil)
		}
		if err != nil {
			return s.fail(err)
		}
	}
	if err := batch.Commit(pebble.NoSync); err != nil {
		return s.fail(err)
	}
	select {
	case s.dirty <- struct{}{}:
	default: // the next sync has this batch, too
	}
	return s.alive() // a commit that could not be written returns no error: the database has ended itself
}

// fail ends the store.
func (s *Store) fail(err error) error {
	s.die(err.Error())
	return s.alive()
}

// alive returns why the store takes no more writes.
func (s *Store) alive() error {
	if why := s.dead.Load(); why != nil {
		return fmt.Errorf("the chain's store takes no writes (%s): new blocks are kept in memory alone; make room or mend the disk, and start ethpeer again", *why)
	}
	return nil
}

// Close implements [chain.Store]. It syncs what was written.
func (s *Store) Close() (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	close(s.dirty)
	s.synced.Wait()
	return s.db.Close()
}

// silent is the database's log. What would end the process ends the store.
type silent struct{ dead *atomic.Pointer[string] }

func (silent) Infof(string, ...any) {}

func (silent) Errorf(string, ...any) {}

func (s silent) Fatalf(format string, args ...any) {
	why := fmt.Sprintf(format, args...)
	s.dead.CompareAndSwap(nil, &why)
}
