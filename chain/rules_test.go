// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"errors"
	"testing"
	"time"

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
		{"low gas limit", func(h *types.Header) { h.GasLimit = 4999 }, ErrGasLimit},
		{"low gas limit of the first block", func(h *types.Header) { h.GasLimit, h.Number = 0, 1 }, ErrGasLimit},
		{"low gas limit of a genesis block", func(h *types.Header) { h.GasLimit, h.Number = 0, 0 }, nil},
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

func TestCheckTime(t *testing.T) {
	now := time.Unix(1000, 999_999_999)
	for at, want := range map[uint64]error{0: nil, 1000: nil, 1015: nil, 1016: ErrFuture, 1<<64 - 1: ErrFuture} {
		if err := CheckTime(now, &Link{Time: at}); !errors.Is(err, want) {
			t.Errorf("at %d: %v, want %v", at, err, want)
		}
	}
	if err := CheckTime(time.Unix(-15, 0), &Link{}); err != nil {
		t.Error(err)
	}
	if err := CheckTime(time.Unix(-100, 0), &Link{}); !errors.Is(err, ErrFuture) {
		t.Errorf("with a clock before 1970: %v", err)
	}
}

func pow(bits uint) *uint256.Int { return new(uint256.Int).Lsh(uint256.NewInt(1), bits) }

func TestCheckLink(t *testing.T) {
	parent := Link{Hash: types.Hash{1}, Number: 9, Time: 100, GasLimit: 30_000_000}
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
		{"first London block", func(l *Link) { l.GasLimit = 2 * 30_029_000 }, nil},
		{"gas limit too high", func(l *Link) { l.GasLimit = 64_000_000 }, ErrGasJump},
		{"gas limit too low", func(l *Link) { l.GasLimit = 14_000_000 }, ErrGasJump},
		{"gas limit not known", func(l *Link) { l.GasLimit = 0 }, nil},
	}
	for _, test := range tests {
		child := Link{Parent: types.Hash{1}, Number: 10, Time: 101, Difficulty: *uint256.NewInt(2), GasLimit: 30_000_000}
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

func TestCheckPace(t *testing.T) {
	earlier := Link{Number: 100, Time: 1000}
	for at, want := range map[[2]uint64]error{
		{101, 1001}: nil, {101, 1000}: ErrPace, {102, 1001}: ErrPace, {150, 1050}: nil, {150, 1049}: ErrPace, {101, 999}: ErrPace,
		{100, 1000}: nil, {100, 0}: nil, {5, 10}: nil, {1<<64 - 1, 2000}: ErrPace, {1<<64 - 1, 1<<64 - 1}: ErrPace,
	} {
		if err := CheckPace(&earlier, &Link{Number: at[0], Time: at[1]}); !errors.Is(err, want) {
			t.Errorf("block %d at %d: %v, want %v", at[0], at[1], err, want)
		}
	}
}

// A transaction uses 21,000 gas or more. Before London a refund could leave half of that; Amsterdam
// lowers it.
func TestMaxTxs(t *testing.T) {
	for _, test := range []struct {
		fields types.OptionalFields
		used   uint64
		want   uint64
	}{
		{types.NoOptionalFields, 21_000, 2},
		{types.NoOptionalFields, 10_499, 0},
		{types.LondonFields, 20_999, 0},
		{types.LondonFields, 21_000, 1},
		{types.PragueFields, 60_000_000, 2857},
		{types.AmsterdamFields, 9_000, 2},
		{types.AmsterdamFields, 8_999, 1},
	} {
		h := types.Header{Number: 1, GasUsed: test.used, Optional: test.fields}
		l := LinkOf(&h)
		if l.MaxTxs != test.want {
			t.Errorf("%d fields, %d gas used: %d transactions, want %d", test.fields, test.used, l.MaxTxs, test.want)
		}
		if n := int(test.want); CheckTxs(n, &l) != nil || !errors.Is(CheckTxs(n+1, &l), ErrTxs) {
			t.Errorf("%d fields, %d gas used: %v, %v", test.fields, test.used, CheckTxs(n, &l), CheckTxs(n+1, &l))
		}
	}
}

func TestGasLimitFits(t *testing.T) {
	for _, test := range []struct {
		a, b uint64
		want bool
	}{
		{0, 0, true},
		{0, 1 << 62, true},
		{100, 100, true},
		{5000, 10_600, true},
		{16, 35, true},
		{16, 36, false},
		{5000, 10_700, false},
		{60_000_000, 31_000_000, true},
		{60_000_000, 28_000_000, false},
		{5000, 1<<63 - 1, false},
		{1<<64 - 1, 1<<64 - 1, true},
	} {
		if GasLimitFits(test.a, test.b) != test.want || GasLimitFits(test.b, test.a) != test.want {
			t.Errorf("%d and %d: want %v", test.a, test.b, test.want)
		}
	}
}

// A body's roots differ whenever one of its lists does, and whether it has withdrawals counts.
func TestRoots(t *testing.T) {
	header := types.Header{UncleHash: types.EmptyUncleHash, TxRoot: types.EmptyRoot}
	bodies := []types.Body{
		{},
		{Txs: []byte{0xc0}},
		{Uncles: header.Append(nil)},
		{HasWithdrawals: true},
		{HasWithdrawals: true, Withdrawals: []byte{0xc4, 0x01, 0x01, 0x01, 0x01}},
	}
	seen := map[Roots]int{}
	for i := range bodies {
		r := RootsOf(&bodies[i])
		if j, ok := seen[r]; ok {
			t.Errorf("bodies %d and %d have the same roots", j, i)
		}
		seen[r] = i
		if empty := i == 0 || i == 3; r.Empty() != empty {
			t.Errorf("body %d is empty: %v", i, !empty)
		}
	}
	for fields, want := range map[types.OptionalFields]bool{types.LondonFields: false, types.ShanghaiFields: true, types.CancunFields: true} {
		if l := LinkOf(&types.Header{Optional: fields}); l.Roots.HasWithdrawals != want {
			t.Errorf("%d fields: has withdrawals is %v", fields, !want)
		}
	}
	raw := header.Append(nil)
	h, err := types.DecodeHeader(raw)
	if err != nil {
		t.Fatal(err)
	}
	l := LinkOf(&h)
	if l.Size != len(raw) || l.Ref() != (Ref{Number: 0, Hash: h.Hash()}) {
		t.Errorf("size %d of %d, %+v", l.Size, len(raw), l.Ref())
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
