// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"testing"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// rootless makes a header that names the body.
func rootless(h *types.Header, b *types.Body) {
	h.TxRoot, h.UncleHash = b.TxRoot(), b.UncleHash()
	if b.HasWithdrawals {
		h.WithdrawalsRoot = b.WithdrawalsRoot()
	}
}

func signed(t *testing.T, tx types.Tx) []byte {
	t.Helper()
	key, err := ecc.ParsePrivateKey([]byte{31: 1})
	if err != nil {
		t.Fatal(err)
	}
	tx.ChainID.SetUint64(1)
	raw, err := types.Sign(tx, key)
	if err != nil {
		t.Fatal(err)
	}
	return raw.AppendItem(nil)
}

// hashList is the content of a list of versioned hashes.
func hashList(n int) (list []byte) {
	for i := range n {
		list = rlp.AppendBytes(list, []byte{0: 1, 1: byte(i), 31: 0})
	}
	return list
}

func TestCheckBody(t *testing.T) {
	blob := signed(t, types.Tx{Type: types.BlobTx, Gas: 21_000, BlobHashes: hashList(2)})
	plain := signed(t, types.Tx{Type: types.DynamicFeeTx, Gas: 21_000})
	large := signed(t, types.Tx{Type: types.DynamicFeeTx, Gas: 21_000, Data: make([]byte, MaxBlock)})
	withdrawal := (&types.Withdrawal{Amount: 1}).Append(nil)
	for _, tt := range []struct {
		name   string
		times  []string
		body   types.Body
		gas    uint64
		blobs  uint64 // as the header has it
		change func(*types.Header)
		rule   Rule
	}{
		{"empty", nil, types.Body{}, 0, 0, nil, ""},
		{"two transactions", nil, types.Body{Txs: append(plain[:len(plain):len(plain)], plain...)}, 42_000, 0, nil, ""},
		{"with gas for one", nil, types.Body{Txs: append(plain[:len(plain):len(plain)], plain...)}, 41_999, 0, nil, GasUsed},
		{"with the gas of Amsterdam", []string{"shanghaiTime", "cancunTime", "pragueTime", "osakaTime", "amsterdamTime"}, types.Body{Txs: plain, HasWithdrawals: true}, 4_500, 0, nil, ""},
		{"with less", []string{"shanghaiTime", "cancunTime", "pragueTime", "osakaTime", "amsterdamTime"}, types.Body{Txs: plain, HasWithdrawals: true}, 4_499, 0, nil, GasUsed},
		{"another's transactions", nil, types.Body{Txs: plain}, 21_000, 0, func(h *types.Header) { h.TxRoot[0]++ }, Body},
		{"another's uncles", nil, types.Body{}, 0, 0, func(h *types.Header) { h.UncleHash[0]++ }, Body},
		{"withdrawals", []string{"shanghaiTime"}, types.Body{Withdrawals: withdrawal, HasWithdrawals: true}, 0, 0, nil, ""},
		{"another's withdrawals", []string{"shanghaiTime"}, types.Body{Withdrawals: withdrawal, HasWithdrawals: true}, 0, 0, func(h *types.Header) { h.WithdrawalsRoot[0]++ }, Body},
		{"no withdrawals", []string{"shanghaiTime"}, types.Body{}, 0, 0, nil, Withdrawals},
		{"withdrawals too early", nil, types.Body{HasWithdrawals: true}, 0, 0, nil, Withdrawals},
		{"two blobs", []string{"shanghaiTime", "cancunTime"}, types.Body{Txs: blob, HasWithdrawals: true}, 21_000, 2, nil, ""},
		{"two blobs that count as one", []string{"shanghaiTime", "cancunTime"}, types.Body{Txs: blob, HasWithdrawals: true}, 21_000, 1, nil, BlobGas},
		{"blobs of nothing", []string{"shanghaiTime", "cancunTime"}, types.Body{Txs: plain, HasWithdrawals: true}, 21_000, 1, nil, BlobGas},
		{"blobs too early", []string{"shanghaiTime"}, types.Body{Txs: blob, HasWithdrawals: true}, 21_000, 0, nil, Body},
		{"a damaged blob transaction", []string{"shanghaiTime", "cancunTime"}, types.Body{Txs: []byte{0x82, types.BlobTx, 0xc0}, HasWithdrawals: true}, 21_000, 0, nil, Body},
		{"an empty item", []string{"shanghaiTime", "cancunTime"}, types.Body{Txs: []byte{0x80}, HasWithdrawals: true}, 21_000, 0, func(h *types.Header) { h.TxRoot[0]++ }, Body},
		{"large before Osaka", []string{"shanghaiTime"}, types.Body{Txs: large, HasWithdrawals: true}, 21_000, 0, nil, ""},
		{"too large", []string{"shanghaiTime", "cancunTime", "pragueTime", "osakaTime"}, types.Body{Txs: large, HasWithdrawals: true}, 21_000, 0, nil, Size},
	} {
		c := chainWith(merged, tt.times...)
		_, h := staked(types.LondonFields)
		switch len(tt.times) {
		case 1:
			h.Optional = types.ShanghaiFields
		case 2:
			h.Optional = types.CancunFields
		case 4:
			h.Optional = types.PragueFields
		case 5:
			h.Optional = types.AmsterdamFields
		}
		h.GasUsed, h.BlobGasUsed = tt.gas, tt.blobs*gasPerBlob
		rootless(&h, &tt.body)
		if tt.change != nil {
			tt.change(&h)
		}
		err := CheckBody(c, &h, &tt.body)
		if tt.rule == "" && err != nil {
			t.Error(tt.name, err)
		} else if tt.rule != "" {
			refused(t, tt.name, err, tt.rule)
		}
	}
}

// TestRefunds: half of a transaction's gas was given back at most, before London.
func TestRefunds(t *testing.T) {
	c := &params.Chain{}
	b := types.Body{Txs: signed(t, types.Tx{Gas: 42_000})}
	h := types.Header{GasUsed: 10_500}
	rootless(&h, &b)
	if err := CheckBody(c, &h, &b); err != nil {
		t.Error(err)
	}
	h.GasUsed--
	refused(t, "less than half", CheckBody(c, &h, &b), GasUsed)
}

// TestBlockSize: the size is that of the block as one RLP list, to the byte.
func TestBlockSize(t *testing.T) {
	for _, size := range []int{0, 1, 55, 56, 300, 70_000} {
		_, h := staked(types.ShanghaiFields)
		b := types.Body{Txs: make([]byte, size), Uncles: make([]byte, size/2), HasWithdrawals: true}
		if want := len(types.AppendBlock(nil, &h, &b)); blockSize(&h, &b) != want {
			t.Errorf("%d bytes, want %d", blockSize(&h, &b), want)
		}
	}
}

// A family is a chain of mined blocks, the youngest first, and a child of the oldest of them.
func family(t *testing.T, c *params.Chain) (h types.Header, ancestors []Ancestor) {
	t.Helper()
	last := types.Header{Time: 1000, GasLimit: 1e7, UncleHash: types.EmptyUncleHash, Difficulty: *uint256.NewInt(1 << 30)}
	for range UncleAncestors + 2 {
		a := last
		ancestors = append([]Ancestor{{Header: &a}}, ancestors...)
		last = childOf(c, &last, 0)
	}
	return last, ancestors
}

// childOf returns a mined child; one with another tag is another block.
func childOf(c *params.Chain, parent *types.Header, tag byte) types.Header {
	h := *parent
	h.Number, h.Time, h.ParentHash, h.Extra = parent.Number+1, parent.Time+15, parent.Hash(), []byte{tag}
	r := c.Rules(h.Number, h.Time)
	h.Difficulty = NextDifficulty(c, &r, parent, h.Time)
	return h
}

func TestCheckUncles(t *testing.T) {
	c := &params.Chain{Ethash: &params.Ethash{}}
	h, ancestors := family(t, c)
	list := func(all ...types.Header) (l []byte) {
		for i := range all {
			l = all[i].Append(l)
		}
		return l
	}
	nephew := func(generation int, tag byte) types.Header { return childOf(c, ancestors[generation].Header, tag) }
	wrong := nephew(1, 1)
	wrong.Difficulty.AddUint64(&wrong.Difficulty, 1)
	told := nephew(2, 7)
	ancestors[1].Uncles = []types.Hash{told.Hash()}
	for _, tt := range []struct {
		name string
		list []byte
		ok   bool
	}{
		{"none", nil, true},
		{"a child of the grandparent", list(nephew(1, 1)), true},
		{"two", list(nephew(1, 1), nephew(UncleAncestors-1, 1)), true},
		{"three", list(nephew(1, 1), nephew(1, 2), nephew(1, 3)), false},
		{"a child of the parent", list(nephew(0, 1)), false},
		{"too old", list(nephew(UncleAncestors, 1)), false},
		{"twice", list(nephew(1, 1), nephew(1, 1)), false},
		{"told by an ancestor", list(told), false},
		{"an ancestor", list(*ancestors[1].Header), false},
		{"the block itself", list(h), false},
		{"of a stranger", list(childOf(c, &h, 1)), false},
		{"with a wrong difficulty", list(wrong), false},
		{"no header", []byte{0xc1, 0x80}, false},
		{"no RLP", []byte{0xc1}, false},
	} {
		uncles, err := CheckUncles(c, &h, tt.list, ancestors)
		if tt.ok && (err != nil || len(list(uncles...)) != len(tt.list)) {
			t.Errorf("%s: %v", tt.name, err)
		} else if !tt.ok {
			refused(t, tt.name, err, Uncles)
		}
	}
}
