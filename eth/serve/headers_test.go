// SPDX-License-Identifier: Apache-2.0

package serve

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/types"
)

// query asks for headers and returns their hashes.
func query(a *asker, q wire.HeadersRequest) (got []types.Hash) {
	a.t.Helper()
	r, _ := ask(a, q, 5)
	for item := range r.Items() {
		h, err := types.DecodeHeader(bytes.Clone(item))
		if err != nil {
			a.t.Fatal(err)
		}
		got = append(got, h.Hash())
	}
	return got
}

func numbersOf(branch []types.Hash, numbers ...int) (all []types.Hash) {
	for _, n := range numbers {
		all = append(all, branch[n])
	}
	return all
}

// Direction, gaps, overflow, by number and by hash, on the canonical chain and beside it.
func TestHeaderQueries(t *testing.T) {
	b := newBook()
	trunk := b.branch(nil, 11, "")  // 0 to 10
	main := b.branch(trunk, 10, "") // to 20
	side := b.branch(trunk, 8, "side")
	b.elect(main)
	lost := types.Hash{9}
	for _, v := range []wire.Version{63, 65, 66, 68, 69, 72} {
		inBubble(t, b, v, func(a *asker) {
			for _, c := range []struct {
				name string
				q    wire.HeadersRequest
				want []types.Hash
			}{
				{"by number", wire.HeadersRequest{Origin: wire.AtNumber(3), Amount: 3}, main[3:6]},
				{"with gaps", wire.HeadersRequest{Origin: wire.AtNumber(3), Amount: 3, Skip: 3}, numbersOf(main, 3, 7, 11)},
				{"up to the head", wire.HeadersRequest{Origin: wire.AtNumber(17), Amount: 100, Skip: 1}, numbersOf(main, 17, 19)},
				{"reverse", wire.HeadersRequest{Origin: wire.AtNumber(5), Amount: 3, Reverse: true}, numbersOf(main, 5, 4, 3)},
				{"reverse with gaps", wire.HeadersRequest{Origin: wire.AtNumber(5), Amount: 9, Skip: 1, Reverse: true}, numbersOf(main, 5, 3, 1)},
				{"to genesis", wire.HeadersRequest{Origin: wire.AtNumber(4), Amount: 9, Skip: 1, Reverse: true}, numbersOf(main, 4, 2, 0)},
				{"none", wire.HeadersRequest{Origin: wire.AtNumber(5)}, nil},
				{"beyond the head", wire.HeadersRequest{Origin: wire.AtNumber(21), Amount: 2, Reverse: true}, nil},
				{"the largest number", wire.HeadersRequest{Origin: wire.AtNumber(math.MaxUint64), Amount: 2}, nil},
				{"number overflow", wire.HeadersRequest{Origin: wire.AtNumber(3), Amount: 9, Skip: math.MaxUint64 - 2}, main[3:4]},
				{"number overflow to genesis", wire.HeadersRequest{Origin: wire.AtNumber(1), Amount: 9, Skip: math.MaxUint64 - 1}, main[1:2]},
				{"number overflow to itself", wire.HeadersRequest{Origin: wire.AtNumber(3), Amount: 9, Skip: math.MaxUint64}, main[3:4]},
				{"number reverse overflow", wire.HeadersRequest{Origin: wire.AtNumber(3), Amount: 9, Skip: math.MaxUint64, Reverse: true}, main[3:4]},
				{"amount overflow", wire.HeadersRequest{Origin: wire.AtNumber(18), Amount: math.MaxUint64}, main[18:]},

				{"by hash", wire.HeadersRequest{Origin: wire.AtHash(main[12]), Amount: 3}, main[12:15]},
				{"by hash with gaps", wire.HeadersRequest{Origin: wire.AtHash(main[2]), Amount: 3, Skip: 6}, numbersOf(main, 2, 9, 16)},
				{"by hash, reverse", wire.HeadersRequest{Origin: wire.AtHash(main[12]), Amount: 3, Reverse: true}, numbersOf(main, 12, 11, 10)},
				{"by hash, reverse with gaps", wire.HeadersRequest{Origin: wire.AtHash(main[12]), Amount: 3, Skip: 4, Reverse: true}, numbersOf(main, 12, 7, 2)},
				{"by hash to genesis", wire.HeadersRequest{Origin: wire.AtHash(main[5]), Amount: 9, Skip: 4, Reverse: true}, numbersOf(main, 5, 0)},
				{"hash overflow", wire.HeadersRequest{Origin: wire.AtHash(main[5]), Amount: 9, Skip: math.MaxUint64 - 1}, main[5:6]},
				{"hash reverse overflow", wire.HeadersRequest{Origin: wire.AtHash(main[5]), Amount: 9, Skip: math.MaxUint64, Reverse: true}, main[5:6]},
				{"an unknown hash", wire.HeadersRequest{Origin: wire.AtHash(lost), Amount: 9}, nil},

				{"beside the chain", wire.HeadersRequest{Origin: wire.AtHash(side[14]), Amount: 1}, side[14:15]},
				{"no descendants beside the chain", wire.HeadersRequest{Origin: wire.AtHash(side[14]), Amount: 3}, side[14:15]},
				{"nor with gaps", wire.HeadersRequest{Origin: wire.AtHash(side[14]), Amount: 3, Skip: 1}, side[14:15]},
				{"ancestors beside the chain", wire.HeadersRequest{Origin: wire.AtHash(side[12]), Amount: 4, Reverse: true}, numbersOf(side, 12, 11, 10, 9)},
				{"and with gaps", wire.HeadersRequest{Origin: wire.AtHash(side[14]), Amount: 9, Skip: 2, Reverse: true}, numbersOf(side, 14, 11, 8, 5, 2)},
			} {
				if got := query(a, c.q); !slices.Equal(got, c.want) {
					t.Errorf("%v, %s: %d headers, want %d: %v", v, c.name, len(got), len(c.want), got)
				}
			}
		})
	}
}

// model answers a query from parent hashes and numbers alone.
func model(b *book, q *wire.HeadersRequest) (all []types.Hash) {
	back := func(h types.Hash, steps uint64) types.Hash {
		for ; steps > 0; steps-- {
			header, err := types.DecodeHeader(b.headers[h])
			if err != nil || header.Number == 0 {
				return types.Hash{}
			}
			h = header.ParentHash
		}
		return h
	}
	at := q.Origin.Hash
	if !q.Origin.ByHash {
		at = b.canonical[q.Origin.Number]
	}
	for uint64(len(all)) < q.Amount && b.headers[at] != nil {
		all = append(all, at)
		header, _ := types.DecodeHeader(b.headers[at])
		next := b.canonical[header.Number+q.Skip+1]
		switch {
		case q.Reverse:
			at = back(at, q.Skip+1)
		case back(next, q.Skip+1) == at: // which holds on the canonical chain
			at = next
		default:
			return all
		}
	}
	return all
}

func TestHeaderQueriesAgainstAModel(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	b := newBook()
	branches := [][]types.Hash{b.branch(nil, 12, "")}
	for i := range 6 {
		from := branches[random.IntN(len(branches))]
		branches = append(branches, b.branch(from[:1+random.IntN(len(from))], 4+random.IntN(8), string(rune('a'+i))))
	}
	for _, elected := range branches {
		b.elect(elected)
		inBubble(t, b, 68, func(a *asker) {
			for range 80 {
				branch := branches[random.IntN(len(branches))]
				at := random.IntN(len(branch) + 1)
				q := wire.HeadersRequest{
					Origin: wire.AtNumber(uint64(at)), Amount: random.Uint64N(8), Skip: random.Uint64N(5), Reverse: random.IntN(2) == 0,
				}
				if random.IntN(2) == 0 && at < len(branch) {
					q.Origin = wire.AtHash(branch[at])
				}
				if got, want := query(a, q), model(b, &q); !slices.Equal(got, want) {
					t.Fatalf("%+v: %d headers, want %d", q, len(got), len(want))
				}
			}
		})
	}
}

// A query steps over at most 100 headers that are not canonical, so that it does not read the store without end.
func TestSideStepsAreBounded(t *testing.T) {
	b := newBook()
	trunk := b.branch(nil, 1, "")
	main := b.branch(trunk, 2000, "")
	side := b.branch(trunk, 300, "side")
	b.elect(main)
	inBubble(t, b, 68, func(a *asker) {
		b.reads = 0
		q := wire.HeadersRequest{Origin: wire.AtHash(side[300]), Amount: 100, Skip: 9, Reverse: true}
		if got := query(a, q); len(got) != 11 || got[10] != side[200] {
			t.Errorf("%d headers", len(got))
		}
		if b.reads > 1+maxSideSteps {
			t.Errorf("%d reads of the store", b.reads)
		}
		q = wire.HeadersRequest{Origin: wire.AtHash(main[1000]), Amount: 5, Skip: 199, Reverse: true}
		if got, want := query(a, q), numbersOf(main, 1000, 800, 600, 400, 200); !slices.Equal(got, want) {
			t.Errorf("the canonical chain: %d headers", len(got))
		}
		q = wire.HeadersRequest{Origin: wire.AtHash(side[150]), Amount: 150, Reverse: true}
		if got := query(a, q); len(got) != 150 {
			t.Errorf("from parent to parent: %d headers", len(got))
		}
	})
}

func TestParentOf(t *testing.T) {
	b, all := straight(3)
	header := b.headers[all[2]]
	if parent, ok := parentOf(header); !ok || parent != all[1] {
		t.Errorf("%v, %v", parent, ok)
	}
	for _, bad := range [][]byte{nil, header[:len(header)-1], {0xc0}, {0xc1, 0xc0}, {0xc1, 0x01}, {0x80}} {
		if _, ok := parentOf(bad); ok {
			t.Errorf("%x has a parent", bad)
		}
	}
}
