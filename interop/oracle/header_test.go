// SPDX-License-Identifier: Apache-2.0

package oracle

import (
	"bytes"
	"testing"

	gethtypes "github.com/ethereum/go-ethereum/core/types"
	gethrlp "github.com/ethereum/go-ethereum/rlp"

	"github.com/ethpeer/ethpeer/types"
)

// TestRealHeaders: 16,384 headers of Sepolia, two of mainnet.
func TestRealHeaders(t *testing.T) {
	var raws [][]byte
	for _, e := range eras(t) {
		for _, h := range e.headers {
			raws = append(raws, h.bytes(t))
		}
	}
	for _, b := range mainnet(t) {
		raw, err := gethrlp.EncodeToBytes(b.Header())
		if err != nil {
			t.Fatal(err)
		}
		raws = append(raws, raw)
	}
	for _, raw := range raws {
		if !sameHeader(t, raw) {
			t.Fatalf("geth refuses a real header: %x", raw)
		}
	}
	t.Logf("%d headers", len(raws))
}

// FuzzHeader: what geth accepts, we decode to the same fields and hash, unless a number is
// larger than any chain's.
func FuzzHeader(f *testing.F) {
	for _, e := range eras(f) {
		f.Add(e.headers[0].bytes(f))
		f.Add(e.headers[8191].bytes(f))
	}
	for _, b := range mainnet(f) {
		raw, _ := gethrlp.EncodeToBytes(b.Header())
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) { sameHeader(t, raw) })
}

// sameHeader compares what both make of raw, and reports whether geth accepts it.
func sameHeader(t *testing.T, raw []byte) bool {
	t.Helper()
	ours, err := types.DecodeHeader(raw)
	var theirs gethtypes.Header
	gethErr := gethrlp.DecodeBytes(raw, &theirs)
	switch {
	case gethErr != nil && err == nil && len(ours.Rest) == 0:
		t.Errorf("only we accept %x: geth says %v", raw, gethErr)
	case gethErr != nil:
		return false // fields of later forks are kept by us, refused by geth
	case theirs.Number.BitLen() > 64 || theirs.Difficulty.BitLen() > 256 || theirs.BaseFee != nil && theirs.BaseFee.BitLen() > 256:
		if err == nil {
			t.Errorf("we accept a number beyond its limit: %x", raw)
		}
	case err != nil:
		t.Errorf("only geth accepts %x: %v", raw, err)
	default:
		compareHeader(t, &ours, &theirs)
		if !bytes.Equal(ours.Append(nil), raw) {
			t.Errorf("we write %x, had %x", ours.Append(nil), raw)
		}
	}
	return true
}

func compareHeader(t *testing.T, ours *types.Header, theirs *gethtypes.Header) {
	t.Helper()
	for _, c := range []struct {
		field string
		same  bool
	}{
		{"hash", ours.Hash() == types.Hash(theirs.Hash())},
		{"parent", ours.ParentHash == types.Hash(theirs.ParentHash)},
		{"uncles", ours.UncleHash == types.Hash(theirs.UncleHash)},
		{"coinbase", ours.Coinbase == types.Address(theirs.Coinbase)},
		{"root", ours.Root == types.Hash(theirs.Root)},
		{"transactions", ours.TxRoot == types.Hash(theirs.TxHash)},
		{"receipts", ours.ReceiptRoot == types.Hash(theirs.ReceiptHash)},
		{"bloom", ours.Bloom == types.Bloom(theirs.Bloom)},
		{"difficulty", ours.Difficulty.ToBig().Cmp(theirs.Difficulty) == 0},
		{"number", ours.Number == theirs.Number.Uint64()},
		{"gas limit", ours.GasLimit == theirs.GasLimit},
		{"gas used", ours.GasUsed == theirs.GasUsed},
		{"time", ours.Time == theirs.Time},
		{"extra", bytes.Equal(ours.Extra, theirs.Extra)},
		{"mix digest", ours.MixDigest == types.Hash(theirs.MixDigest)},
		{"nonce", ours.Nonce == theirs.Nonce},
		{"base fee", theirs.BaseFee == nil && ours.Optional < types.LondonFields || theirs.BaseFee != nil && ours.BaseFee.ToBig().Cmp(theirs.BaseFee) == 0},
		{"withdrawals", samePointer(&ours.WithdrawalsRoot, (*types.Hash)(theirs.WithdrawalsHash), ours.Optional >= types.ShanghaiFields)},
		{"blob gas", samePointer(&ours.BlobGasUsed, theirs.BlobGasUsed, ours.Optional >= 3)},
		{"excess blob gas", samePointer(&ours.ExcessBlobGas, theirs.ExcessBlobGas, ours.Optional >= 4)},
		{"beacon root", samePointer(&ours.ParentBeaconRoot, (*types.Hash)(theirs.ParentBeaconRoot), ours.Optional >= types.CancunFields)},
		{"requests", samePointer(&ours.RequestsHash, (*types.Hash)(theirs.RequestsHash), ours.Optional >= types.PragueFields)},
		{"access list", samePointer(&ours.BlockAccessListHash, (*types.Hash)(theirs.BlockAccessListHash), ours.Optional >= 7)},
		{"slot", samePointer(&ours.SlotNumber, theirs.SlotNumber, ours.Optional >= types.AmsterdamFields)},
	} {
		if !c.same {
			t.Errorf("%s differs: we have %+v, geth %+v", c.field, ours, theirs)
		}
	}
}

// samePointer compares an optional field, which is there or not, with geth's, which is nil
// where it is not there.
func samePointer[T comparable](ours, theirs *T, there bool) bool {
	return there == (theirs != nil) && (!there || *ours == *theirs)
}
