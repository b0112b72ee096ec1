// SPDX-License-Identifier: Apache-2.0

package option

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/ethpeer/ethpeer/ecc"
)

// errCut is the error of every operation after the power cut.
var errCut = errors.New("killed")

// A cutDisk is a directory whose power is cut at the start of an operation, or one operation of which fails.
// It records what has not reached the disk.
type cutDisk struct {
	osDisk
	fail    int // which operation, from 1 on
	err     error
	noLinks bool

	n        int
	cut      bool
	unsynced map[string]bool // files whose contents a power cut loses
	names    []string        // names that a power cut loses: given since the directory was synced
}

// step counts an operation and returns the error that it has.
func (d *cutDisk) step() error {
	if d.n++; d.n == d.fail {
		d.cut = errors.Is(d.err, errCut)
		return d.err
	}
	if d.cut {
		return errCut
	}
	return nil
}

func (d *cutDisk) CreateTemp(dir string) (tempFile, error) {
	if err := d.step(); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(dir, ".key-*")
	if err != nil {
		return nil, err
	}
	d.unsynced = map[string]bool{f.Name(): true}
	d.names = append(d.names, f.Name())
	return &cutFile{f, d}, nil
}

func (d *cutDisk) Link(from, to string) error {
	if d.noLinks {
		return syscall.EPERM
	}
	return d.give(from, to, os.Link)
}

func (d *cutDisk) Rename(from, to string) error { return d.give(from, to, os.Rename) }

func (d *cutDisk) give(from, to string, how func(string, string) error) error {
	if err := d.step(); err != nil {
		return err
	}
	d.names = append(d.names, to)
	d.unsynced[to] = d.unsynced[from]
	return how(from, to)
}

func (d *cutDisk) Remove(name string) error {
	if err := d.step(); err != nil {
		return err
	}
	return os.Remove(name)
}

func (d *cutDisk) SyncDir(dir string) error {
	if err := d.step(); err != nil {
		return err
	}
	d.names = nil
	return d.osDisk.SyncDir(dir)
}

// losePower loses what the disk does not hold yet. What has reached it early is kept, as files alone
// (names is false), or names alone.
func (d *cutDisk) losePower(names, contents bool) {
	for name := range d.unsynced {
		if contents && d.unsynced[name] {
			_ = os.Truncate(name, 0) // unless it has no such name any more
		}
	}
	for _, name := range d.names {
		if names {
			_ = os.Remove(name)
		}
	}
}

type cutFile struct {
	*os.File
	d *cutDisk
}

func (f *cutFile) WriteString(s string) (int, error) {
	if err := f.d.step(); err != nil {
		n, _ := f.File.WriteString(s[:len(s)/2])
		return n, err
	}
	return f.File.WriteString(s)
}

func (f *cutFile) Sync() error {
	if err := f.d.step(); err != nil {
		return err
	}
	f.d.unsynced[f.Name()] = false
	return f.File.Sync()
}

func (f *cutFile) Close() error { return errors.Join(f.File.Close(), f.d.step()) }

// keyIn returns the key of a file; ok is false if there is no file.
func keyIn(t *testing.T, name string) (key *ecc.PrivateKey, ok bool) {
	t.Helper()
	if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
		return nil, false
	}
	key, warning, err := ReadKey(Of("", name))
	if err != nil || warning != "" {
		t.Errorf("%v %s", err, warning)
	}
	return key, true
}

func aKey(t *testing.T, seed byte) *ecc.PrivateKey {
	t.Helper()
	raw := [32]byte{31: seed}
	key, err := ecc.ParsePrivateKey(raw[:])
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// TestKeySurvivesACutAtAnyInstant cuts the power at each operation of writing a key. Then there is a
// whole key or none, and a key that was said to be written is there. The next start goes on.
func TestKeySurvivesACutAtAnyInstant(t *testing.T) {
	for _, noLinks := range []bool{false, true} {
		for _, lost := range [][2]bool{{false, false}, {true, false}, {false, true}, {true, true}} {
			said := false
			for at := 1; !said; at++ {
				name := filepath.Join(t.TempDir(), "nodekey")
				d := &cutDisk{fail: at, err: errCut, noLinks: noLinks}
				said = writeKey(d, name, aKey(t, 1)) == nil
				d.losePower(lost[0], lost[1])
				key, ok := keyIn(t, name)
				if said && (!ok || key.Bytes() != aKey(t, 1).Bytes()) {
					t.Errorf("no links %v, lost %v, cut at operation %d: the key was said to be written, and is not", noLinks, lost, at)
				}
				if !ok {
					if err := WriteKey(name, aKey(t, 2)); err != nil {
						t.Errorf("the next start: %v", err)
					}
				}
				if at > 20 {
					t.Fatal("writing a key does not end")
				}
			}
		}
	}
}

// TestFailedWriteOfAKeyIsSaid: each operation fails in turn, as on a full disk. Either the error says so
// and nothing is left, or the key is there.
func TestFailedWriteOfAKeyIsSaid(t *testing.T) {
	for noLinks, want := range map[bool]int{
		false: 5, // CreateTemp, WriteString, Sync, Close, SyncDir; a Rename replaces a Link
		true:  6,
	} {
		failures, at := 0, 1
		for {
			dir := t.TempDir()
			name := filepath.Join(dir, "nodekey")
			d := &cutDisk{fail: at, err: syscall.ENOSPC, noLinks: noLinks}
			err := writeKey(d, name, aKey(t, 1))
			left, _ := os.ReadDir(dir)
			_, ok := keyIn(t, name)
			if ok != (err == nil) || err != nil && (!errors.Is(err, syscall.ENOSPC) || len(left) > 0) {
				t.Errorf("operation %d failed: %v, and %v is left", at, err, left)
			}
			if d.n < at {
				break
			}
			if err != nil {
				failures++
			}
			at++
		}
		if failures != want {
			t.Errorf("no links %v: %d operations can fail, want %d", noLinks, failures, want)
		}
	}
}

// TestKeyIsNeverOverwritten, also if another process makes the file while the key is written.
func TestKeyIsNeverOverwritten(t *testing.T) {
	for _, noLinks := range []bool{false, true} {
		dir := t.TempDir()
		name := filepath.Join(dir, "nodekey")
		if err := writeKey(&lateDisk{cutDisk{noLinks: noLinks}, name}, name, aKey(t, 2)); !errors.Is(err, fs.ErrExist) {
			t.Error(err)
		}
		if b, err := os.ReadFile(name); err != nil || string(b) != "another's" {
			t.Errorf("%q, %v", b, err)
		}
		if left, _ := os.ReadDir(dir); len(left) != 1 {
			t.Errorf("%v is left", left)
		}
		if err := WriteKey(name, aKey(t, 2)); !errors.Is(err, fs.ErrExist) {
			t.Error(err)
		}
	}
}

// A lateDisk is a disk on which another process makes the file as soon as ours is made.
type lateDisk struct {
	cutDisk
	name string
}

func (d *lateDisk) CreateTemp(dir string) (tempFile, error) {
	_ = os.WriteFile(d.name, []byte("another's"), 0o600)
	return d.cutDisk.CreateTemp(dir)
}

func TestKeyFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "nodekey")
	if err := WriteKey(name, aKey(t, 3)); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(name)
	info, _ := os.Stat(name)
	raw := aKey(t, 3).Bytes()
	if err != nil || string(b) != hex.EncodeToString(raw[:])+"\n" || info.Mode() != 0o600 {
		t.Errorf("%q, mode %v, %v", b, info.Mode(), err)
	}
	err = WriteKey(filepath.Join(name, "in a file"), aKey(t, 3))
	if err == nil || !strings.Contains(fmt.Sprint(err), "not a directory") {
		t.Error(err)
	}
}
