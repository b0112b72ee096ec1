// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// A payload is the block that an execution payload describes
// (https://github.com/ethereum/execution-apis/blob/main/src/engine/paris.md#executionpayloadv1 and the
// later forks' documents).
type payload struct {
	hash       types.Hash // what the consensus client calls the block
	header     types.Header
	raw        []byte // RLP of header
	body       []byte // RLP
	accessList []byte // RLP (EIP-7928); nil = none

	unknown string // a member or parameter of a later fork; "" = none
	broken  error  // why no block can have this content: an item is no transaction
}

// matches reports whether the block hash is that of the header.
func (p *payload) matches() bool { return types.Hash(keccak.Sum256(p.raw)) == p.hash }

// Bounds of a payload. A transaction takes 10 bytes or more, so a block of 8 MiB (EIP-7934) has fewer.
const (
	maxTxs         = 1 << 20
	maxWithdrawals = 1 << 16
	maxRequests    = 256 // one for each type (EIP-7685)
)

// members are the names of a payload's members that this build knows.
var members = []string{
	"parentHash", "feeRecipient", "stateRoot", "receiptsRoot", "logsBloom", "prevRandao", "blockNumber", "gasLimit", "gasUsed",
	"timestamp", "extraData", "baseFeePerGas", "blockHash", "transactions", "withdrawals", "blobGasUsed", "excessBlobGas",
	"blockAccessList", "slotNumber",
}

// A reader reads the members of an object, one after the other, until the first fault.
type reader struct {
	fields []field
	err    error
}

// get returns a member; nil = it is null or not there.
func (r *reader) get(name string) []byte {
	for _, f := range r.fields {
		if string(f.name) == name && !isNull(f.value) {
			return f.value
		}
	}
	return nil
}

// read gives a member that must be there to f.
func (r *reader) read(name string, f func(raw []byte) error) {
	raw := r.get(name)
	switch {
	case r.err != nil:
	case raw == nil:
		r.err = fmt.Errorf("%s is missing", name)
	default:
		if err := f(raw); err != nil {
			r.err = fmt.Errorf("%s: %w", name, err)
		}
	}
}

func (r *reader) fixed(name string, dst []byte) {
	r.read(name, func(raw []byte) error { return fixed(raw, dst) })
}

func (r *reader) quantity(name string, dst *uint64) {
	r.read(name, func(raw []byte) (err error) { *dst, err = quantity(raw); return err })
}

func (r *reader) data(name string, dst *[]byte) {
	r.read(name, func(raw []byte) (err error) { *dst, err = appendData(nil, raw); return err })
}

// readPayload reads the parameters of newPayload, of any version: the members that are there say which fork's header the
// block has. What it returns borrows nothing of the parameters.
func readPayload(params [][]byte) (*payload, error) {
	if len(params) == 0 {
		return nil, errors.New("the payload is missing")
	}
	all, err := fields(params[0])
	if err != nil {
		return nil, err
	}
	p, r := &payload{}, &reader{fields: all}
	h := &p.header
	h.UncleHash = types.EmptyUncleHash
	r.fixed("parentHash", h.ParentHash[:])
	r.fixed("feeRecipient", h.Coinbase[:])
	r.fixed("stateRoot", h.Root[:])
	r.fixed("receiptsRoot", h.ReceiptRoot[:])
	r.fixed("logsBloom", h.Bloom[:])
	r.fixed("prevRandao", h.MixDigest[:])
	r.quantity("blockNumber", &h.Number)
	r.quantity("gasLimit", &h.GasLimit)
	r.quantity("gasUsed", &h.GasUsed)
	r.quantity("timestamp", &h.Time)
	r.data("extraData", &h.Extra)
	r.read("baseFeePerGas", func(raw []byte) error { return readAmount(raw, &h.BaseFee) })
	r.fixed("blockHash", p.hash[:])
	var b types.Body
	r.read("transactions", func(raw []byte) error { return p.readTxs(raw, &b) })
	h.Optional = types.LondonFields
	p.readShanghai(r, &b)
	p.readCancun(r, params)
	p.readPrague(r, params)
	p.readAmsterdam(r)
	if r.err != nil {
		return nil, r.err
	}
	p.note(all, params)
	p.raw, p.body = h.Append(nil), b.Append(nil)
	return p, nil
}

// note remembers what this build does not know.
func (p *payload) note(all []field, params [][]byte) {
	if len(params) > 4 && !isNull(params[4]) {
		p.unknown = "a fifth parameter"
	}
	for _, f := range all {
		if !isNull(f.value) && !slices.Contains(members, string(f.name)) {
			p.unknown = fmt.Sprintf("%.40q", f.name)
		}
	}
}

// readAmount reads a QUANTITY of at most 256 bits.
func readAmount(raw []byte, to *uint256.Int) error {
	d, err := digits(raw)
	if err != nil {
		return err
	}
	if len(d) > 64 {
		return errors.New("has more than 256 bits")
	}
	return to.SetFromHex("0x" + string(d))
}

// readTxs reads the transactions, each in its binary form (EIP-2718), and computes their root.
func (p *payload) readTxs(raw []byte, b *types.Body) error {
	list, err := elements(raw, maxTxs)
	if err != nil {
		return err
	}
	b.Txs = make([]byte, 0, len(raw)/2)
	var tx []byte // reused
	for i, item := range list {
		if tx, err = appendData(tx[:0], item); err != nil {
			return fmt.Errorf("%d: %w", i, err)
		}
		if b.Txs, err = appendTx(b.Txs, tx); err != nil && p.broken == nil {
			p.broken = fmt.Errorf("transaction %d: %w", i, err)
		}
	}
	p.header.TxRoot = b.TxRoot()
	return nil
}

// appendTx appends a transaction as an item of a body: a legacy one is a list, a typed one a byte string.
func appendTx(dst, tx []byte) ([]byte, error) {
	switch {
	case len(tx) > 0 && tx[0] >= 0xc0:
		if kind, _, rest, err := rlp.Split(tx); err != nil || kind != rlp.List || len(rest) > 0 {
			return dst, errors.New("is no RLP list")
		}
		return append(dst, tx...), nil
	case len(tx) > 1 && tx[0] > 0 && tx[0] <= 0x7f:
		return rlp.AppendBytes(dst, tx), nil
	}
	return dst, errors.New("is neither a list nor a type with a payload")
}

// readShanghai reads the withdrawals (EIP-4895).
func (p *payload) readShanghai(r *reader, b *types.Body) {
	if r.err != nil || r.get("withdrawals") == nil {
		return
	}
	p.header.Optional, b.HasWithdrawals = types.ShanghaiFields, true
	r.read("withdrawals", func(raw []byte) error {
		list, err := elements(raw, maxWithdrawals)
		for i := 0; i < len(list) && err == nil; i++ {
			b.Withdrawals, err = appendWithdrawal(b.Withdrawals, list[i])
		}
		return err
	})
	p.header.WithdrawalsRoot = b.WithdrawalsRoot()
}

func appendWithdrawal(dst, raw []byte) ([]byte, error) {
	all, err := fields(raw)
	if err != nil {
		return dst, err
	}
	var w types.Withdrawal
	r := reader{fields: all}
	r.quantity("index", &w.Index)
	r.quantity("validatorIndex", &w.Validator)
	r.fixed("address", w.Address[:])
	r.quantity("amount", &w.Amount)
	return w.Append(dst), r.err
}

// readCancun reads the fields of blobs (EIP-4844) and the beacon root, which is the third parameter (EIP-4788).
func (p *payload) readCancun(r *reader, params [][]byte) {
	if r.err != nil || r.get("blobGasUsed") == nil && r.get("excessBlobGas") == nil {
		return
	}
	h := &p.header
	root := field{name: []byte("parentBeaconBlockRoot")}
	if len(params) > 2 {
		root.value = params[2]
	}
	r.quantity("blobGasUsed", &h.BlobGasUsed)
	r.quantity("excessBlobGas", &h.ExcessBlobGas)
	third := reader{fields: []field{root}, err: r.err}
	third.fixed("parentBeaconBlockRoot", h.ParentBeaconRoot[:])
	if r.err = third.err; r.err == nil && h.Optional < types.ShanghaiFields {
		r.err = errors.New("blobGasUsed is there without withdrawals")
	}
	h.Optional = types.CancunFields
}

// readPrague reads the execution requests, the fourth parameter, and computes their hash
// (https://eips.ethereum.org/EIPS/eip-7685#block-header).
func (p *payload) readPrague(r *reader, params [][]byte) {
	if r.err != nil || len(params) < 4 || isNull(params[3]) {
		return
	}
	list, err := elements(params[3], maxRequests)
	outer := sha256.New()
	var request []byte
	for i := 0; i < len(list) && err == nil; i++ {
		if request, err = appendData(request[:0], list[i]); len(request) > 1 {
			inner := sha256.Sum256(request)
			outer.Write(inner[:])
		}
	}
	if err != nil {
		r.err = fmt.Errorf("executionRequests: %w", err)
		return
	}
	if p.header.Optional < types.CancunFields {
		r.err = errors.New("executionRequests are there without blobGasUsed")
		return
	}
	outer.Sum(p.header.RequestsHash[:0])
	p.header.Optional = types.PragueFields
}

// readAmsterdam reads the block access list (EIP-7928) and the slot number (EIP-7843).
func (p *payload) readAmsterdam(r *reader) {
	if r.err != nil || r.get("blockAccessList") == nil && r.get("slotNumber") == nil {
		return
	}
	h := &p.header
	r.data("blockAccessList", &p.accessList)
	r.quantity("slotNumber", &h.SlotNumber)
	if r.err == nil && h.Optional < types.PragueFields {
		r.err = errors.New("blockAccessList is there without executionRequests")
	}
	h.BlockAccessListHash = keccak.Sum256(p.accessList)
	h.Optional = types.AmsterdamFields
}

// transactionsOf returns the transactions of a body in their binary form. They are borrowed.
func transactionsOf(b *types.Body) (all [][]byte) {
	for c := rlp.Read(b.Txs); c.More(); {
		item := c.Raw("tx")
		if kind, content, _, err := rlp.Split(item); err == nil && kind == rlp.Bytes {
			item = content
		}
		all = append(all, item)
	}
	return slices.Clip(all)
}
