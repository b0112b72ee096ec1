// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

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

// allocated returns how many bytes f allocates.
func allocated(f func()) int {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int(after.TotalAlloc - before.TotalAlloc)
}

// CVE-2024-32972: a client added one to the amount, or took one away, and answered with
// every header that it had. Here an amount is a number like any other, and asking for none
// or for all is neither rounded nor wrapped, nor does it make room for more in the reply.
func TestAttackHeaderAmount(t *testing.T) {
	for _, amount := range []uint64{0, 1, math.MaxInt64, math.MaxInt64 + 1, math.MaxUint64 - 1, math.MaxUint64} {
		for _, origin := range []Origin{AtNumber(0), AtNumber(math.MaxUint64), AtHash(deadC0de)} {
			for v := First; v <= Last; v++ {
				r := HeadersRequest{Origin: origin, Amount: amount, Skip: math.MaxUint64, Reverse: amount%2 == 0}
				m := mustDecode[*GetBlockHeaders](t, v, r.Append(nil, v, 9))
				if m.Amount != amount || m.Skip != r.Skip || m.Origin != origin || m.Reverse != r.Reverse {
					t.Fatalf("%v: %+v became %+v", v, r, m)
				}
				one, many := list(list()), list(bytes.Repeat(list(), 1025))
				if v.HasRequestIDs() {
					one, many = list(num(9), one), list(num(9), many)
				}
				if _, err := r.ParseReply(v, one); (err == nil) != (amount > 0) {
					t.Errorf("%v: a header for a request for %d: %v", v, amount, err)
				}
				if _, err := r.ParseReply(v, many); !errors.Is(err, rlp.ErrTooMany) {
					t.Errorf("%v: 1025 headers for a request for %d: %v", v, amount, err)
				}
			}
		}
	}
}

// eachSlot calls check with every message, in each of its versions, that has item once in
// place of each of its fields, and once as a whole.
func eachSlot(t *testing.T, item []byte, check func(row *Row, v Version, payload []byte)) {
	t.Helper()
	eachVector(t, func(t *testing.T, x *vector, row *Row, v Version) {
		check(row, v, item)
		replaceEach(t, x.payload, item, 3, func(payload []byte) { check(row, v, payload) })
	})
}

// replaceEach replaces each item of a list, and of the lists in it, up to three of each.
func replaceEach(t *testing.T, in, item []byte, depth int, check func([]byte)) {
	kind, content, _, err := rlp.Split(in)
	if err != nil {
		t.Fatal(err)
	}
	if kind != rlp.List || depth == 0 {
		return
	}
	c := rlp.Read(content)
	for n := 0; c.More() && n < 5; n++ {
		before := content[:c.Offset()]
		old := c.Raw("")
		after := content[c.Offset():]
		check(list(before, item, after))
		replaceEach(t, old, item, depth-1, func(inner []byte) { check(list(before, inner, after)) })
	}
}

// keepsRaw reports whether a message has items that are passed on as they are.
func keepsRaw(k Kind) bool {
	switch k {
	case KindTransactions, KindPooledTransactions, KindBlockHeaders, KindBlockBodies, KindReceipts, KindNewBlock, KindBlockAccessLists:
		return true
	default:
		return false
	}
}

// Lists in lists without end, wherever a message has anything: what is kept raw is not
// entered, and everything else is refused.
func TestAttackNesting(t *testing.T) {
	var s Storage
	accepted := map[Kind]bool{}
	eachSlot(t, deep(1000), func(row *Row, v Version, payload []byte) {
		if m, err := s.Decode(v, row.Code, payload); err == nil {
			accepted[row.Kind] = true
			checkParts(t, m)
		}
	})
	for row := range Rows() {
		if accepted[row.Kind] != keepsRaw(row.Kind) {
			t.Errorf("%s: accepted: %v", row.Name, accepted[row.Kind])
		}
	}
}

// The decoder of package types refuses the contents.
func TestAttackNestingIsRefusedByTypes(t *testing.T) {
	bomb := deep(10_000)
	block := mustDecode[*NewBlock](t, 68, list(list(bomb, bomb, bomb), num(1)))
	if _, err := types.DecodeBlock(block.Block); err == nil {
		t.Error("block: accepted")
	}
	for name, decode := range map[string]func([]byte) error{
		"header":  func(b []byte) error { _, err := types.DecodeHeader(b); return err },
		"tx":      func(b []byte) error { _, err := types.DecodeTx(b); return err },
		"body":    func(b []byte) error { _, err := types.DecodeBody(b); return err },
		"receipt": func(b []byte) error { _, err := types.DecodeFlatReceipt(b); return err },
		"list":    func(b []byte) error { return rlp.Valid(b, rlp.MaxDepth) },
	} {
		if decode(bomb) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// Sizes that the payload does not have are refused wherever they are stated, except inside
// of an item that is kept raw.
func TestAttackDeclaredSizes(t *testing.T) {
	var s Storage
	for _, head := range []string{
		"\xbf\xff\xff\xff\xff\xff\xff\xff\xff", "\xff\xff\xff\xff\xff\xff\xff\xff\xff",
		"\xff\x7f\xff\xff\xff\xff\xff\xff\xff", "\xfb\xff\xff\xff\xff", "\xbb\x7f\xff\xff\xff",
	} {
		eachSlot(t, []byte(head), func(row *Row, v Version, payload []byte) {
			m, err := s.Decode(v, row.Code, payload)
			if err != nil {
				return
			}
			if !keepsRaw(row.Kind) {
				t.Errorf("%v %s accepts %x", v, row.Name, payload)
			}
			checkParts(t, m)
		})
	}
}

// floods are messages of which a list has content.
func floods(k Kind, v Version, content []byte) [][]byte {
	all := [][]byte{wrap(k, v, 1, content)}
	switch {
	case k == KindNewPooledTransactionHashes && v >= 68:
		all = append(all, list(str("\x02"), list(content), list(hashAsItem(1))))
	case k == KindCells:
		all = append(all, list(num(1), list(hashAsItem(1)), list(content), str(mask(""))),
			list(num(1), list(hashAsItem(1)), list(list(content)), str(mask(""))))
	}
	return all
}

// Many more of the smallest items than a row allows, in few bytes: every list is left at the
// limit of its items, or at the first that is of the wrong kind.
func TestAttackItemFlood(t *testing.T) {
	var s Storage
	for _, item := range []string{"\xc0", "\x80", "\x01"} {
		content := bytes.Repeat([]byte(item), 1<<18)
		for row := range Rows() {
			if row.Items == 0 {
				continue
			}
			for v := row.From; v <= row.To; v++ {
				for _, payload := range floods(row.Kind, v, content) {
					var err error
					n := allocated(func() { _, err = s.Decode(v, row.Code, payload) })
					if err == nil || errors.Is(err, ErrTooLarge) || n > 64<<10 {
						t.Errorf("%v %s of %x: %d bytes allocated, %v", v, row.Name, item, n, err)
					}
				}
			}
		}
	}
	// A block's transactions are not counted here. types refuses nothings.
	block := mustDecode[*NewBlock](t, 68, list(list(list(), list(bytes.Repeat(list(), 1<<20)), list()), num(1)))
	if _, err := types.DecodeBody(list(block.Txs, block.Uncles)); !errors.Is(err, types.ErrShortTx) {
		t.Errorf("empty transactions: %v", err)
	}
}

// The same hash again and again counts every time (see TestItemLimits), and is yielded every
// time, for the caller to check.
func TestAttackDuplicateHashes(t *testing.T) {
	same := slices.Repeat([]Announced{{Hash: hash(1), Type: 3, Size: 7}}, 4096)
	for _, v := range []Version{65, 68, 72} {
		m := mustDecode[*NewPooledTransactionHashes](t, v, AppendAnnouncement(nil, v, same))
		n := 0
		for a := range m.All() {
			if a.Hash == hash(1) {
				n++
			}
		}
		if n != len(same) {
			t.Errorf("%v: %d of %d", v, n, len(same))
		}
	}
}

// An error quotes no more of a message than a number of it: a sender of rubbish does not
// write our log.
func TestAttackLongErrors(t *testing.T) {
	var s Storage
	eachSlot(t, rlp.AppendString(nil, strings.Repeat("\x1b[31m", 1000)), func(row *Row, v Version, payload []byte) {
		if _, err := s.Decode(v, row.Code, payload); err != nil && (len(err.Error()) > 300 || strings.Contains(err.Error(), "\x1b")) {
			t.Errorf("%v %s: %.400q", v, row.Name, err)
		}
	})
}
