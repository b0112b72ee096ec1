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
	"syscall"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/ethpeer/ethpeer/chain"
)

const (
	name      = "chain"          // of the database, in the data directory
	aside     = "chain.damaged-" // and of one that was set aside
	keptAside = 3
)

// Open opens the database in a directory, which must exist. Trouble hears, in a sentence, of a damaged one that was set
// aside.
func Open(dir string, trouble func(string)) (*Store, error) {
	s, err := open(filepath.Join(dir, name), vfs.Default)
	if err == nil {
		return s, nil
	}
	if err := hopeless(err); err != nil {
		return nil, fmt.Errorf("the chain's store in %s: %w", dir, err)
	}
	return renew(dir, err, trouble)
}

// OpenChain opens the chain in a directory, which must exist, or begins one there. Trouble hears, in a sentence, of a
// damaged store that was set aside. A store of another chain is left alone: a [*chain.ForeignError]. The Store of the
// Config is without meaning.
func OpenChain(dir string, cfg chain.Config, trouble func(string)) (*chain.Chain, error) {
	s, err := Open(dir, trouble)
	if err != nil {
		return nil, err
	}
	cfg.Store = s
	c, err := chain.Open(cfg)
	if err == nil {
		return c, nil
	}
	closed := s.Close()
	if _, damaged := errors.AsType[*chain.DamagedError](err); !damaged && s.alive() == nil {
		return nil, errors.Join(err, closed)
	}
	if s, err = renew(dir, errors.Join(err, s.alive()), trouble); err != nil {
		return nil, err
	}
	cfg.Store = s
	if c, err = chain.Open(cfg); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return c, nil
}

// renew sets the database of a directory aside, and opens a new one.
func renew(dir string, why error, trouble func(string)) (*Store, error) {
	path, to := filepath.Join(dir, name), filepath.Join(dir, aside+time.Now().UTC().Format("20060102-150405"))
	if err := os.Rename(path, to); err != nil {
		return nil, fmt.Errorf("the chain's store is damaged (%w) and cannot be set aside (%w); move %s away", why, err, path)
	}
	trouble(fmt.Sprintf("the chain's store is damaged and was set aside as %s, and the chain begins anew: %v", to, why))
	forget(dir)
	return open(path, vfs.Default)
}

// hopeless returns what is wrong if another database in its place would not help.
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

// forget removes the oldest that were set aside.
func forget(dir string) {
	old, _ := filepath.Glob(filepath.Join(dir, aside+"*"))
	slices.Sort(old) // by time
	for _, path := range old[:max(len(old)-keptAside, 0)] {
		_ = os.RemoveAll(path) // stays, and costs its size
	}
}
