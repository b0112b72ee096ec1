// SPDX-License-Identifier: Apache-2.0

package serve

import (
	"bytes"
	"testing"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/rlpx"
	"github.com/ethpeer/ethpeer/types"
)

// A jar is a pool whose transactions say which version they were requested in.
type jar struct {
	sizes map[types.Hash]int
	cells map[types.Hash]int // how many blobs
}

func (j jar) Pooled(h types.Hash, v wire.Version) *rlpx.Chunk {
	size, ok := j.sizes[h]
	if !ok {
		return nil
	}
	return rlpx.NewChunk(j.item(h, v, size))
}

func (jar) item(h types.Hash, v wire.Version, size int) []byte {
	return rlp.AppendBytes(nil, append([]byte{2, h[0], byte(v)}, make([]byte, size)...))
}

func (j jar) Cells(h types.Hash, mask wire.CellMask) (cells [][]byte) {
	for range j.cells[h] * mask.Len() {
		cells = append(cells, bytes.Repeat(h[:1], types.CellSize))
	}
	return cells
}

func TestPooled(t *testing.T) {
	b, _ := straight(1)
	pool := jar{sizes: map[types.Hash]int{{1}: 10, {2}: 20, {3}: 1 << 20, {4}: 2 << 20}}
	for _, v := range []wire.Version{65, 68, 72} {
		inBubble(t, b, v, func(a *asker) {
			r, _ := ask(a, wire.PooledRequest{Hashes: []types.Hash{{9}, {2}, {1}, {8}, {2}}}, 1)
			want := bytes.Join([][]byte{pool.item(types.Hash{2}, v, 20), pool.item(types.Hash{1}, v, 10), pool.item(types.Hash{2}, v, 20)}, nil)
			if !bytes.Equal(r.Content(), want) {
				t.Errorf("%v: %x", v, r.Content())
			}
			if r, _ := ask(a, wire.PooledRequest{Hashes: []types.Hash{{3}, {4}, {1}}}, 1); r.Len() != 2 {
				t.Errorf("%v: %d transactions, want the one that passes 2 MiB and those before it", v, r.Len())
			}
		}, pool)
	}
}

func TestCells(t *testing.T) {
	b, _ := straight(1)
	pool := jar{cells: map[types.Hash]int{{1}: 1, {2}: 6, {3}: 6}}
	inBubble(t, b, 72, func(a *asker) {
		mask := wire.CellMask{}.With(3).With(9)
		r, _ := ask(a, wire.CellsRequest{Hashes: []types.Hash{{9}, {2}, {1}}, Mask: mask}, 1)
		if r.Len() != 2 || r.Mask != mask || r.Hashes.At(0) != (types.Hash{2}) {
			t.Errorf("cells of %d transactions, mask %x", r.Len(), r.Mask)
		}
		// 1024 cells end a reply: 6 blobs of 128 cells are 768, and 1536 come with the second transaction.
		if r, _ := ask(a, wire.CellsRequest{Hashes: []types.Hash{{2}, {3}, {1}}, Mask: wire.AllCells()}, 1); r.Len() != 2 {
			t.Errorf("cells of %d transactions", r.Len())
		}
	}, pool)
}
