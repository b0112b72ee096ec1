// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"errors"
	"testing"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

func TestCheckHeader(t *testing.T) {
	tests := []struct {
		name   string
		change func(*types.Header)
		want   error
	}{
		{"good", func(*types.Header) {}, nil},
		{"all gas used", func(h *types.Header) { h.GasUsed = h.GasLimit }, nil},
		{"too much gas used", func(h *types.Header) { h.GasUsed = h.GasLimit + 1 }, ErrGas},
		{"highest gas limit", func(h *types.Header) { h.GasLimit = 1<<63 - 1 }, nil},
		{"gas limit", func(h *types.Header) { h.GasLimit = 1 << 63 }, ErrGasLimit},
		{"longest extra data", func(h *types.Header) { h.Extra = make([]byte, 100<<10) }, nil},
		{"extra data", func(h *types.Header) { h.Extra = make([]byte, 100<<10+1) }, ErrExtra},
		{"highest difficulty", func(h *types.Header) { h.Difficulty.Sub(pow(80), uint256.NewInt(1)) }, nil},
		{"difficulty", func(h *types.Header) { h.Difficulty = *pow(80) }, ErrDifficulty},
	}
	for _, test := range tests {
		h := types.Header{Number: 7, GasLimit: 5000, Difficulty: *uint256.NewInt(2)}
		test.change(&h)
		if err := CheckHeader(&h); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
}

func pow(bits uint) *uint256.Int { return new(uint256.Int).Lsh(uint256.NewInt(1), bits) }

func TestCheckLink(t *testing.T) {
	parent := Link{Hash: types.Hash{1}, Number: 9, Time: 100}
	tests := []struct {
		name   string
		change func(*Link)
		want   error
	}{
		{"good", func(*Link) {}, nil},
		{"other parent", func(l *Link) { l.Parent = types.Hash{2} }, ErrParent},
		{"same number", func(l *Link) { l.Number = 9 }, ErrNumber},
		{"number left out", func(l *Link) { l.Number = 11 }, ErrNumber},
		{"earlier", func(l *Link) { l.Time = 99 }, ErrTime},
		{"same second, with difficulty", func(l *Link) { l.Time = 100 }, nil},
		{"same second, after the merge", func(l *Link) { l.Time, l.Difficulty = 100, uint256.Int{} }, ErrTime},
	}
	for _, test := range tests {
		child := Link{Parent: types.Hash{1}, Number: 10, Time: 101, Difficulty: *uint256.NewInt(2)}
		test.change(&child)
		if err := CheckLink(&parent, &child); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
	last := Link{Hash: types.Hash{1}, Number: 1<<64 - 1}
	if err := CheckLink(&last, &Link{Parent: types.Hash{1}}); !errors.Is(err, ErrNumber) {
		t.Errorf("after the last number: %v", err)
	}
}

// The genesis blocks of the networks have empty bodies, with withdrawals and without.
func TestLinkOfGenesis(t *testing.T) {
	for _, name := range params.Names() {
		c, _ := params.ByName(name)
		h, err := types.DecodeHeader(c.Genesis)
		if err != nil {
			t.Fatal(err)
		}
		l := LinkOf(&h)
		body := types.Body{HasWithdrawals: l.Roots.HasWithdrawals}
		if l.Hash != c.GenesisHash || l.Number != 0 || l.Time != c.GenesisTime || l.Difficulty != c.GenesisDifficulty {
			t.Errorf("%s: %+v", name, l)
		}
		if !l.Roots.Empty() || l.Roots != RootsOf(&body) {
			t.Errorf("%s: roots %+v", name, l.Roots)
		}
		body.Txs = []byte{0xc0}
		if RootsOf(&body).Empty() {
			t.Errorf("%s: a body with a transaction is called empty", name)
		}
	}
}
