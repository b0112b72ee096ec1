// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"errors"
	"math"
	"testing"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// chainWith returns a chain whose forks are all at the genesis block, up to the one by time that
// is named last.
func chainWith(terminal *uint256.Int, times ...string) *params.Chain {
	c := &params.Chain{Terminal: terminal, BlobSchedule: []params.Blobs{
		{Fork: "cancunTime", Target: 3, Max: 6, UpdateFraction: 3_338_477},
		{Fork: "pragueTime", Target: 6, Max: 9, UpdateFraction: 5_007_716},
	}}
	for _, name := range []string{
		"homesteadBlock", "eip150Block", "eip155Block", "eip158Block", "byzantiumBlock",
		"constantinopleBlock", "petersburgBlock", "istanbulBlock", "berlinBlock", "londonBlock",
	} {
		c.Forks.Blocks = append(c.Forks.Blocks, params.Fork{Name: name})
	}
	for _, name := range times {
		c.Forks.Times = append(c.Forks.Times, params.Fork{Name: name})
	}
	return c
}

var merged = new(uint256.Int)

// staked returns a parent and a child that a consensus layer made, with so many optional fields.
func staked(fields types.OptionalFields) (parent, child types.Header) {
	parent = types.Header{
		Number: 100, Time: 1000, GasLimit: 30_000_000, GasUsed: 15_000_000, UncleHash: types.EmptyUncleHash,
		Optional: fields, BaseFee: *uint256.NewInt(1e9),
	}
	child = parent
	child.Number, child.Time = 101, 1012
	child.ParentHash = parent.Hash()
	return parent, child
}

func refused(t *testing.T, name string, err error, rule Rule) {
	t.Helper()
	broken, ok := errors.AsType[*Error](err)
	if !ok || broken.Rule != rule {
		t.Errorf("%s: %v; want the rule %q", name, err, rule)
	}
}

// TestStaked: headers of each fork after the merge, and each rule broken alone.
func TestStaked(t *testing.T) {
	forks := []string{"shanghaiTime", "cancunTime", "pragueTime", "osakaTime", "amsterdamTime"}
	fields := []types.OptionalFields{
		types.LondonFields, types.ShanghaiFields, types.CancunFields, types.PragueFields, types.PragueFields, types.AmsterdamFields,
	}
	for n, want := range fields {
		c := chainWith(merged, forks[:n]...)
		for have := range types.AmsterdamFields + 1 {
			parent, h := staked(have)
			switch err := Check(c, &parent, &h); {
			case have == want && err != nil:
				t.Error(forks[:n], err)
			case have != want && have == 0: // an absent fee is 0, which is wrong as well
				if err == nil {
					t.Error(forks[:n], "no fields were accepted")
				}
			case have != want:
				refused(t, forks[max(n-1, 0)], err, Fields)
			}
		}
	}
	c := chainWith(merged, forks[:3]...)
	for _, tt := range []struct {
		name   string
		change func(parent, h *types.Header)
		rule   Rule
	}{
		{"a gap", func(_, h *types.Header) { h.Number++ }, Number},
		{"the same number", func(_, h *types.Header) { h.Number-- }, Number},
		{"the last number", func(p, h *types.Header) { p.Number, h.Number = math.MaxUint64, 0 }, Number},
		{"another parent", func(_, h *types.Header) { h.ParentHash[0]++ }, Parent},
		{"the parent's time", func(p, h *types.Header) { h.Time = p.Time }, Time},
		{"33 bytes", func(_, h *types.Header) { h.Extra = make([]byte, 33) }, ExtraData},
		{"a nonce", func(_, h *types.Header) { h.Nonce[7] = 1 }, Nonce},
		{"uncles", func(_, h *types.Header) { h.UncleHash[0]++ }, Uncles},
		{"a difficulty", func(_, h *types.Header) { h.Difficulty.SetOne() }, Engine},
		{"too much gas", func(_, h *types.Header) { h.GasUsed = h.GasLimit + 1 }, GasUsed},
		{"a huge limit", func(_, h *types.Header) { h.GasLimit = 1 << 63 }, GasLimit},
		{"a limit that jumps up", func(p, h *types.Header) { h.GasLimit = p.GasLimit + p.GasLimit/1024 }, GasLimit},
		{"a limit that jumps down", func(p, h *types.Header) { h.GasLimit = p.GasLimit - p.GasLimit/1024 }, GasLimit},
		{"a tiny limit", func(p, h *types.Header) { p.GasLimit, p.GasUsed, h.GasLimit, h.GasUsed = 5000, 2500, 4999, 0 }, GasLimit},
		{"another fee", func(_, h *types.Header) { h.BaseFee.AddUint64(&h.BaseFee, 1) }, BaseFee},
		{"half a blob", func(_, h *types.Header) { h.BlobGasUsed = gasPerBlob / 2 }, BlobGas},
		{"ten blobs", func(_, h *types.Header) { h.BlobGasUsed = 10 * gasPerBlob }, BlobGas},
		{"an excess of nothing", func(_, h *types.Header) { h.ExcessBlobGas = 1 }, BlobGas},
	} {
		parent, h := staked(types.PragueFields)
		tt.change(&parent, &h)
		refused(t, tt.name, Check(c, &parent, &h), tt.rule)
	}
	for _, tt := range []struct {
		name   string
		change func(parent, h *types.Header)
	}{
		{"32 bytes", func(_, h *types.Header) { h.Extra = make([]byte, 32) }},
		{"the last limit up", func(p, h *types.Header) { h.GasLimit = p.GasLimit + p.GasLimit/1024 - 1 }},
		{"the last limit down", func(p, h *types.Header) { h.GasLimit = p.GasLimit - p.GasLimit/1024 + 1 }},
		{"full", func(_, h *types.Header) { h.GasUsed, h.BlobGasUsed = h.GasLimit, 9*gasPerBlob }},
		{"a field of the future", func(_, h *types.Header) { h.Optional, h.Rest = types.AmsterdamFields, []byte{0x80} }},
	} {
		parent, h := staked(types.PragueFields)
		on := c
		tt.change(&parent, &h)
		if h.Rest != nil {
			on = chainWith(merged, forks...)
		}
		if err := Check(on, &parent, &h); err != nil {
			t.Error(tt.name, err)
		}
	}
}

// TestEnginesFollowEachOther: mined blocks, then those of a consensus layer; never back.
func TestEnginesFollowEachOther(t *testing.T) {
	c := chainWith(uint256.NewInt(1 << 40))
	parent, h := staked(types.LondonFields)
	parent.Difficulty.SetUint64(1 << 30)
	h.ParentHash = parent.Hash()
	if err := Check(c, &parent, &h); err != nil {
		t.Error("the first block after the merge:", err)
	}
	r := c.Rules(h.Number, h.Time)
	h.Difficulty = NextDifficulty(c, &r, &parent, h.Time)
	if err := Check(c, &parent, &h); err != nil {
		t.Error("a mined block before the merge:", err)
	}
	refused(t, "a mined block in Shanghai", Check(chainWith(nil, "shanghaiTime"), &parent, &h), Engine)
	parent.Difficulty.Clear()
	h.ParentHash = parent.Hash()
	refused(t, "a mined block after the merge", Check(c, &parent, &h), Engine)
	h.Difficulty.Clear()
	refused(t, "no difficulty where nothing merges", Check(chainWith(nil), &parent, &h), Difficulty)
	c.Forks.Blocks = nil
	h.Optional, parent.Optional = 0, 0
	refused(t, "a consensus layer before London", Check(c, &parent, &h), Engine)
}

// TestDAO: the ten first blocks of mainnet's DAO fork say so; Classic's do not.
func TestDAO(t *testing.T) {
	for _, tt := range []struct {
		chain  string
		number uint64
		extra  string
		ok     bool
	}{
		{"mainnet", daoFork - 1, "", true},
		{"mainnet", daoFork, "", false},
		{"mainnet", daoFork, "dao-hard-fork", true},
		{"mainnet", daoFork + daoBlocks - 1, "", false},
		{"mainnet", daoFork + daoBlocks, "", true},
		{"classic", daoFork, "", true},
	} {
		c, _ := params.ByName(tt.chain)
		parent := types.Header{Number: tt.number - 1, Time: 1e9, GasLimit: 1e7, UncleHash: types.EmptyUncleHash, Difficulty: *uint256.NewInt(1 << 40)}
		h := parent
		h.Number, h.Time, h.Extra, h.ParentHash = tt.number, parent.Time+15, []byte(tt.extra), parent.Hash()
		r := c.Rules(h.Number, h.Time)
		h.Difficulty = NextDifficulty(c, &r, &parent, h.Time)
		if err := Check(c, &parent, &h); (err == nil) != tt.ok {
			t.Errorf("%s %d %q: %v", tt.chain, tt.number, tt.extra, err)
		}
	}
}

// TestLondonDoublesTheLimit: the first block under London measures its gas limit by twice the
// parent's, and has the first base fee (EIP-1559).
func TestLondonDoublesTheLimit(t *testing.T) {
	c := chainWith(nil)
	last := &c.Forks.Blocks[len(c.Forks.Blocks)-1]
	last.At = 101
	parent, h := staked(types.NoOptionalFields)
	parent.Difficulty.SetUint64(1 << 30)
	h.ParentHash, h.Optional, h.GasLimit = parent.Hash(), types.LondonFields, 2*parent.GasLimit
	h.BaseFee.SetUint64(initialBaseFee)
	r := c.Rules(h.Number, h.Time)
	h.Difficulty = NextDifficulty(c, &r, &parent, h.Time)
	if err := Check(c, &parent, &h); err != nil {
		t.Error(err)
	}
	h.GasLimit = parent.GasLimit
	refused(t, "the parent's limit", Check(c, &parent, &h), GasLimit)
}
