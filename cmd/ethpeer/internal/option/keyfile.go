// SPDX-License-Identifier: Apache-2.0

package option

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"

	"github.com/ethpeer/ethpeer/ecc"
)

// WriteKey writes a key to a new file that only its owner can read. It never overwrites a file: the error
// then wraps fs.ErrExist. WriteKey returns nil once the key is on the disk. After a kill or a power cut the
// file has the whole key or does not exist; a file with a name like .key-123 and an unused key may remain
// beside it.
func WriteKey(name string, key *ecc.PrivateKey) error { return writeKey(osDisk{}, name, key) }

// A disk is the part of a file system that writing a key needs.
type disk interface {
	Exists(name string) bool
	CreateTemp(dir string) (tempFile, error) // with a name like .key-123 and mode 0600
	Link(from, to string) error              // fails with fs.ErrExist if to exists
	Rename(from, to string) error
	Remove(name string) error
	SyncDir(dir string) error
}

type tempFile interface {
	Name() string
	WriteString(s string) (int, error)
	Sync() error
	Close() error
}

func writeKey(d disk, name string, key *ecc.PrivateKey) error {
	if d.Exists(name) {
		return fs.ErrExist
	}
	dir := filepath.Dir(name)
	aside, err := writeAside(d, dir, key)
	if err != nil {
		return err
	}
	if err := place(d, aside, name); err != nil {
		return errors.Join(err, d.Remove(aside))
	}
	if err := d.SyncDir(dir); err != nil {
		return errors.Join(err, d.Remove(name))
	}
	return nil
}

// writeAside writes the whole key to the disk, under another name.
func writeAside(d disk, dir string, key *ecc.PrivateKey) (name string, err error) {
	f, err := d.CreateTemp(dir)
	if err != nil {
		return "", err
	}
	raw := key.Bytes()
	_, err = f.WriteString(hex.EncodeToString(raw[:]) + "\n")
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, d.Remove(f.Name()))
	}
	return f.Name(), nil
}

// place gives a file its name. A link never replaces a file that another process has made meanwhile; a file
// system without links needs a rename.
func place(d disk, from, to string) error {
	err := d.Link(from, to)
	switch {
	case err == nil:
		_ = d.Remove(from) // if that fails, a second name remains
		return nil
	case errors.Is(err, fs.ErrExist) || d.Exists(to):
		return fs.ErrExist
	}
	return d.Rename(from, to)
}

// osDisk is the file system of this machine.
type osDisk struct{}

func (osDisk) Exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

func (osDisk) CreateTemp(dir string) (tempFile, error) { return os.CreateTemp(dir, ".key-*") }

func (osDisk) Link(from, to string) error { return os.Link(from, to) }

func (osDisk) Rename(from, to string) error { return os.Rename(from, to) }

func (osDisk) Remove(name string) error { return os.Remove(name) }

func (osDisk) SyncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // the platform has no such call
	}
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("cannot open its directory: %w", Pathless(err))
	}
	err = f.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil // the file system cannot do more
	}
	return errors.Join(err, f.Close())
}
