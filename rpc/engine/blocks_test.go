// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// A block of the tests, and the parameters of newPayload that describe it.
type block struct {
	header types.Header
	body   types.Body
	txs    []string // binary, in hexadecimal
	list   []byte   // block access list

	requests []string
}

// legacyTx and typedTx are transactions as far as a body needs them: a list, and a type with a payload.
var (
	legacyTx = rlp.AppendBytes([]byte{0xc0 + 10}, []byte("legacy tx"))
	typedTx  = append([]byte{2}, "a typed transaction"...)
)

var forkNames = map[string]types.OptionalFields{
	"paris": types.LondonFields, "shanghai": types.ShanghaiFields, "cancun": types.CancunFields,
	"prague": types.PragueFields, "amsterdam": types.AmsterdamFields,
}

// blockOf returns a block of a fork.
func blockOf(fork string, number uint64) *block {
	b := &block{}
	h := &b.header
	*h = types.Header{
		ParentHash: types.Hash{byte(number - 1)}, UncleHash: types.EmptyUncleHash, Coinbase: types.Address{1}, Root: types.Hash{2},
		ReceiptRoot: types.Hash{3}, Bloom: types.Bloom{4}, Number: number, GasLimit: 30_000_000, GasUsed: 42_000, Time: 12 * number,
		Extra: []byte("extra"), MixDigest: types.Hash{5}, BaseFee: *uint256.NewInt(1_000_000_007), Optional: forkNames[fork],
	}
	b.body.Txs = append(append([]byte(nil), legacyTx...), rlp.AppendBytes(nil, typedTx)...)
	b.txs = []string{fmt.Sprintf("0x%x", legacyTx), fmt.Sprintf("0x%x", typedTx)}
	h.TxRoot = b.body.TxRoot()
	if h.Optional >= types.ShanghaiFields {
		w := types.Withdrawal{Index: 7, Validator: 8, Address: types.Address{9}, Amount: 10}
		b.body.HasWithdrawals, b.body.Withdrawals = true, w.Append(nil)
		h.WithdrawalsRoot = b.body.WithdrawalsRoot()
	}
	if h.Optional >= types.CancunFields {
		h.BlobGasUsed, h.ExcessBlobGas, h.ParentBeaconRoot = 131072, 0, types.Hash{6}
	}
	if h.Optional >= types.PragueFields {
		b.requests = []string{"0x00aabb", "0x01", "0x02cc"} // the second is empty and does not count
		outer := sha256.New()
		for _, r := range [][]byte{{0, 0xaa, 0xbb}, {2, 0xcc}} {
			inner := sha256.Sum256(r)
			outer.Write(inner[:])
		}
		outer.Sum(h.RequestsHash[:0])
	}
	if h.Optional >= types.AmsterdamFields {
		b.list = []byte{0xc1, 0x80}
		h.BlockAccessListHash, h.SlotNumber = keccak.Sum256(b.list), 77
	}
	return b
}

// object returns the payload, with members that are set instead of its own; null removes one.
func (b *block) object(set map[string]any) string {
	h := &b.header
	q := func(n uint64) string { return fmt.Sprintf("0x%x", n) }
	x := func(b []byte) string { return fmt.Sprintf("0x%x", b) }
	all := map[string]any{
		"parentHash": h.ParentHash.String(), "feeRecipient": x(h.Coinbase[:]), "stateRoot": h.Root.String(), "receiptsRoot": h.ReceiptRoot.String(),
		"logsBloom": x(h.Bloom[:]), "prevRandao": h.MixDigest.String(), "blockNumber": q(h.Number), "gasLimit": q(h.GasLimit), "gasUsed": q(h.GasUsed),
		"timestamp": q(h.Time), "extraData": x(h.Extra), "baseFeePerGas": h.BaseFee.Hex(), "blockHash": h.Hash().String(), "transactions": b.txs,
	}
	if h.Optional >= types.ShanghaiFields {
		all["withdrawals"] = []map[string]string{{"index": "0x7", "validatorIndex": "0x8", "address": x(append([]byte{9}, make([]byte, 19)...)), "amount": "0xa"}}
	}
	if h.Optional >= types.CancunFields {
		all["blobGasUsed"], all["excessBlobGas"] = q(h.BlobGasUsed), q(h.ExcessBlobGas)
	}
	if h.Optional >= types.AmsterdamFields {
		all["blockAccessList"], all["slotNumber"] = x(b.list), q(h.SlotNumber)
	}
	for name, value := range set {
		if all[name] = value; value == nil {
			delete(all, name)
		}
	}
	text, err := json.Marshal(all)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// params returns the parameters of newPayload.
func (b *block) params(set map[string]any) string {
	h := &b.header
	params := []string{b.object(set)}
	if h.Optional >= types.CancunFields {
		params = append(params, "[]", `"`+h.ParentBeaconRoot.String()+`"`)
	}
	if h.Optional >= types.PragueFields {
		params = append(params, `["`+strings.Join(b.requests, `","`)+`"]`)
	}
	return "[" + strings.Join(params, ",") + "]"
}

// checkBlock checks that a header and a body belong together.
func checkBlock(t *testing.T, header, body []byte) {
	t.Helper()
	h, err := types.DecodeHeader(header)
	if err != nil {
		t.Fatal(err)
	}
	b, err := types.DecodeBody(body)
	if err != nil {
		return // the chain refuses what is no transaction
	}
	if !b.Matches(&h) {
		t.Fatalf("the body does not match the header %v", h.Hash())
	}
}
