// SPDX-License-Identifier: Apache-2.0

package devnet

import (
	"errors"
	"fmt"
	"slices"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// A block is immutable, once it is in a store.
type block struct {
	types.Block // Raw is its own

	hash types.Hash
	body []byte // as BlockBodies holds it
	txs  []included
	td   uint256.Int // total difficulty; set when it is added
}

// included is a transaction of a block, as far as gossip names it.
type included struct {
	hash types.Hash
	kind uint8
}

var errBody = errors.New("the body is not the one that the header names")

// readBlock reads header and body of a NewBlock (devp2p/caps/eth.md#newblock-0x07), and takes raw
// over. The result is coherent in itself; store.addBlock checks its seal and parent.
func readBlock(raw []byte) (*block, error) {
	decoded, err := types.DecodeBlock(raw)
	if err != nil {
		return nil, err
	}
	b := &block{Block: decoded, hash: decoded.Header.Hash(), body: decoded.Body.Append(nil)}
	if !b.Body.Matches(&b.Header) {
		return nil, fmt.Errorf("block %v: %w", b.hash, errBody)
	}
	for rest := b.Body.Txs; len(rest) > 0; {
		_, _, after, err := rlp.Split(rest)
		if err != nil {
			return nil, err
		}
		tx, err := types.DecodeTx(rest[:len(rest)-len(after)])
		if err != nil {
			return nil, fmt.Errorf("block %v: transaction %d: %w", b.hash, len(b.txs), err)
		}
		b.txs = append(b.txs, included{tx.Hash(), tx.Type})
		rest = after
	}
	return b, nil
}

// transferGas is what every receipt says that its transaction used: a placeholder.
const transferGas = 21_000

// receipt makes the i-th receipt of a block: a placeholder (see the package's comment).
func (b *block) receipt(i int) types.Receipt {
	return types.Receipt{Type: b.txs[i].kind, Outcome: []byte{1}, CumulativeGas: uint64(i+1) * transferGas}
}

// receipts returns the list of the block's receipts from the first on, in the form of version v
// (devp2p/caps/eth.md#receipts-0x10).
func (b *block) receipts(v wire.Version, first uint64) []byte {
	dst, list := rlp.OpenList(nil)
	for i := min(first, uint64(len(b.txs))); i < uint64(len(b.txs)); i++ {
		r := b.receipt(int(i))
		if v >= flatReceipts {
			dst = r.AppendFlat(dst)
		} else {
			dst = r.AppendItem(dst)
		}
	}
	return rlp.CloseList(dst, list)
}

// flatReceipts is the version from which on receipts have no bloom filter (EIP-7642).
const flatReceipts wire.Version = 69

// receiptRoot is the root of the block's receipts.
func (b *block) receiptRoot() (types.Hash, error) {
	list := b.receipts(flatReceipts, 0)
	_, content, _, err := rlp.Split(list)
	if err != nil {
		return types.Hash{}, err
	}
	return types.ReceiptRoot(content, types.DecodeFlatReceipt)
}

// name is how the block is announced.
func (b *block) name() wire.BlockName {
	return wire.BlockName{Hash: b.hash, Number: b.Header.Number}
}

// draft makes an unsealed block on top of parent, at a time in Unix seconds.
func draft(parent *block, time uint64, signer types.Address, txs [][]byte) (*types.Header, *types.Body, error) {
	p := &parent.Header
	body := &types.Body{Txs: slices.Concat(txs...)}
	used := uint64(len(txs)) * transferGas
	h := &types.Header{
		ParentHash: parent.hash, UncleHash: types.EmptyUncleHash, Root: p.Root, TxRoot: body.TxRoot(),
		Difficulty: *uint256.NewInt(inTurn), Number: p.Number + 1, GasLimit: p.GasLimit, GasUsed: used, Time: time,
		Extra: extra(nil), Optional: types.LondonFields, BaseFee: baseFee(p),
	}
	if h.Number%cliqueEpoch == 0 {
		h.Extra = extra(&signer)
	}
	b := &block{}
	for _, item := range txs {
		tx, err := types.DecodeTx(item)
		if err != nil {
			return nil, nil, err
		}
		b.txs = append(b.txs, included{kind: tx.Type})
	}
	var err error
	h.ReceiptRoot, err = b.receiptRoot()
	return h, body, err
}

// baseFee returns the base fee of the block after p (EIP-1559).
func baseFee(p *types.Header) uint256.Int {
	const elasticity, denominator = 2, 8
	target := p.GasLimit / elasticity
	fee := p.BaseFee
	var change uint256.Int
	if p.GasUsed > target {
		change.Mul(&fee, uint256.NewInt(p.GasUsed-target))
	} else {
		change.Mul(&fee, uint256.NewInt(target-p.GasUsed))
	}
	change.Div(&change, uint256.NewInt(target))
	change.Div(&change, uint256.NewInt(denominator))
	switch {
	case p.GasUsed > target && change.IsZero():
		fee.AddUint64(&fee, 1)
	case p.GasUsed > target:
		fee.Add(&fee, &change)
	default:
		fee.Sub(&fee, &change)
	}
	return fee
}
