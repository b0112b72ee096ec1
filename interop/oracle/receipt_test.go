// SPDX-License-Identifier: Apache-2.0

package oracle

import (
	"bytes"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	gethtypes "github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/eth/protocols/eth"
	gethrlp "github.com/ethereum/go-ethereum/rlp"
	"github.com/ethereum/go-ethereum/trie"

	"github.com/ethpeer/ethpeer/types"
)

// TestRealReceipts: the receipts of 16,384 Sepolia blocks, in both shapes, have the root
// that the header states.
func TestRealReceipts(t *testing.T) {
	count := 0
	for _, e := range eras(t) {
		for i := range e.receipts {
			h, err := types.DecodeHeader(e.headers[i].bytes(t))
			if err != nil {
				t.Fatal(err)
			}
			raw := e.receipts[i].bytes(t)
			var theirs []*gethtypes.Receipt
			if err := gethrlp.DecodeBytes(raw, &theirs); err != nil {
				t.Fatal(err)
			}
			count += len(theirs)
			flat, err := gethrlp.EncodeToBytes(eth.NewReceiptList(theirs))
			if err != nil {
				t.Fatal(err)
			}
			sameRoot(t, raw, types.DecodeReceipt, h.ReceiptRoot)
			sameRoot(t, flat, types.DecodeFlatReceipt, h.ReceiptRoot)
			for _, r := range theirs {
				compareReceipt(t, r)
			}
		}
	}
	t.Logf("%d receipts", count)
	for _, r := range madeReceipts() {
		compareReceipt(t, r)
	}
}

// madeReceipts are of kinds that those blocks do not have.
func madeReceipts() []*gethtypes.Receipt {
	log := func(topics int, data []byte) *gethtypes.Log {
		l := &gethtypes.Log{Address: common.Address{byte(topics)}, Data: data, Topics: []common.Hash{}}
		for i := range topics {
			l.Topics = append(l.Topics, common.Hash{byte(i)})
		}
		return l
	}
	logs := []*gethtypes.Log{log(0, nil), log(4, make([]byte, 100)), log(1, []byte{0x7f})}
	var rs []*gethtypes.Receipt
	for kind := range uint8(5) {
		rs = append(rs, &gethtypes.Receipt{Type: kind, Status: 1, CumulativeGasUsed: 1 << 33, Logs: logs}, &gethtypes.Receipt{Type: kind, Logs: []*gethtypes.Log{}})
	}
	rs = append(rs, &gethtypes.Receipt{PostState: common.Hash{1}.Bytes(), Logs: logs})
	for _, r := range rs {
		r.Bloom = gethtypes.CreateBloom(r)
	}
	return rs
}

func sameRoot(t *testing.T, list []byte, decode func([]byte) (types.Receipt, error), want types.Hash) {
	t.Helper()
	content, _, err := gethrlp.SplitList(list)
	if err != nil {
		t.Fatal(err)
	}
	if root, err := types.ReceiptRoot(content, decode); err != nil || root != want {
		t.Fatalf("root of receipts is %s (%v), want %s: %x", root, err, want, list)
	}
}

// compareReceipt reads and writes a receipt in all its forms.
func compareReceipt(t *testing.T, r *gethtypes.Receipt) {
	t.Helper()
	item, err := gethrlp.EncodeToBytes(r)
	if err != nil {
		t.Fatal(err)
	}
	binary, err := r.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	list, err := gethrlp.EncodeToBytes(eth.NewReceiptList([]*gethtypes.Receipt{r}))
	if err != nil {
		t.Fatal(err)
	}
	flat, _, err := gethrlp.SplitList(list)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		form   string
		decode func() (types.Receipt, error)
	}{
		{"item", func() (types.Receipt, error) { return types.DecodeReceipt(item) }},
		{"flat", func() (types.Receipt, error) { return types.DecodeFlatReceipt(flat) }},
	} {
		ours, err := c.decode()
		if err != nil {
			t.Fatalf("%s %x: %v", c.form, item, err)
		}
		if !bytes.Equal(ours.AppendItem(nil), item) || !bytes.Equal(ours.AppendBinary(nil), binary) || !bytes.Equal(ours.AppendFlat(nil), flat) {
			t.Errorf("from %s: we write %x, %x, %x; geth %x, %x, %x", c.form, ours.AppendItem(nil), ours.AppendBinary(nil), ours.AppendFlat(nil), item, binary, flat)
		}
		if ours.Bloom != types.Bloom(r.Bloom) || ours.CumulativeGas != r.CumulativeGasUsed || ours.Type != r.Type {
			t.Errorf("from %s: we have %+v of %x", c.form, ours, item)
		}
	}
}

// FuzzReceipt: both accept the same receipts of known types in the shape of eth/68, and
// write the same consensus bytes.
func FuzzReceipt(f *testing.F) {
	for _, r := range madeReceipts() {
		item, _ := gethrlp.EncodeToBytes(r)
		f.Add(item)
	}
	f.Fuzz(func(t *testing.T, item []byte) {
		ours, err := types.DecodeReceipt(item)
		var theirs gethtypes.Receipt
		gethErr := gethrlp.DecodeBytes(item, &theirs)
		switch {
		case gethErr != nil && err == nil && ours.Type <= gethtypes.SetCodeTxType:
			t.Errorf("only we accept %x: geth says %v", item, gethErr)
		case gethErr == nil && err != nil:
			t.Errorf("only geth accepts %x: %v", item, err)
		case gethErr == nil:
			if want, _ := theirs.MarshalBinary(); !bytes.Equal(ours.AppendBinary(nil), want) {
				t.Errorf("we write %x, geth %x", ours.AppendBinary(nil), want)
			}
		}
	})
}

// FuzzFlatReceipts: lists in the shape of eth/69 that we accept have the same root. (geth
// checks less of a log: it relies on the root.)
func FuzzFlatReceipts(f *testing.F) {
	list, _ := gethrlp.EncodeToBytes(eth.NewReceiptList(madeReceipts()))
	f.Add(list)
	for _, r := range madeReceipts() {
		list, _ := gethrlp.EncodeToBytes(eth.NewReceiptList([]*gethtypes.Receipt{r}))
		f.Add(list)
	}
	f.Fuzz(func(t *testing.T, list []byte) {
		content, rest, err := gethrlp.SplitList(list)
		if err != nil || len(rest) > 0 {
			return
		}
		root, err := types.ReceiptRoot(content, types.DecodeFlatReceipt)
		if err != nil {
			return
		}
		var theirs eth.ReceiptList
		if err := gethrlp.DecodeBytes(list, &theirs); err != nil {
			t.Fatalf("only we accept %x: geth says %v", list, err)
		}
		if want := gethtypes.DeriveSha(theirs.Derivable(), trie.NewStackTrie(nil)); root != types.Hash(want) {
			t.Errorf("root is %s, geth says %s: %x", root, want, list)
		}
	})
}
