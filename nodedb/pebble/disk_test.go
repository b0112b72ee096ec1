// SPDX-License-Identifier: Apache-2.0

package pebble

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// writer, if it is set, is the directory that this process writes to until it is killed.
const writer = "ETHPEER_TEST_WRITER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(writer); dir != "" {
		writeForEver(dir)
	}
	os.Exit(m.Run())
}

// writeForEver writes batch after batch, each of one number under 32 keys, and prints each number when it is
// written.
func writeForEver(dir string) {
	d, err := Open(dir, func(s string) { fmt.Println(s) })
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for i := uint64(1); ; i++ {
		puts := map[string][]byte{}
		for k := range 32 {
			puts[fmt.Sprintf("key %d", k)] = binary.BigEndian.AppendUint64(nil, i)
		}
		if err := d.Write(puts, nil); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(i)
	}
}

// TestKill: after a kill at any moment every batch that was printed is complete, and no other is there in
// part.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	last := uint64(0)
	for round := range 5 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), writer+"="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		said := uint64(0)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if _, err := fmt.Sscan(lines.Text(), &said); err != nil {
				t.Fatalf("the writer says %q", lines.Text())
			}
			if said == uint64(20+37*round) {
				_ = cmd.Process.Signal(syscall.SIGKILL)
			}
		}
		_ = cmd.Wait() // it was killed
		values := map[uint64]int{}
		d := mustOpen(t, dir)
		if err := d.Load(func(_, value []byte) { values[binary.BigEndian.Uint64(value)]++ }); err != nil {
			t.Fatal(err)
		}
		mustClose(t, d)
		if len(values) != 1 {
			t.Fatalf("a batch is there by half: %v", values)
		}
		for v, n := range values {
			if n != 32 || v < said {
				t.Errorf("%d keys of batch %d, and the writer said %d", n, v, said)
			}
			last = v
		}
	}
	if last == 0 {
		t.Error("nothing was written")
	}
}

func mustOpen(t *testing.T, dir string) *Disk {
	t.Helper()
	d, err := Open(dir, func(s string) { t.Errorf("trouble: %s", s) })
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func mustClose(t *testing.T, d *Disk) {
	t.Helper()
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// fill makes a database with something in several of its files.
func fill(t *testing.T, dir string) (keys int) {
	t.Helper()
	d := mustOpen(t, dir)
	for i := range 4 {
		puts := map[string][]byte{}
		for k := range 200 {
			puts[fmt.Sprintf("%d/%d", i, k)] = []byte(strings.Repeat("value", 40))
			keys++
		}
		if err := d.Write(puts, nil); err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 {
			if err := d.db.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	mustClose(t, d)
	return keys
}

// TestDamage: after any damage to any file, Open returns a database, either complete or new.
func TestDamage(t *testing.T) {
	model := t.TempDir()
	all := fill(t, model)
	files, err := filepath.Glob(filepath.Join(model, name, "*"))
	if err != nil || len(files) < 4 {
		t.Fatalf("%v %v", files, err)
	}
	for _, file := range files {
		base := filepath.Base(file)
		if base == "LOCK" {
			continue
		}
		whole, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		junk := []byte(strings.Repeat("\xa5junk", len(whole)/5+1))[:len(whole)]
		half := append([]byte(nil), whole...)
		copy(half[len(half)/2:], junk)
		for how, damaged := range map[string][]byte{
			"empty": {}, "cut": whole[:len(whole)/2], "junk": junk, "half junk": half, "missing": nil,
		} {
			t.Run(base+" "+how, func(t *testing.T) {
				dir := t.TempDir()
				if err := os.CopyFS(dir, os.DirFS(model)); err != nil {
					t.Fatal(err)
				}
				at := filepath.Join(dir, name, base)
				if err := os.WriteFile(at, damaged, 0o600); err != nil {
					t.Fatal(err)
				}
				if damaged == nil {
					if err := os.Remove(at); err != nil {
						t.Fatal(err)
					}
				}
				said := 0
				d, err := Open(dir, func(string) { said++ })
				if err != nil {
					t.Fatal(err)
				}
				defer mustClose(t, d)
				keys := 0
				if err := d.Load(func(_, _ []byte) { keys++ }); err != nil {
					t.Fatal(err)
				}
				kept, _ := filepath.Glob(filepath.Join(dir, aside+"*"))
				switch {
				case said == 1 && keys == 0 && len(kept) == 1: // set aside, with a word
				case said == 0 && keys > 0 && keys <= all && len(kept) == 0: // as good as whole
				default:
					t.Errorf("%d keys of %d, %d words, %v set aside", keys, all, said, kept)
				}
				if err := d.Write(map[string][]byte{"new": {1}}, nil); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func TestOldDamageIsForgotten(t *testing.T) {
	dir := t.TempDir()
	for i := range 6 {
		if err := os.MkdirAll(filepath.Join(dir, fmt.Sprintf("%s2026010%d-000000", aside, i)), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	forget(dir)
	left, _ := filepath.Glob(filepath.Join(dir, aside+"*"))
	if len(left) != keptAside || !strings.Contains(left[0], "20260103") {
		t.Error(left)
	}
}

// TestLocked: a directory that is in use is not damaged.
func TestLocked(t *testing.T) {
	dir := t.TempDir()
	d := mustOpen(t, dir)
	defer mustClose(t, d)
	if _, err := Open(dir, func(s string) { t.Error(s) }); err == nil || !strings.Contains(err.Error(), "another ethpeer") {
		t.Errorf("within a process: %v", err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), writer+"="+dir)
	out, err := cmd.Output()
	if err == nil || !strings.Contains(string(out), "another ethpeer") {
		t.Errorf("another process says %q, %v", out, err)
	}
}

func TestNoPlace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if d, err := Open(file, func(string) {}); err == nil {
		mustClose(t, d)
		t.Error("a file was taken for a directory")
	}
}

// TestFatalEndsTheStore: a fatal error ends the store and not the process. The next write opens the store
// again, with all that was written.
func TestFatalEndsTheStore(t *testing.T) {
	d := mustOpen(t, t.TempDir())
	defer mustClose(t, d)
	if err := d.Write(map[string][]byte{"a": {1}}, nil); err != nil {
		t.Fatal(err)
	}
	silent{d.dead}.Fatalf("disk %d is gone", 7)
	if err := d.alive(); err == nil || !strings.Contains(err.Error(), "disk 7 is gone") {
		t.Error(err)
	}
	if err := d.Write(map[string][]byte{"b": {1}}, nil); err != nil {
		t.Error(err)
	}
	if keys := keysOf(t, d); keys != "ab" {
		t.Errorf("%q is there", keys)
	}
}

// TestStoreThatIsGone: if the directory is removed while the database is dead, writes return an error and do
// not panic, until the database can be opened.
func TestStoreThatIsGone(t *testing.T) {
	dir := t.TempDir()
	d := mustOpen(t, dir)
	silent{d.dead}.Fatalf("disk %d is gone", 7)
	if err := os.WriteFile(filepath.Join(dir, "in the way"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d.path = filepath.Join(dir, "in the way")
	if err := d.Write(map[string][]byte{"b": {1}}, nil); err == nil || d.db != nil {
		t.Error("written to what is no database")
	}
	if err := d.Load(func(_, _ []byte) {}); err == nil {
		t.Error("read from what is no database")
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	d.path, d.again = filepath.Join(dir, name), backOff{}
	if err := d.Write(map[string][]byte{"c": {1}}, nil); err != nil {
		t.Error(err)
	}
	mustClose(t, d)
}
