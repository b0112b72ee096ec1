// SPDX-License-Identifier: Apache-2.0

package pebble

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/chains"
	"github.com/ethpeer/ethpeer/types"
)

// TestStore: what is put is there, what is deleted is not, for each kind of key.
func TestStore(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, func(s string) { t.Error(s) })
	if err != nil {
		t.Fatal(err)
	}
	var keys []chain.Key
	for kind := chain.KindHeader; kind <= chain.KindTD; kind++ {
		keys = append(keys, chain.Key{Kind: kind, Hash: types.Hash{1}}, chain.Key{Kind: kind, Hash: types.Hash{2}})
	}
	keys = append(keys, chain.Key{Kind: chain.KindCanonical}, chain.Key{Kind: chain.KindCanonical, Number: 1<<64 - 1})
	var b chain.Batch
	for i, k := range keys {
		b.Put(k, []byte{byte(i)})
	}
	b.PutMeta("a/1", []byte("one"))
	b.PutMeta("a/2", nil)
	b.PutMeta("b", []byte("three"))
	b.Put(keys[3], []byte("later"))
	b.Delete(keys[4])
	b.DeleteMeta("b")
	if err := s.Apply(&b); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for i, k := range keys {
			want := string(byte(i))
			switch i {
			case 3:
				want = "later"
			case 4:
				want = ""
			}
			if got := s.Get(k); string(got) != want || (got == nil) != (i == 4) {
				t.Errorf("%v is %q, not %q", k, got, want)
			}
		}
		names := s.Names("a/")
		slices.Sort(names)
		if len(names) != 2 || names[0] != "a/1" || names[1] != "a/2" || s.Names("c") != nil {
			t.Errorf("names %v", names)
		}
		if string(s.Meta("a/1")) != "one" || s.Meta("a/2") == nil || s.Meta("b") != nil {
			t.Errorf("%q, %v, %q", s.Meta("a/1"), s.Meta("a/2"), s.Meta("b"))
		}
		mustClose(t, s)
		if s.Get(keys[0]) != nil || s.Apply(&b) == nil || s.Names("a") != nil {
			t.Error("it is used after Close")
		}
		if s, err = Open(dir, func(s string) { t.Error(s) }); err != nil {
			t.Fatal(err)
		}
	}
	mustClose(t, s)
}

// TestReopen: a chain is there again, with its side chains, as far as the history keeps it.
func TestReopen(t *testing.T) {
	dir, w := t.TempDir(), chains.Mined()
	reopen := func() *chain.Chain {
		c, err := OpenChain(dir, chain.Config{Params: w.Params, History: 100}, func(s string) { t.Error(s) })
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	trunk := w.Genesis().Grow(300, chains.Step{Seconds: 13, Txs: 1})
	branch := trunk[:len(trunk)-50].Grow(40, chains.Step{Seconds: 13, Mark: 1})
	c := reopen()
	for n := 1; n < len(trunk); n += 60 {
		insert(t, c, trunk.Headers(n, n+59))
		for i := n; i < n+60; i++ {
			put(t, c, &trunk[i])
		}
	}
	insert(t, c, branch.Headers(len(trunk)-50, len(branch)-1))
	mustClose(t, c)
	c = reopen()
	defer mustClose(t, c)
	follows(t, c, trunk)
	if c.Tail() != 0 || c.Earliest() != 201 || c.Body(trunk[200].Hash) != nil {
		t.Errorf("headers from %d, bodies from %d", c.Tail(), c.Earliest())
	}
	branch = branch.Grow(20, chains.Step{Seconds: 13, Mark: 1})
	insert(t, c, branch.Headers(len(branch)-20, len(branch)-1))
	follows(t, c, branch)
}

// TestForeign: a directory of another chain is refused by name, and left alone.
func TestForeign(t *testing.T) {
	dir, w := t.TempDir(), chains.Mined()
	c := openIn(t, dir, w)
	trunk := w.Genesis().Grow(10, chains.Step{Seconds: 13})
	insert(t, c, trunk.Headers(1, 10))
	mustClose(t, c)
	other := chains.Staked().Params
	_, err := OpenChain(dir, chain.Config{Params: other}, func(s string) { t.Error(s) })
	if _, ok := errors.AsType[*chain.ForeignError](err); !ok {
		t.Fatal(err)
	}
	for _, want := range []string{"mined", "staked", other.GenesisHash.String(), w.Params.GenesisHash.String(), "choose another data directory"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q lacks %q", err, want)
		}
	}
	c = openIn(t, dir, w)
	defer mustClose(t, c)
	follows(t, c, trunk)
}

// TestDamage: whatever file of the database is damaged, and how, there is a chain after OpenChain: what was there, or a
// new one and the damaged one aside, with a word.
func TestDamage(t *testing.T) {
	model, w := t.TempDir(), chains.Mined()
	trunk := w.Genesis().Grow(60, chains.Step{Seconds: 13, Txs: 2})
	for n := 0; n < 60; n += 20 {
		c := openIn(t, model, w) // each end of a run writes files
		insert(t, c, trunk.Headers(n+1, n+20))
		mustClose(t, c)
	}
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
		for how, damaged := range damages(whole) {
			t.Run(base+" "+how, func(t *testing.T) { testDamage(t, model, base, damaged, w, trunk) })
		}
	}
}

// damages returns a file, damaged in several ways; nil is a missing one.
func damages(whole []byte) map[string][]byte {
	junk := []byte(strings.Repeat("\xa5junk", len(whole)/5+1))[:len(whole)]
	half := slices.Clone(whole)
	copy(half[len(half)/2:], junk)
	if bubble.Race { // one kind of damage is enough with the race detector
		return map[string][]byte{"half junk": half}
	}
	return map[string][]byte{"empty": {}, "cut": whole[:len(whole)/2], "junk": junk, "half junk": half, "missing": nil}
}

func testDamage(t *testing.T, model, base string, damaged []byte, w *chains.World, trunk chains.Line) {
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
	c, err := OpenChain(dir, chain.Config{Params: w.Params}, func(string) { said++ })
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close() //nolint:errcheck // a damaged file may show at last
	kept, _ := filepath.Glob(filepath.Join(dir, aside+"*"))
	if said != len(kept) || said == 1 && c.Head().Number != 0 || said > 1 {
		t.Errorf("head %d, %d words, %v set aside", c.Head().Number, said, kept)
	}
	// Whatever is left, headers that come bring it to the end, in memory at worst.
	for _, from := range []int{1, int(c.Head().Number) + 1} { //nolint:gosec // small
		if n, err := c.InsertHeaders(later, trunk.Headers(from, 60)); err != nil {
			t.Errorf("took %d from %d: %v", n, from, err)
		}
		if c.Head().Hash == trunk.Last().Hash {
			return
		}
	}
	t.Errorf("the head is block %d", c.Head().Number)
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
	dir, w := t.TempDir(), chains.Mined()
	defer mustClose(t, openIn(t, dir, w))
	_, err := OpenChain(dir, chain.Config{Params: w.Params}, func(s string) { t.Error(s) })
	if err == nil || !strings.Contains(err.Error(), "another ethpeer") {
		t.Error(err)
	}
}

// TestFullDisk: the first write that does not fit ends the store, with an event, and not the process. The chain goes on
// in memory; what was written is there after a restart.
func TestFullDisk(t *testing.T) {
	var full atomic.Bool
	files := errorfs.Wrap(vfs.Default, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if full.Load() && op.Kind.ReadOrWrite() == errorfs.OpIsWrite {
			return syscall.ENOSPC
		}
		return nil
	}))
	path, w := filepath.Join(t.TempDir(), name), chains.Mined()
	s, err := open(path, vfs.Default)
	if err != nil {
		t.Fatal(err)
	}
	c, err := chain.Open(chain.Config{Params: w.Params, Store: s})
	if err != nil {
		t.Fatal(err)
	}
	trunk := w.Genesis().Grow(200, chains.Step{Seconds: 13, Txs: 1})
	insert(t, c, trunk.Headers(1, 100))
	mustClose(t, c)
	if s, err = open(path, files); err != nil {
		t.Fatal(err)
	}
	var told atomic.Int32
	c, err = chain.Open(chain.Config{Params: w.Params, Store: s, Record: func(e event.Event) {
		if trouble, ok := e.(event.Trouble); ok && trouble.Where == event.TroubleChain && strings.Contains(trouble.Err, "make room") {
			told.Add(1)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	full.Store(true)
	for n := 101; n <= 200; n++ {
		insert(t, c, trunk.Headers(n, n))
		put(t, c, &trunk[n])
	}
	follows(t, c, trunk)
	if c.Dead() == nil || told.Load() != 1 || c.Earliest() > 190 {
		t.Errorf("dead: %v, told %d times, bodies from %d", c.Dead(), told.Load(), c.Earliest())
	}
	full.Store(false)
	_ = c.Close() // it fails as the writes did

	if s, err = open(path, vfs.Default); err != nil {
		t.Fatal(err)
	}
	c, err = chain.Open(chain.Config{Params: w.Params, Store: s})
	if err != nil {
		t.Fatal(err)
	}
	defer mustClose(t, c)
	if n := c.Head().Number; n < 100 || n > 190 {
		t.Errorf("the head is block %d", n)
	}
	follows(t, c, trunk[:c.Head().Number+1])
}
