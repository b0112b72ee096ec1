// SPDX-License-Identifier: Apache-2.0

package serve

import (
	"bytes"
	"testing"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// Up to eth/65 a reply has at most 192 headers, 128 bodies or 256 lists of receipts, later 1024.
func TestItemLimits(t *testing.T) {
	b, all := straight(1100)
	for _, h := range all {
		b.bodies[h], b.receipts[h], b.lists[h] = []byte{0xc2, 0xc0, 0xc0}, []byte{0xc0}, []byte{0xc0}
	}
	for v := wire.First; v <= wire.Last; v++ {
		headers, bodies, receipts := 1024, 1024, 1024
		if v <= 65 {
			headers, bodies, receipts = 192, 128, 256
		}
		inBubble(t, b, v, func(a *asker) {
			for _, skip := range []uint64{0, 0, 1} {
				want := min(headers, 1100/int(skip+1))
				if r, _ := ask(a, wire.HeadersRequest{Amount: 5000, Skip: skip}, 1); r.Len() != want {
					t.Errorf("%v: %d headers, want %d", v, r.Len(), want)
				}
			}
			if r, _ := ask(a, wire.HeadersRequest{Origin: wire.AtNumber(1050), Amount: 512, Reverse: true}, 1); r.Len() != min(512, headers) {
				t.Errorf("%v: %d headers of a batch of 512", v, r.Len()) // geth drops a peer that sends fewer
			}
			if r, _ := ask(a, wire.BodiesRequest{Hashes: all}, 1); r.Len() != bodies {
				t.Errorf("%v: %d bodies, want %d", v, r.Len(), bodies)
			}
			if r, _ := ask(a, wire.ReceiptsRequest{Hashes: all}, 1); r.Len() != receipts || r.LastIncomplete {
				t.Errorf("%v: %d lists of receipts, want %d", v, r.Len(), receipts)
			}
			if wire.KindGetBlockAccessLists.Row().In(v) {
				if r, _ := ask(a, wire.AccessListsRequest{Hashes: all}, 1); r.Len() != 1024 {
					t.Errorf("%v: %d access lists", v, r.Len())
				}
			}
		})
	}
	if got := itemLimit(wire.KindNodeData, 63); got != 384 {
		t.Errorf("%d values of state", got)
	}
}

// A reply ends with the item that passes 2 MiB, and never passes 10 MiB.
func TestByteLimits(t *testing.T) {
	b, all := straight(20)
	const large = 300 << 10
	for i, h := range all {
		b.bodies[h] = bodyOfSize(large, i)
		b.receipts[h], _ = receiptList(t, large)
		b.lists[h] = bodyOfSize(large, i)
	}
	for _, v := range []wire.Version{65, 71} {
		inBubble(t, b, v, func(a *asker) {
			const want = 2<<20/large + 1
			if r, _ := ask(a, wire.BodiesRequest{Hashes: all}, 1); r.Len() != want {
				t.Errorf("%v: %d bodies, want %d", v, r.Len(), want)
			}
			if r, _ := ask(a, wire.ReceiptsRequest{Hashes: all}, 1); r.Len() != want || r.LastIncomplete {
				t.Errorf("%v: %d lists of receipts, want %d", v, r.Len(), want)
			}
			if v < 71 {
				return
			}
			if r, _ := ask(a, wire.AccessListsRequest{Hashes: all}, 1); r.Len() != want {
				t.Errorf("%v: %d access lists, want %d", v, r.Len(), want)
			}
		})
	}
	b.bodies[all[0]], b.bodies[all[1]] = bodyOfSize(2<<20-50, 0), bodyOfSize(8<<20+10, 1)
	b.receipts[all[0]], _ = receiptList(t, 4<<20, 4<<20, 4<<20)
	inBubble(t, b, 69, func(a *asker) {
		if r, _ := ask(a, wire.BodiesRequest{Hashes: all[:2]}, 1); r.Len() != 1 {
			t.Errorf("%d bodies, of more than 10 MiB", r.Len())
		}
		if r, _ := ask(a, wire.ReceiptsRequest{Hashes: all[:2]}, 1); r.Len() != 0 {
			t.Errorf("%d lists of receipts, of more than 10 MiB", r.Len())
		}
	})
}

// Up to eth/68 hashes without a block are left out of the bodies, and a repeated hash is answered twice. From
// eth/69 on, bodies end before the first block that is not held.
func TestUnknownBlocks(t *testing.T) {
	b, all := straight(4)
	for i, h := range all {
		b.bodies[h] = bodyOfSize(10, i)
		b.receipts[h], _ = receiptList(t, i)
	}
	mixed := []types.Hash{all[1], {1}, all[1], {2}, {2}, all[3], all[0]}
	for v := wire.First; v <= wire.Last; v++ {
		inBubble(t, b, v, func(a *asker) {
			want := [][]byte{b.bodies[all[1]], b.bodies[all[1]], b.bodies[all[3]], b.bodies[all[0]]}
			if v >= 69 {
				want = want[:1]
			}
			if r, _ := ask(a, wire.BodiesRequest{Hashes: mixed}, 1); !bytes.Equal(r.Content(), bytes.Join(want, nil)) {
				t.Errorf("%v: %d bodies, want %d", v, r.Len(), len(want))
			}
			if r, _ := ask(a, wire.ReceiptsRequest{Hashes: mixed}, 1); r.Len() != 1 {
				t.Errorf("%v: %d lists of receipts", v, r.Len())
			}
			if r, _ := ask(a, wire.BodiesRequest{Hashes: []types.Hash{{1}, {2}}}, 1); r.Len() != 0 {
				t.Errorf("%v: %d bodies of unknown blocks", v, r.Len())
			}
			if r, _ := ask(a, wire.ReceiptsRequest{Hashes: []types.Hash{{1}, all[0]}}, 1); r.Len() != 0 {
				t.Errorf("%v: %d lists of receipts of unknown blocks", v, r.Len())
			}
		})
	}
}

// An access list that is not held has its place; an empty one is one.
func TestAccessLists(t *testing.T) {
	b, all := straight(4)
	b.lists[all[1]], b.lists[all[3]] = []byte{0xc0}, bodyOfSize(10, 1)
	inBubble(t, b, 71, func(a *asker) {
		r, _ := ask(a, wire.AccessListsRequest{Hashes: []types.Hash{{1}, all[1], all[2], all[3], {2}}}, 1)
		want := bytes.Join([][]byte{{0x80, 0xc0, 0x80}, b.lists[all[3]], {0x80}}, nil)
		if r.Len() != 5 || !bytes.Equal(r.Content(), want) {
			t.Errorf("%x", r.Content())
		}
	})
}

func listOf(items ...[]byte) []byte {
	dst, list := rlp.OpenList(nil)
	return rlp.CloseList(append(dst, bytes.Join(items, nil)...), list)
}
