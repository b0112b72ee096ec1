// SPDX-License-Identifier: Apache-2.0

package devnet

import (
	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// transferGas is what every receipt says that its transaction used: a placeholder.
const transferGas = 21_000

// A draft is a block without a seal.
type draft struct {
	header   types.Header
	body     []byte // as BlockBodies has it
	receipts []byte // in the form of eth/69 (EIP-7642)
}

// newDraft makes a block on top of parent, at a time in Unix seconds. signers are those that a checkpoint lists.
func newDraft(parent *types.Header, time uint64, signers []types.Address, txs []*transaction) (*draft, error) {
	body := &types.Body{}
	for _, tx := range txs {
		body.Txs = append(body.Txs, tx.item.Bytes()...)
	}
	d := &draft{body: body.Append(nil), receipts: receiptsOf(txs)}
	d.header = types.Header{
		ParentHash: parent.Hash(), UncleHash: types.EmptyUncleHash, Root: parent.Root, TxRoot: body.TxRoot(),
		Difficulty: *uint256.NewInt(inTurn), Number: parent.Number + 1, GasLimit: parent.GasLimit,
		GasUsed: uint64(len(txs)) * transferGas, Time: time, Extra: extra(nil), Optional: types.LondonFields,
		BaseFee: rules.NextBaseFee(parent),
	}
	if d.header.Number%cliqueEpoch == 0 {
		d.header.Extra = extra(signers)
	}
	_, content, _, err := rlp.Split(d.receipts)
	if err != nil {
		return nil, err
	}
	d.header.ReceiptRoot, err = types.ReceiptRoot(content, types.DecodeFlatReceipt)
	return d, err
}

// receiptsOf returns the list of the receipts of a block's transactions: placeholders (see the package's comment).
func receiptsOf(txs []*transaction) []byte {
	dst, list := rlp.OpenList(nil)
	for i, tx := range txs {
		r := types.Receipt{Type: tx.kind, Outcome: []byte{1}, CumulativeGas: uint64(i+1) * transferGas}
		dst = r.AppendFlat(dst)
	}
	return rlp.CloseList(dst, list)
}
