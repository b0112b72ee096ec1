// SPDX-License-Identifier: Apache-2.0

package serve

import (
	"bytes"
	"slices"
	"testing"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// Receipts have their bloom filters up to eth/68, and none later (EIP-7642); either form has the header's root.
func TestReceiptForms(t *testing.T) {
	b, all := straight(3)
	flat, withBloom := receiptList(t, 10, 0, 500, 7)
	b.receipts[all[1]] = flat
	b.receipts[all[2]] = []byte{0xc0}
	for v := wire.First; v <= wire.Last; v++ {
		inBubble(t, b, v, func(a *asker) {
			want, decode := withBloom, types.DecodeReceipt
			if v >= 69 {
				want, decode = flat, types.DecodeFlatReceipt
			}
			for range 2 { // from the store, then from the cache
				r, _ := ask(a, wire.ReceiptsRequest{Hashes: all[1:]}, 3)
				if !bytes.Equal(r.Content(), append(bytes.Clone(want), 0xc0)) {
					t.Fatalf("%v: %x", v, r.Content())
				}
			}
			ours, err := types.ReceiptRoot(content(t, want), decode)
			stored, err2 := types.ReceiptRoot(content(t, flat), types.DecodeFlatReceipt)
			if err != nil || err2 != nil || ours != stored {
				t.Errorf("%v: root %v, %v; %v, %v", v, ours, err, stored, err2)
			}
		})
	}
}

func content(t *testing.T, list []byte) []byte {
	t.Helper()
	_, content, _, err := rlp.Split(list)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func split(t *testing.T, list []byte) (items [][]byte) {
	t.Helper()
	for rest := content(t, list); len(rest) > 0; {
		_, _, after, err := rlp.Split(rest)
		if err != nil {
			t.Fatal(err)
		}
		items, rest = append(items, rest[:len(rest)-len(after)]), after
	}
	return items
}

// A block without transactions has an empty list, even if the store does not hold it. A block whose receipts
// are not held has no list.
func TestReceiptsOfAnEmptyBlock(t *testing.T) {
	b, all := straight(2)
	h := types.Header{Number: 2, ParentHash: all[1], ReceiptRoot: types.EmptyRoot, GasLimit: 5000}
	b.headers[h.Hash()] = h.Append(nil)
	for _, v := range []wire.Version{63, 68, 69, 70} {
		inBubble(t, b, v, func(a *asker) {
			if r, _ := ask(a, wire.ReceiptsRequest{Hashes: []types.Hash{h.Hash(), h.Hash(), all[1]}}, 3); !bytes.Equal(r.Content(), []byte{0xc0, 0xc0}) {
				t.Errorf("%v: %x", v, r.Content())
			}
		})
	}
}

// What is no list of receipts is not held.
func TestDamagedReceipts(t *testing.T) {
	b, all := straight(1)
	flat, _ := receiptList(t, 10)
	for _, bad := range [][]byte{{0x80}, flat[:len(flat)-1], {0xc1, 0x01}, {0xc1, 0xc0}} {
		b.receipts[all[0]] = bad
		inBubble(t, b, 68, func(a *asker) {
			if r, _ := ask(a, wire.ReceiptsRequest{Hashes: all}, 3); r.Len() != 0 {
				t.Errorf("%x became %x", bad, r.Content())
			}
		})
	}
}

// From eth/70 on, a request may leave out the first receipts of its first block, and of no other (EIP-7975).
func TestFirstReceipt(t *testing.T) {
	b, all := straight(2)
	flat, _ := receiptList(t, 1, 2, 3, 4)
	b.receipts[all[0]], b.receipts[all[1]] = flat, flat
	items := split(t, flat)
	for _, v := range []wire.Version{69, 70, 72} {
		inBubble(t, b, v, func(a *asker) {
			for first := range uint64(7) {
				left := items[min(first, 4):]
				if v < 70 {
					left = items
				}
				r, _ := ask(a, wire.ReceiptsRequest{FirstIndex: first, Hashes: all}, 3)
				if want := append(listOf(left...), flat...); r.LastIncomplete || !bytes.Equal(r.Content(), want) {
					t.Errorf("%v from %d on: %x, want %x", v, first, r.Content(), want)
				}
			}
		})
	}
}

// The receipts of a block that is larger than 10 MiB come in parts, each as large as a message can be. The rest of the
// blocks follow.
func TestPartialReceipts(t *testing.T) {
	b, all := straight(3)
	const each = 100 << 10
	b.receipts[all[0]], _ = receiptList(t, each)
	b.receipts[all[1]], _ = receiptList(t, slices.Repeat([]int{each}, 125)...) // 12 MiB
	b.receipts[all[2]], _ = receiptList(t, 5)
	inBubble(t, b, 70, func(a *asker) {
		var got [3][][]byte
		block, replies := 0, 0
		for ; block < len(all); replies++ {
			first := uint64(len(got[block]))
			r, payload := ask(a, wire.ReceiptsRequest{FirstIndex: first, Hashes: all[block:]}, 3)
			if len(payload) > wire.MaxMessage || r.Len() == 0 {
				t.Fatalf("%d lists in %d bytes", r.Len(), len(payload))
			}
			if r.LastIncomplete && len(payload) < wire.MaxMessage-2*each {
				t.Errorf("a part of %d bytes", len(payload))
			}
			for list := range r.Items() {
				got[block] = append(got[block], split(t, list)...)
				block++
			}
			if r.LastIncomplete {
				block--
			}
		}
		for i, h := range all {
			if !bytes.Equal(listOf(got[i]...), b.receipts[h]) {
				t.Errorf("block %d: %d receipts", i, len(got[i]))
			}
		}
		if replies != 3 { // a block and a part of the next; the rest, which passes 2 MiB; the last block
			t.Errorf("%d replies", replies)
		}
	})
}

// A receipt that is larger than a message cannot be sent: the reply ends before it, and is complete as far as it goes.
func TestReceiptThatDoesNotFit(t *testing.T) {
	b, all := straight(2)
	b.receipts[all[0]], _ = receiptList(t, 10)
	b.receipts[all[1]], _ = receiptList(t, 11<<20, 5)
	inBubble(t, b, 70, func(a *asker) {
		if r, _ := ask(a, wire.ReceiptsRequest{Hashes: all}, 3); r.Len() != 1 || r.LastIncomplete {
			t.Errorf("%d lists, incomplete: %v", r.Len(), r.LastIncomplete)
		}
		if r, _ := ask(a, wire.ReceiptsRequest{Hashes: all[1:]}, 3); r.Len() != 0 || r.LastIncomplete {
			t.Errorf("%d lists, incomplete: %v", r.Len(), r.LastIncomplete)
		}
	})
}
