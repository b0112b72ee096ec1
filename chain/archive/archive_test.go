// SPDX-License-Identifier: Apache-2.0

package archive

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/internal/test/chains"
	"github.com/ethpeer/ethpeer/types"
)

func open(t testing.TB, w *chains.World) *chain.Chain {
	t.Helper()
	c, err := chain.Open(chain.Config{Params: w.Params, History: chain.HistoryFull})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// file returns a line as a file of blocks in RLP.
func file(l chains.Line) (raw []byte) {
	for i := range l {
		raw = append(raw, l[i].RLP()...)
	}
	return raw
}

// filled returns a chain with a line in it, all but its first blocks' receipts.
func filled(t testing.TB, w *chains.World, l chains.Line) *chain.Chain {
	t.Helper()
	c := open(t, w)
	if _, err := ImportRLP(t.Context(), c, bytes.NewReader(file(l)), Options{}); err != nil {
		t.Fatal(err)
	}
	for i := range l {
		if err := c.PutReceipts(l[i].Hash, l[i].Receipts); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func follows(t *testing.T, c *chain.Chain, l chains.Line, receipts bool) {
	t.Helper()
	if c.Head().Hash != l.Last().Hash {
		t.Fatalf("the head is block %d", c.Head().Number)
	}
	for i := range l {
		if string(c.HeaderAt(uint64(i))) != string(l[i].Header.Raw) || string(c.Body(l[i].Hash)) != string(l[i].Body) { //nolint:gosec // small
			t.Fatalf("block %d is another", i)
		}
		if receipts && string(c.Receipts(l[i].Hash)) != string(l[i].Receipts) {
			t.Fatalf("block %d has other receipts", i)
		}
	}
}

// TestRLP: what is exported is what was imported, before the merge and after it, in pieces and again.
func TestRLP(t *testing.T) {
	for _, w := range []*chains.World{chains.Mined(), chains.Staked()} {
		l := w.Genesis().Grow(60, chains.Step{Seconds: 13, Txs: 2}).Grow(150, chains.Step{Seconds: 13})
		whole := file(l)
		c := open(t, w)
		var shown []Progress
		done, err := Import(t.Context(), c, bytes.NewReader(whole), Options{Progress: func(p Progress) { shown = append(shown, p) }})
		if err != nil || done != (Progress{int64(len(whole)), uint64(len(l)), uint64(len(l) - 1)}) || shown[len(shown)-1] != done { //nolint:gosec // small
			t.Fatal(done, err, shown)
		}
		follows(t, c, l, false)
		if done, err = Import(t.Context(), c, bytes.NewReader(whole), Options{}); err != nil || done.Number != uint64(len(l)-1) { //nolint:gosec // small
			t.Error("again:", done, err)
		}
		var out bytes.Buffer
		done, err = ExportRLP(t.Context(), c, &out, 0, c.Head().Number, Options{})
		if err != nil || !bytes.Equal(out.Bytes(), whole) || done.Bytes != int64(len(whole)) {
			t.Error(done, err)
		}

		// In two pieces, slowly, without the genesis block, compressed.
		c = open(t, w)
		if _, err := ImportRLP(t.Context(), c, iotest.OneByteReader(bytes.NewReader(file(l[1:20]))), Options{}); err != nil {
			t.Error(err)
		}
		var zipped bytes.Buffer
		z := gzip.NewWriter(&zipped)
		if _, err := z.Write(file(l[20:])); err != nil || z.Close() != nil {
			t.Fatal(err)
		}
		if _, err := Import(t.Context(), c, bytes.NewReader(zipped.Bytes()), Options{}); err != nil {
			t.Error(err)
		}
		follows(t, c, l, false)
	}
}

// TestErrors say at which byte and block a file is wrong, and what is before is in the chain.
func TestErrors(t *testing.T) {
	w := chains.Mined()
	l := w.Genesis().Grow(20, chains.Step{Seconds: 13, Txs: 1})
	other := l[:10].Grow(1, chains.Step{Seconds: 13})
	other[10].Change(func(h *types.Header) { h.Difficulty.SetUint64(7) })
	swapped := slices.Clone(l)
	swapped[10].Body = l[11].Body
	at := int64(len(file(l[:10])))
	for name, tt := range map[string]struct {
		file  []byte
		at    int64
		block uint64
		head  uint64
		is    func(error) bool
	}{
		"cut":           {file(l[:11])[:at+5], at, 10, 9, func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }},
		"no list":       {append(file(l[:10]), 0x80), at, 10, 9, func(err error) bool { return errors.Is(err, errNoList) }},
		"too long":      {append(file(l[:10]), 0xfb, 0xff, 0xff, 0xff, 0xff), at, 10, 9, func(err error) bool { return errors.Is(err, errTooLong) }},
		"no block":      {append(file(l[:10]), 0xc0), at, 10, 9, func(err error) bool { return err != nil }},
		"wrong header":  {file(other), at, 10, 9, isRule(rules.Difficulty)},
		"wrong body":    {file(swapped[:12]), at, 10, 11, isRule(rules.Body)},
		"gap":           {file(l[15:]), 0, 15, 0, func(err error) bool { return errors.Is(err, chain.ErrUnknownParent) }},
		"other chain":   {file(chains.Staked().Genesis()), 0, 0, 0, func(err error) bool { return strings.Contains(err.Error(), "another chain") }},
		"wrong clock":   {file(l), int64(len(file(l[:1]))), 1, 0, func(err error) bool { return errors.Is(err, chain.ErrFuture) }},
		"no file of it": {[]byte("hello, world"), 0, 0, 0, func(err error) bool { return errors.Is(err, ErrFormat) }},
	} {
		c := open(t, w)
		o := Options{}
		if name == "wrong clock" {
			o.Now = func() time.Time { return time.Unix(1000, 0) }
		}
		_, err := Import(t.Context(), c, bytes.NewReader(tt.file), o)
		where, ok := errors.AsType[*Error](err)
		if !tt.is(err) || name != "no file of it" && (!ok || where.Offset != tt.at || where.Block != tt.block) || c.Head().Number != tt.head {
			t.Errorf("%s: %v; the head is block %d", name, err, c.Head().Number)
		}
	}
	c := filled(t, w, l)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Import(ctx, c, bytes.NewReader(file(l)), Options{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := ExportRLP(ctx, c, io.Discard, 0, 9, Options{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if done, err := ExportRLP(t.Context(), c, io.Discard, 19, 1<<64-1, Options{}); err == nil || done.Number != 20 {
		t.Error(done, err)
	}
	headers := open(t, w)
	if _, err := headers.InsertHeaders(time.Now(), l.Headers(1, 5)); err != nil {
		t.Fatal(err)
	}
	if done, err := ExportRLP(t.Context(), headers, io.Discard, 0, 5, Options{}); err == nil || !strings.Contains(err.Error(), "body") || done.Blocks != 1 {
		t.Error(done, err)
	}
}

func isRule(rule rules.Rule) func(error) bool {
	return func(err error) bool {
		broken, ok := errors.AsType[*rules.Error](err)
		return ok && broken.Rule == rule
	}
}

// TestEra1: what is exported imports, receipts included; a file in which any bit of a value is wrong changes nothing.
func TestEra1(t *testing.T) {
	w := chains.Mined()
	l := w.Genesis().Grow(30, chains.Step{Seconds: 13, Txs: 2})
	c := filled(t, w, l)
	var whole, second bytes.Buffer
	if done, err := ExportEra1(t.Context(), c, &whole, 0, 20, Options{}); err != nil || done.Blocks != 21 {
		t.Fatal(done, err)
	}
	if _, err := ExportEra1(t.Context(), c, &second, 21, 30, Options{}); err != nil {
		t.Fatal(err)
	}
	again := open(t, w)
	for _, f := range []*bytes.Buffer{&whole, &second} {
		if _, err := Import(t.Context(), again, bytes.NewReader(f.Bytes()), Options{}); err != nil {
			t.Fatal(err)
		}
	}
	follows(t, again, l, true)
	checkIndex(t, whole.Bytes(), 0, 21)
	checkIndex(t, second.Bytes(), 21, 10)

	for at := 0; at < whole.Len(); at += 61 {
		damaged := slices.Clone(whole.Bytes())
		damaged[at] ^= 1 << (at % 8)
		fresh := open(t, w)
		_, err := ImportEra1(t.Context(), fresh, bytes.NewReader(damaged), Options{})
		if _, ok := errors.AsType[*Error](err); err != nil && !ok {
			t.Errorf("byte %d: %v", at, err)
		}
		if err == nil && fresh.Head().Hash != l[20].Hash { // an offset of the index is no part of the chain
			t.Errorf("byte %d: imported up to block %d", at, fresh.Head().Number)
		}
		fresh = open(t, w)
		if _, err := ImportEra1(t.Context(), fresh, bytes.NewReader(whole.Bytes()[:at]), Options{}); err == nil || fresh.Head().Number != 0 {
			t.Errorf("cut at byte %d: %v, up to block %d", at, err, fresh.Head().Number)
		}
	}
	if _, err := ExportEra1(t.Context(), c, io.Discard, 0, Era1Blocks, Options{}); err == nil {
		t.Error("too many blocks")
	}
	if _, err := ExportEra1(t.Context(), c, io.Discard, 25, 35, Options{}); err == nil {
		t.Error("more than there are")
	}
}

// checkIndex checks that the index leads to headers.
func checkIndex(t *testing.T, file []byte, first uint64, count int) {
	t.Helper()
	begin := len(file) - entryHeader - 16 - 8*count
	index := file[begin+entryHeader:]
	if binary.LittleEndian.Uint64(index) != first || binary.LittleEndian.Uint64(index[8+8*count:]) != uint64(count) { //nolint:gosec // small
		t.Fatalf("index %x", index)
	}
	for i := range count {
		at := int64(begin) + int64(binary.LittleEndian.Uint64(index[8+8*i:])) //nolint:gosec // negative
		in := file[at:]
		if binary.LittleEndian.Uint16(in) != typeHeader {
			t.Fatalf("block %d is said to be at byte %d", i, at)
		}
		raw, err := inflate(in[entryHeader : entryHeader+binary.LittleEndian.Uint32(in[2:])])
		if h, _ := types.DecodeHeader(raw); err != nil || h.Number != first+uint64(i) { //nolint:gosec // small
			t.Fatalf("block %d: %v", i, err)
		}
	}
}

// FuzzImport: no file crashes an import, or makes a chain that its rules refuse.
func FuzzImport(f *testing.F) {
	w := chains.Mined()
	l := w.Genesis().Grow(5, chains.Step{Seconds: 13, Txs: 1})
	c := filled(f, w, l)
	var era bytes.Buffer
	if _, err := ExportEra1(f.Context(), c, &era, 0, 5, Options{}); err != nil {
		f.Fatal(err)
	}
	f.Add(file(l))
	f.Add(era.Bytes())
	f.Add([]byte{0x1f, 0x8b, 8, 0})
	f.Fuzz(func(t *testing.T, in []byte) {
		fresh := open(t, w)
		if _, err := Import(t.Context(), fresh, bytes.NewReader(in), Options{}); err == nil && len(in) > 0 && fresh.Head().Number > 5 {
			t.Errorf("imported up to block %d", fresh.Head().Number)
		}
	})
}
