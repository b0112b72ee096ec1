// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/ethpeer/ethpeer/cmd/ethpeer/internal/option"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/nodedb"
	"github.com/ethpeer/ethpeer/nodedb/pebble"
)

// keyName is the file of a data directory that holds the node key.
const keyName = "nodekey"

// openData opens the data directory: our key, unless --nodekey names another, and the database of nodes. The
// caller calls closeData when nothing uses it any more. Without a directory nothing is kept.
func (s *settings) openData(log *slog.Logger) (closeData func(), err error) {
	if s.dataDir == "" {
		return func() {}, nil
	}
	if err := os.MkdirAll(s.dataDir, 0o700); err != nil {
		return nil, fmt.Errorf("--datadir %s: cannot make it: %w; choose another", s.dataDir, option.Pathless(err))
	}
	if s.key == nil {
		var warning string
		if s.key, warning, err = keptKey(filepath.Join(s.dataDir, keyName)); err != nil {
			return nil, err
		}
		if warning != "" {
			log.Warn(warning)
		}
	}
	disk, err := pebble.Open(s.dataDir, func(trouble string) { log.Warn(trouble) })
	if err != nil {
		return nil, fmt.Errorf("--datadir %s: %w", s.dataDir, err)
	}
	if s.db, err = nodedb.New(disk); err != nil {
		return nil, errors.Join(fmt.Errorf("--datadir %s: %w", s.dataDir, err), disk.Close())
	}
	return func() {
		if err := disk.Close(); err != nil {
			log.Warn("the data directory was not closed well", "error", err)
		}
	}, nil
}

// keptKey reads the key of a file, and writes a new key if there is no file. warning says that other users
// can read the file.
func keptKey(name string) (key *ecc.PrivateKey, warning string, err error) {
	if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		return option.ReadKey(option.Of("datadir", name))
	}
	if key, err = ecc.NewPrivateKey(rand.Reader); err != nil {
		return nil, "", failure{err}
	}
	return key, "", writeKey(name, key)
}
