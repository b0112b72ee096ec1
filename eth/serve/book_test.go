// SPDX-License-Identifier: Apache-2.0

package serve

import (
	"encoding/binary"
	"testing"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// A book is a chain without rules: blocks by hash, of which one branch is canonical.
type book struct {
	headers, bodies, receipts, lists map[types.Hash][]byte
	canonical                        map[uint64]types.Hash
	reads                            int
	before                           func() // each read of a body
}

func newBook() *book {
	return &book{
		headers: map[types.Hash][]byte{}, bodies: map[types.Hash][]byte{}, receipts: map[types.Hash][]byte{},
		lists: map[types.Hash][]byte{}, canonical: map[uint64]types.Hash{},
	}
}

func (b *book) Header(h types.Hash) []byte {
	b.reads++
	return b.headers[h]
}

func (b *book) Body(h types.Hash) []byte {
	if b.before != nil {
		b.before()
	}
	return b.bodies[h]
}

func (b *book) Receipts(h types.Hash) []byte   { return b.receipts[h] }
func (b *book) AccessList(h types.Hash) []byte { return b.lists[h] }

func (b *book) Canonical(n uint64) (types.Hash, bool) {
	h, ok := b.canonical[n]
	return h, ok
}

// branch adds count headers on top of a parent, or from block 0 on. It returns the hashes of the parent's
// branch and of the new headers.
func (b *book) branch(parent []types.Hash, count int, extra string) []types.Hash {
	branch := append([]types.Hash(nil), parent...)
	for range count {
		h := types.Header{
			Number: uint64(len(branch)), Extra: []byte(extra), Difficulty: *uint256.NewInt(1), GasLimit: 5000,
			UncleHash: types.EmptyUncleHash, TxRoot: types.EmptyRoot, ReceiptRoot: types.Hash{1},
		}
		if len(branch) > 0 {
			h.ParentHash = branch[len(branch)-1]
		}
		hash := h.Hash()
		b.headers[hash] = h.Append(nil)
		branch = append(branch, hash)
	}
	return branch
}

// elect makes a branch the canonical one.
func (b *book) elect(branch []types.Hash) {
	clear(b.canonical)
	for n, h := range branch {
		b.canonical[uint64(n)] = h
	}
}

// straight returns a canonical chain of so many blocks.
func straight(count int) (*book, []types.Hash) {
	b := newBook()
	all := b.branch(nil, count, "")
	b.elect(all)
	return b, all
}

// bodyOfSize returns a body of about so many bytes, with a number that tells it from others.
func bodyOfSize(size, number int) []byte {
	dst, list := rlp.OpenList(nil)
	dst, txs := rlp.OpenList(dst)
	tx := make([]byte, size)
	binary.BigEndian.PutUint64(tx, uint64(number)+1<<63)
	dst = rlp.AppendBytes(dst, tx)
	dst = rlp.CloseList(dst, txs)
	dst = append(dst, 0xc0)
	return rlp.CloseList(dst, list)
}

// receiptList returns a list of receipts in the form of eth/69, each with data of so many bytes in its one
// log, and the same list in the form of eth/68.
func receiptList(t *testing.T, sizes ...int) (flat, withBloom []byte) {
	t.Helper()
	flat, flats := rlp.OpenList(nil)
	withBloom, blooms := rlp.OpenList(nil)
	for i, size := range sizes {
		logs, entry := rlp.OpenList(nil)
		logs = rlp.AppendBytes(logs, append(make([]byte, 19), byte(i)))
		logs, topics := rlp.OpenList(logs)
		logs = rlp.AppendBytes(logs, append(make([]byte, 31), byte(i)))
		logs = rlp.CloseList(logs, topics)
		logs = rlp.CloseList(rlp.AppendBytes(logs, make([]byte, size)), entry)
		r := types.Receipt{Type: uint8(i % 3), Outcome: []byte{1}, CumulativeGas: uint64(i+1) * 21_000, Logs: logs}
		item := r.AppendFlat(nil)
		decoded, err := types.DecodeFlatReceipt(item)
		if err != nil {
			t.Fatal(err)
		}
		flat, withBloom = append(flat, item...), decoded.AppendItem(withBloom)
	}
	return rlp.CloseList(flat, flats), rlp.CloseList(withBloom, blooms)
}
