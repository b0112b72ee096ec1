// SPDX-License-Identifier: Apache-2.0

package types

import (
	"bytes"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/ethpeer/ethpeer/internal/mpt"
	"github.com/ethpeer/ethpeer/rlp"
)

// message is how many bytes an eth message may have.
const message = 10 << 20

// deep returns a list in a list in a list, levels of them.
func deep(levels int) []byte {
	heads := make([][]byte, levels)
	size := 0
	for i := range heads {
		heads[i] = rlp.AppendListHeader(nil, size)
		size += len(heads[i])
	}
	slices.Reverse(heads)
	return bytes.Join(heads, nil)
}

// A bombCase is a field that holds lists, or is kept without being understood, and an
// item with something else in its place.
type bombCase struct {
	name   string
	item   []byte
	decode func([]byte) error
}

func bombCases(t *testing.T, bomb []byte) []bombCase {
	t.Helper()
	tx := func(b []byte) error { _, err := DecodeTx(b); return err }
	body := func(b []byte) error { _, err := DecodeBody(b); return err }
	receipt := func(b []byte) error { _, err := DecodeReceipt(b); return err }
	flat := func(b []byte) error { _, err := DecodeFlatReceipt(b); return err }
	header := func(b []byte) error { _, err := DecodeHeader(b); return err }
	cases := []bombCase{
		{"a legacy transaction", bomb, tx},
		{"a transaction of a type", rlp.AppendBytes(nil, append([]byte{DynamicFeeTx}, bomb...)), tx},
		{"an uncle", list(list(), list(bomb)), body},
		{"withdrawals", list(list(), list(), bomb), body},
		{"a withdrawal", list(list(), list(), list(bomb)), body},
		{"receipt", bomb, receipt},
		{"logs", list(list(), bomb), receipt},
		{"logs, flat", list([]byte{0x02}, []byte{0x01}, []byte{0x01}, bomb), flat},
		{"a log, flat", list([]byte{0x02}, []byte{0x01}, []byte{0x01}, list(bomb)), flat},
		{"topics, flat", list([]byte{0x02}, []byte{0x01}, []byte{0x01}, list(list(rlp.AppendBytes(nil, make([]byte, 20)), bomb))), flat},
	}
	for kind := range uint8(knownTypes) {
		fields := split(t, sample(t, kind).list)
		for i := range fields {
			bent := slices.Clone(fields)
			bent[i] = bomb
			item := list(bent...)
			if kind != LegacyTx {
				item = rlp.AppendBytes(nil, append([]byte{kind}, item...))
			}
			cases = append(cases, bombCase{"a field of a transaction", item, tx})
		}
	}
	full := Header{Optional: AmsterdamFields}
	fields := append(split(t, full.Append(nil)), list()) // and one of a fork to come
	for i := range fields {
		bent := slices.Clone(fields)
		bent[i] = bomb
		cases = append(cases, bombCase{"a field of a header", list(bent...), header},
			bombCase{"a field of an uncle", list(list(), list(list(bent...))), body})
	}
	return cases
}

// Lists in lists without end neither overflow a stack nor pass.
func TestAttackNesting(t *testing.T) {
	for _, c := range bombCases(t, deep(100_000)) {
		if err := c.decode(c.item); err == nil {
			t.Errorf("%s: accepted", c.name)
		}
	}
	// What is kept as bytes, because its type is not known, is never entered.
	opaque := rlp.AppendBytes(nil, append([]byte{0x7f}, deep(100_000)...))
	if tx, err := DecodeTx(opaque); err != nil || tx.Known {
		t.Errorf("a transaction of an unknown type: %v", err)
	}
}

// Sizes that the input does not have are refused before anything is done about them.
func TestAttackDeclaredSizes(t *testing.T) {
	for _, head := range []string{"\xbf\xff\xff\xff\xff\xff\xff\xff\xff", "\xff\xff\xff\xff\xff\xff\xff\xff\xff", "\xff\x7f\xff\xff\xff\xff\xff\xff\xff", "\xfa\xff\xff\xff"} {
		for _, c := range bombCases(t, []byte(head)) {
			if err := c.decode(c.item); err == nil {
				t.Errorf("%s: accepted with %x", c.name, head)
			}
		}
	}
}

// A body of nothings is refused at the first, and one of the shortest transactions that
// there can be costs no memory, whatever their number.
func TestAttackEmptyTransactions(t *testing.T) {
	for name, item := range map[string]string{
		"empty lists":     "\xc0",
		"short envelopes": "\x82\x7f\x00",
		"short lists":     "\xc8" + strings.Repeat("\x80", 8),
	} {
		flood := list(list(bytes.Repeat([]byte(item), message/len(item))), list())
		if _, err := DecodeBody(flood); !errors.Is(err, ErrShortTx) {
			t.Errorf("%s: %v", name, err)
		}
		var place *rlp.Error
		if _, err := DecodeBody(flood); !errors.As(err, &place) || place.Offset > 16 {
			t.Errorf("%s: found late: %v", name, err)
		}
	}

	shortest := "\xc9" + strings.Repeat("\x80", 9)
	body, err := DecodeBody(list(list(bytes.Repeat([]byte(shortest), 20_000)), list()))
	if err != nil {
		t.Fatal(err)
	}
	if n := allocated(func() { body.TxRoot() }); n > len(body.Txs) {
		t.Errorf("the root of transactions of %d bytes takes %d", len(body.Txs), n)
	}
}

// allocated returns how many bytes f allocates.
func allocated(f func()) int {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int(after.TotalAlloc - before.TotalAlloc)
}

// Flat receipts of five bytes have 270 in consensus form. Only one is held at a time.
func TestAttackEmptyReceipts(t *testing.T) {
	tiny := list([]byte{0x80}, []byte{0x01}, []byte{0x01}, list())
	flood := bytes.Repeat(tiny, 20_000)
	var err error
	if n := allocated(func() { _, err = ReceiptRoot(flood, DecodeFlatReceipt) }); err != nil || n > 20_000*100 {
		t.Errorf("the root of 20000 receipts takes %d bytes, %v", n, err)
	}
	for at := range 3 { // wherever the bad one is
		items := slices.Repeat([][]byte{tiny}, 3)
		items[at] = list()
		if _, err := ReceiptRoot(bytes.Join(items, nil), DecodeFlatReceipt); !errors.Is(err, rlp.ErrMissing) {
			t.Errorf("bad receipt %d: %v", at, err)
		}
	}
	if _, err := ReceiptRoot(flood[:len(flood)-1], DecodeFlatReceipt); !errors.Is(err, rlp.ErrTruncated) {
		t.Errorf("cut: %v", err)
	}
}

// Roots are made item by item, in the order of the keys, which is not that of the items.
func TestRootsItemByItem(t *testing.T) {
	for _, n := range []int{0, 1, 2, 127, 128, 129, 300} {
		var items [][]byte
		for i := range n {
			items = append(items, list(rlp.AppendUint64(nil, uint64(i)), make([]byte, i%40)))
		}
		want := Hash(mpt.IndexRoot(n, func(i int) []byte { return items[i] }))
		b := Body{Txs: bytes.Join(items, nil)}
		if got := b.TxRoot(); got != want {
			t.Errorf("%d items: %v, want %v", n, got, want)
		}
	}
}

// A list that is longer than its reader allows is left at its limit.
func TestAttackScanFlood(t *testing.T) {
	flood := bytes.Repeat([]byte{0xc0}, message)
	var s Scan
	if err := s.Txs(flood, 5000); !errors.Is(err, rlp.ErrTooMany) || s.Len() != 0 {
		t.Errorf("transactions: %v", err)
	}
	if err := s.Headers(flood, 1024); !errors.Is(err, rlp.ErrTooMany) || s.Len() != 0 {
		t.Errorf("headers: %v", err)
	}
	if cap(s.items) > 16384 {
		t.Errorf("room for %d items is kept", cap(s.items))
	}
}
