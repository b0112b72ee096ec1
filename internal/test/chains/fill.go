// SPDX-License-Identifier: Apache-2.0

package chains

import (
	"bytes"
	"maps"
	"slices"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// txGas is what each transaction uses.
const txGas = 21_000

// fill gives a block its transactions and receipts, and the header their roots. Each receipt has a log.
func (b *Block) fill(h *types.Header, s Step) {
	body := types.Body{HasWithdrawals: h.HasWithdrawals()}
	var receipts []byte
	for i := range s.Txs {
		body.Txs = append(body.Txs, tx(h.Number, i, s.Mark)...)
		h.GasUsed += txGas
		receipts = appendReceipt(receipts, h)
	}
	b.Body = body.Append(nil)
	b.Receipts = append(rlp.AppendListHeader(nil, len(receipts)), receipts...)
	h.TxRoot = body.TxRoot()
	root, err := types.ReceiptRoot(receipts, types.DecodeFlatReceipt)
	if err != nil {
		panic(err) // we made them
	}
	h.ReceiptRoot = root
}

// tx returns a legacy transaction that no other block has. Its signature is none.
func tx(number uint64, i int, mark byte) []byte {
	dst, list := rlp.OpenList(nil)
	dst = rlp.AppendUint64(dst, number<<8|uint64(i)) //nolint:gosec // not negative
	dst = rlp.AppendUint64(dst, 1e9)
	dst = rlp.AppendUint64(dst, txGas)
	dst = rlp.AppendBytes(dst, make([]byte, 20))
	dst = rlp.AppendUint64(dst, uint64(mark))
	dst = rlp.AppendBytes(dst, nil)
	dst = rlp.AppendUint64(dst, 27)
	dst = rlp.AppendBytes(dst, bytes.Repeat([]byte{1}, 32))
	dst = rlp.AppendBytes(dst, bytes.Repeat([]byte{2}, 32))
	return rlp.CloseList(dst, list)
}

// appendReceipt appends the receipt of the last transaction, and adds its log to the header's bloom filter.
func appendReceipt(dst []byte, h *types.Header) []byte {
	address := types.Address{0: byte(h.Number), 1: byte(h.GasUsed >> 8)}
	h.Bloom.Add(address[:])
	logs, log := rlp.OpenList(nil)
	logs = rlp.AppendBytes(logs, address[:])
	logs = append(logs, 0xc0)
	logs = rlp.CloseList(rlp.AppendBytes(logs, []byte("data")), log)
	r := types.Receipt{Outcome: []byte{1}, CumulativeGas: h.GasUsed, Logs: logs}
	return r.AppendFlat(dst)
}

// Parts of the extra data of a clique header (EIP-225).
const (
	vanity = 32
	seal   = 65
)

// checkpoint returns the extra data that lists the signers, before it is sealed.
func checkpoint(keys map[types.Address]*ecc.PrivateKey) []byte {
	extra := make([]byte, vanity)
	for _, a := range slices.SortedFunc(maps.Keys(keys), func(a, b types.Address) int { return bytes.Compare(a[:], b[:]) }) {
		extra = append(extra, a[:]...)
	}
	return append(extra, make([]byte, seal)...)
}

// sign seals a header by the signer in turn, or one of those after it that may.
func (b *Block) sign(h *types.Header, s Step) *rules.Snapshot {
	signers := b.snap.Signers()
	for i := range len(signers) {
		signer := signers[(h.Number+uint64(s.Late+i))%uint64(len(signers))] //nolint:gosec // not negative
		h.Extra = make([]byte, vanity+seal)
		if h.Number%b.world.Params.Clique.Epoch == 0 {
			h.Extra = checkpoint(b.world.keys)
		}
		h.Extra[0] = s.Mark
		h.Difficulty = *uint256.NewInt(1)
		if b.snap.InTurn(h.Number, signer) {
			h.Difficulty.SetUint64(2)
		}
		sig := b.world.keys[signer].Sign(rules.CliqueSealHash(h))
		copy(h.Extra[len(h.Extra)-seal:], sig[:])
		if next, _, err := b.snap.Apply(h); err == nil {
			return next
		}
	}
	panic("no signer may sign")
}
