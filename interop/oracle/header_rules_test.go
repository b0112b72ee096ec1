// SPDX-License-Identifier: Apache-2.0

package oracle

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/consensus/beacon"
	"github.com/ethereum/go-ethereum/consensus/ethash"
	gethtypes "github.com/ethereum/go-ethereum/core/types"
	gethparams "github.com/ethereum/go-ethereum/params"
	gethrlp "github.com/ethereum/go-ethereum/rlp"
	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// A parentOnly is what geth's engines need to know of a chain: a block's parent.
type parentOnly struct {
	config *gethparams.ChainConfig
	parent *gethtypes.Header
}

func (p parentOnly) Config() *gethparams.ChainConfig               { return p.config }
func (p parentOnly) CurrentHeader() *gethtypes.Header              { return p.parent }
func (p parentOnly) GetHeaderByNumber(uint64) *gethtypes.Header    { return nil }
func (p parentOnly) GetHeaderByHash(common.Hash) *gethtypes.Header { return nil }

func (p parentOnly) GetHeader(_ common.Hash, number uint64) *gethtypes.Header {
	if number == p.parent.Number.Uint64() {
		return p.parent
	}
	return nil
}

func gethHeader(t *testing.T, h *types.Header) *gethtypes.Header {
	t.Helper()
	var g gethtypes.Header
	if err := gethrlp.DecodeBytes(h.Append(nil), &g); err != nil {
		t.Fatal(err)
	}
	return &g
}

// TestHeaderRules: of headers at every fork of the networks, mined or made by a consensus layer,
// most with something changed, we and geth accept the same.
func TestHeaderRules(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	accepted, refused := 0, map[rules.Rule]int{}
	for name, g := range networks() {
		c, _ := params.ByName(name)
		engine := beacon.New(ethash.NewFaker())
		for _, at := range heads(g.Config, g.ToBlock()) {
			if at.number == 0 {
				continue
			}
			for range 60 {
				parent, h := randomPair(r, c, at)
				err := rules.Check(c, &parent, &h)
				theirs := engine.VerifyHeader(parentOnly{g.Config, gethHeader(t, &parent)}, gethHeader(t, &h))
				broken, _ := errors.AsType[*rules.Error](err)
				switch {
				case broken == nil && err != nil:
					t.Fatal("no *rules.Error:", err)
				case broken == nil:
					accepted++
				default:
					refused[broken.Rule]++
					if rule := c.Rules(h.Number, h.Time); broken.Rule == rules.Fields && theirs == nil && rule.Cancun && !rule.Amsterdam {
						continue // geth looks for the requests' hash when it executes the block
					}
					if broken.Rule == rules.Parent && theirs == nil {
						continue // geth has looked the parent up by that hash
					}
				}
				if (err == nil) != (theirs == nil) {
					t.Errorf("%s at %v: %v; geth: %v\n%x after\n%x", name, at, err, theirs, h.Append(nil), parent.Append(nil))
				}
			}
		}
	}
	if t.Logf("accepted %d, refused %v", accepted, refused); accepted < 1000 || len(refused) < 9 {
		t.Error("too few of one kind: the test shows little")
	}
}

// randomPair returns a block before a place and the block there, which is right or has something
// changed.
func randomPair(r *rand.Rand, c *params.Chain, at head) (parent, h types.Header) {
	pick := func(all ...uint64) uint64 { return all[r.IntN(len(all))] }
	time := max(at.time, c.GenesisTime+pick(1, 15, 100))
	number := at.number
	rule := c.Rules(number, time)
	before := time - pick(1, 2, 9, 12, 13, 18, 19, 20, 30, 1000)
	old := c.Rules(number-1, before)
	parent = types.Header{
		Number: number - 1, Time: before, GasLimit: 5000 + r.Uint64N(100_000_000), UncleHash: types.EmptyUncleHash, Optional: fieldsOf(&old),
	}
	parent.GasUsed = pick(0, parent.GasLimit/2, parent.GasLimit, r.Uint64N(parent.GasLimit))
	if old.London {
		parent.BaseFee.SetUint64(pick(0, 7, 1e9, r.Uint64N(1e12)))
	}
	if old.Cancun {
		parent.BlobGasUsed = r.Uint64N(old.Blobs.Max+1) << 17
		parent.ExcessBlobGas = pick(0, r.Uint64N(1<<20), r.Uint64N(1<<30))
	}
	mined := !rule.Shanghai && r.IntN(2) == 0
	if mined || !old.Shanghai && r.IntN(2) == 0 {
		parent.Difficulty.SetUint64(131_072 + r.Uint64N(1<<50))
		if r.IntN(2) == 0 {
			parent.UncleHash[0]++
		}
	}
	h = types.Header{
		ParentHash: parent.Hash(), Number: number, Time: time, GasLimit: parent.GasLimit, UncleHash: types.EmptyUncleHash, Optional: fieldsOf(&rule),
	}
	if rule.London && !old.London {
		h.GasLimit *= 2
		h.BaseFee.SetUint64(1e9)
	} else if rule.London {
		h.BaseFee = rules.NextBaseFee(&parent)
	}
	if rule.Cancun {
		h.ExcessBlobGas = rules.NextExcessBlobGas(&rule, &parent)
	}
	if mined {
		h.Difficulty = rules.NextDifficulty(c, &rule, &parent, h.Time)
	}
	if c.Name == "mainnet" && number >= 1_920_000 && number < 1_920_010 {
		h.Extra = []byte("dao-hard-fork")
	}
	change(r, &parent, &h)
	return parent, h
}

// change changes a header, or does not.
func change(r *rand.Rand, parent, h *types.Header) {
	near := func(n uint64) uint64 { return n + r.Uint64N(5) - 2 }
	switch r.IntN(36) {
	case 0:
		h.Number = near(h.Number)
	case 1:
		h.ParentHash[r.IntN(32)]++
	case 2:
		h.Time = parent.Time - r.Uint64N(2)
	case 3:
		h.GasLimit = parent.GasLimit + parent.GasLimit/1024 + r.Uint64N(3) - 1
	case 4:
		h.GasLimit = parent.GasLimit - parent.GasLimit/1024 + r.Uint64N(3) - 1
	case 5:
		h.GasLimit = near(5000)
	case 6:
		h.GasLimit = 1<<63 - r.Uint64N(2)
	case 7:
		h.GasUsed = near(h.GasLimit)
	case 8:
		h.Extra = make([]byte, 30+r.IntN(5))
	case 9:
		h.Nonce[r.IntN(8)]++
	case 10:
		h.UncleHash[0]++
	case 11:
		h.Difficulty.AddUint64(&h.Difficulty, r.Uint64N(2))
	case 12:
		h.Difficulty.Clear()
	case 13:
		h.Difficulty.Sub(uint256.NewInt(1<<50), uint256.NewInt(r.Uint64N(1<<40)))
	case 14:
		h.BaseFee.AddUint64(&h.BaseFee, 1)
	case 15:
		h.BlobGasUsed = r.Uint64N(16) << 17
	case 16:
		h.BlobGasUsed = r.Uint64N(1 << 21)
	case 17:
		h.ExcessBlobGas = near(h.ExcessBlobGas)
	case 18:
		h.Optional = types.OptionalFields(r.IntN(int(types.AmsterdamFields) + 1))
	case 19:
		h.MixDigest[0]++
	}
}

func fieldsOf(r *params.Rules) types.OptionalFields {
	switch {
	case r.Amsterdam:
		return types.AmsterdamFields
	case r.Prague:
		return types.PragueFields
	case r.Cancun:
		return types.CancunFields
	case r.Shanghai:
		return types.ShanghaiFields
	case r.London:
		return types.LondonFields
	}
	return types.NoOptionalFields
}

// TestDifficulty: geth's difficulty, at numbers and times of all of mainnet's mined blocks.
func TestDifficulty(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	c, _ := params.ByName("mainnet")
	for range 20_000 {
		parent := types.Header{Number: r.Uint64N(16_000_000), Time: r.Uint64N(1 << 31), UncleHash: types.EmptyUncleHash}
		parent.Difficulty.SetUint64(r.Uint64N(1 << (17 + r.IntN(40))))
		if r.IntN(2) == 0 {
			parent.UncleHash[0]++
		}
		time := parent.Time + 1 + r.Uint64N(1<<r.IntN(12))
		rule := c.Rules(parent.Number+1, time)
		ours := rules.NextDifficulty(c, &rule, &parent, time)
		theirs := ethash.CalcDifficulty(gethparams.MainnetChainConfig, time, gethHeader(t, &parent))
		if ours.ToBig().Cmp(theirs) != 0 {
			t.Fatalf("%v, geth says %v, after %+v at %d", &ours, theirs, parent, time)
		}
	}
}
