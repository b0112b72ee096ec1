// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// The messages that come most often, as large as they come.

func manyAnnounced(n int) []Announced {
	all := make([]Announced, n)
	for i := range all {
		all[i] = Announced{Type: 2, Size: uint64(100 + i), Typed: true}
		binary.BigEndian.PutUint64(all[i].Hash[:], uint64(i)*0x9e3779b97f4a7c15)
	}
	return all
}

func manyItems(n, size int) []byte {
	item := list(bytes.Repeat([]byte{1}, size))
	return bytes.Repeat(item, n)
}

// scan decodes a message and looks at each item, as a role does.
func scan(s *Storage, v Version, code uint64, payload []byte) (n int, err error) {
	m, err := s.Decode(v, code, payload)
	if err != nil {
		return 0, err
	}
	switch m := m.(type) {
	case *NewPooledTransactionHashes:
		for a := range m.All() {
			n += int(a.Type) / 2
		}
	case *Transactions:
		for item := range m.Items() {
			n += min(len(item), 1)
		}
	case *BlockHeaders:
		for item := range m.Items() {
			n += min(len(item), 1)
		}
	case *GetPooledTransactions:
		for _, h := range m.Hashes.All() {
			n += len(h) / 32
		}
	case *NewBlockHashes:
		for _, number := range m.All() {
			n += int(number)
		}
	}
	return n, nil
}

var scans = []struct {
	name    string
	kind    Kind
	items   int
	payload []byte
}{
	{"Transactions", KindTransactions, 200, list(manyItems(200, 150))},
	{"BlockHeaders", KindBlockHeaders, 192, list(num(1), list(manyItems(192, 600)))},
	{"Announcement", KindNewPooledTransactionHashes, 4096, AppendAnnouncement(nil, 68, manyAnnounced(4096))},
	{"GetPooledTransactions", KindGetPooledTransactions, 256, PooledRequest{make([]types.Hash, 256)}.Append(nil, 68, 1)},
	{"NewBlockHashes", KindNewBlockHashes, 16, list(bytes.Repeat(list(hashAsItem(1), num(1)), 16))},
}

func TestScanAllocatesNothing(t *testing.T) {
	for _, x := range scans {
		var s Storage
		allocs := testing.AllocsPerRun(10, func() {
			if n, err := scan(&s, 68, x.kind.Row().Code, x.payload); n != x.items || err != nil {
				t.Fatalf("%s: %d items, %v", x.name, n, err)
			}
		})
		if allocs != 0 {
			t.Errorf("%s: %v allocations", x.name, allocs)
		}
	}
}

func TestAppendAllocatesNothing(t *testing.T) {
	dst := make([]byte, 0, 1<<20)
	all := manyAnnounced(4096)
	one := all[:1]
	hashes := make([]types.Hash, 256)
	payload := list(manyItems(200, 150))
	items := slices.Collect(List{content: payload[3:], n: 200}.Items())
	for name, encode := range map[string]func(){
		"announcement":        func() { AppendAnnouncement(dst, 68, all) },
		"announcement of one": func() { AppendAnnouncement(dst, 68, one) },
		"hashes":              func() { AppendAnnouncement(dst, 65, all) },
		"pooled request":      func() { PooledRequest{hashes}.Append(dst, 68, 1) },
		"headers request":     func() { HeadersRequest{Origin: AtHash(deadC0de), Amount: 192}.Append(dst, 68, 1) },
		"reply":               func() { Reply{Kind: KindBlockHeaders, ID: 1}.Append(dst, 68, items) },
		"transactions":        func() { AppendTransactions(dst, items) },
	} {
		if allocs := testing.AllocsPerRun(10, encode); allocs != 0 {
			t.Errorf("%s: %v allocations", name, allocs)
		}
	}
}

func BenchmarkScan(b *testing.B) {
	for _, x := range scans {
		b.Run(x.name, func(b *testing.B) {
			var s Storage
			code := x.kind.Row().Code
			b.SetBytes(int64(len(x.payload)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := scan(&s, 68, code, x.payload); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAppendAnnouncement(b *testing.B) {
	all := manyAnnounced(4096)
	dst := make([]byte, 0, 1<<20)
	b.ReportAllocs()
	for b.Loop() {
		AppendAnnouncement(dst, 68, all)
	}
}

// uint64Item must agree with the cursor on every short input.
func TestUint64Item(t *testing.T) {
	check := func(in []byte) {
		t.Helper()
		c := rlp.Read(in)
		want := c.Uint64("")
		v, size := uint64Item(in)
		if ok := c.Err() == nil; ok != (size > 0) || ok && (v != want || size != c.Offset()) {
			t.Fatalf("%x: %d in %d bytes; the cursor says %d in %d, %v", in, v, size, want, c.Offset(), c.Err())
		}
	}
	for a := range 256 {
		check([]byte{byte(a)})
		for b := range 256 {
			check([]byte{byte(a), byte(b)})
			check([]byte{byte(a), byte(b), 0, 0x80})
			check([]byte{byte(a), byte(b), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
		}
	}
}
