// SPDX-License-Identifier: Apache-2.0

package oracle

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/forkid"
	gethtypes "github.com/ethereum/go-ethereum/core/types"
	gethparams "github.com/ethereum/go-ethereum/params"

	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// networks are the genesis blocks that geth knows.
func networks() map[string]*core.Genesis {
	return map[string]*core.Genesis{
		"mainnet": core.DefaultGenesisBlock(),
		"sepolia": core.DefaultSepoliaGenesisBlock(),
		"hoodi":   core.DefaultHoodiGenesisBlock(),
	}
}

// files are genesis files of all kinds: geth's networks, geth's developer chains, the one
// of the conformance suite, and made-up ones.
func files(t *testing.T) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for name, g := range networks() {
		all[name] = encode(t, g)
	}
	faucet := common.Address{1}
	all["dev"] = encode(t, core.DeveloperGenesisBlock(30_000_000, &faucet))
	suite, err := os.ReadFile(gethFile(t, "cmd", "devp2p", "internal", "ethtest", "testdata", "genesis.json"))
	if err != nil {
		t.Fatal(err)
	}
	all["suite"] = suite
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 40 {
		all[fmt.Sprintf("random-%d", i)] = encode(t, randomGenesis(r))
	}
	return all
}

func encode(t *testing.T, g *core.Genesis) []byte {
	t.Helper()
	b, err := json.Marshal(g)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// randomGenesis makes a chain whose forks come in order, some at genesis, some later, with
// some accounts.
func randomGenesis(r *rand.Rand) *core.Genesis {
	c := &gethparams.ChainConfig{ChainID: big.NewInt(r.Int64N(1 << 40))}
	at := int64(0)
	for _, fork := range []**big.Int{
		&c.HomesteadBlock, &c.EIP150Block, &c.EIP155Block, &c.EIP158Block, &c.ByzantiumBlock, &c.ConstantinopleBlock,
		&c.PetersburgBlock, &c.IstanbulBlock, &c.MuirGlacierBlock, &c.BerlinBlock, &c.LondonBlock, &c.ArrowGlacierBlock,
	} {
		at += r.Int64N(3) * r.Int64N(1000)
		*fork = big.NewInt(at)
	}
	g := &core.Genesis{
		Config: c, Nonce: r.Uint64(), Timestamp: r.Uint64N(2_000_000_000), GasLimit: r.Uint64N(1 << 32),
		ExtraData: make([]byte, r.IntN(40)), Difficulty: big.NewInt(r.Int64()), Alloc: gethtypes.GenesisAlloc{},
	}
	if r.IntN(3) > 0 {
		c.TerminalTotalDifficulty = new(big.Int)
		c.BlobScheduleConfig = gethparams.DefaultBlobSchedule
		time := g.Timestamp - min(g.Timestamp, 100)
		for _, fork := range []**uint64{&c.ShanghaiTime, &c.CancunTime, &c.PragueTime, &c.OsakaTime} {
			time += r.Uint64N(3) * r.Uint64N(100)
			*fork = new(time)
		}
	}
	for range r.IntN(20) {
		a := gethtypes.Account{Balance: new(big.Int).Lsh(big.NewInt(r.Int64()), uint(r.IntN(190)))}
		if r.IntN(2) > 0 {
			a.Nonce, a.Code = r.Uint64N(3), make([]byte, r.IntN(100))
			a.Storage = map[common.Hash]common.Hash{}
			for range r.IntN(20) {
				a.Storage[common.BigToHash(big.NewInt(r.Int64()))] = common.BigToHash(big.NewInt(r.Int64N(3)))
			}
		}
		g.Alloc[common.BigToAddress(big.NewInt(r.Int64()))] = a
	}
	return g
}

// TestGenesis: the same file has the same hash, and the same fork ID whatever the head.
func TestGenesis(t *testing.T) {
	for name, file := range files(t) {
		var g core.Genesis
		if err := json.Unmarshal(file, &g); err != nil {
			t.Fatal(err)
		}
		c, err := params.ParseGenesis(file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			keep(t, name, file)
			continue
		}
		block := g.ToBlock()
		if c.GenesisHash != types.Hash(block.Hash()) {
			t.Errorf("%s: hash %s, geth says %s", name, c.GenesisHash, block.Hash())
			keep(t, name, file)
			continue
		}
		if c.ChainID != g.Config.ChainID.Uint64() || c.GenesisTime != block.Time() || c.GenesisDifficulty.ToBig().Cmp(block.Difficulty()) != 0 {
			t.Errorf("%s: chain is %+v", name, c)
		}
		sameForkIDs(t, name, c, g.Config, block)
	}
}

// TestNetworks: what we have built in is what geth has.
func TestNetworks(t *testing.T) {
	for name, g := range networks() {
		c, ok := params.ByName(name)
		if !ok {
			t.Errorf("we do not know %s", name)
			continue
		}
		block := g.ToBlock()
		if c.GenesisHash != types.Hash(block.Hash()) || c.ChainID != g.Config.ChainID.Uint64() {
			t.Errorf("%s is %s, chain %d; geth says %s, %d", name, c.GenesisHash, c.ChainID, block.Hash(), g.Config.ChainID)
		}
		sameForkIDs(t, name, c, g.Config, block)
	}
}

// head is a place on a chain.
type head struct{ number, time uint64 }

// heads are the places around every fork.
func heads(c *gethparams.ChainConfig, genesis *gethtypes.Block) []head {
	numbers, times := []uint64{0}, []uint64{genesis.Time()}
	for _, b := range []*big.Int{
		c.HomesteadBlock, c.DAOForkBlock, c.EIP150Block, c.EIP155Block, c.EIP158Block, c.ByzantiumBlock, c.ConstantinopleBlock, c.PetersburgBlock,
		c.IstanbulBlock, c.MuirGlacierBlock, c.BerlinBlock, c.LondonBlock, c.ArrowGlacierBlock, c.GrayGlacierBlock, c.MergeNetsplitBlock,
	} {
		if b != nil {
			numbers = append(numbers, b.Uint64(), b.Uint64()+1, max(b.Uint64(), 1)-1)
		}
	}
	for _, s := range []*uint64{c.ShanghaiTime, c.CancunTime, c.PragueTime, c.OsakaTime, c.BPO1Time, c.BPO2Time, c.AmsterdamTime} {
		if s != nil {
			times = append(times, *s, *s+1, max(*s, 1)-1)
		}
	}
	last := slices.Max(numbers)
	var all []head
	for _, n := range numbers {
		all = append(all, head{n, genesis.Time()})
	}
	for _, s := range times {
		all = append(all, head{last, s}, head{last + 100, s})
	}
	return all
}

// sameForkIDs compares fork IDs at every head, and at every head the verdict on every ID,
// on IDs that announce another next fork, and on noise.
func sameForkIDs(t *testing.T, name string, c *params.Chain, config *gethparams.ChainConfig, genesis *gethtypes.Block) {
	t.Helper()
	all := heads(config, genesis)
	var ids []params.ForkID
	for _, h := range all {
		have, want := c.ForkID(h.number, h.time), forkid.NewID(config, genesis, h.number, h.time)
		if have.Hash != want.Hash || have.Next != want.Next {
			t.Fatalf("%s at %+v: fork ID %s, geth says %x/%d", name, h, have, want.Hash, want.Next)
		}
		if !slices.Contains(ids, have) {
			ids = append(ids, have, params.ForkID{Hash: have.Hash}, params.ForkID{Hash: have.Hash, Next: h.number + 1},
				params.ForkID{Hash: have.Hash, Next: h.time + 1}, params.ForkID{Hash: have.Hash, Next: h.number}, params.ForkID{Hash: [4]byte{byte(len(ids))}, Next: have.Next})
		}
	}
	for _, h := range all {
		filter := forkid.NewFilter(chainAt{config, genesis, h})
		for _, id := range ids {
			if have, want := c.CheckForkID(id, h.number, h.time), filter(forkid.ID(id)); !sameVerdict(have, want) {
				t.Fatalf("%s at %+v, remote %s: we say %v, geth %v", name, h, id, have, want)
			}
		}
	}
}

func sameVerdict(ours, theirs error) bool {
	switch {
	case errors.Is(theirs, forkid.ErrRemoteStale):
		return errors.Is(ours, params.ErrRemoteStale)
	case errors.Is(theirs, forkid.ErrLocalIncompatibleOrStale):
		return errors.Is(ours, params.ErrLocalIncompatibleOrStale)
	}
	return ours == nil && theirs == nil
}

// chainAt is a blockchain for geth's filter.
type chainAt struct {
	config  *gethparams.ChainConfig
	genesis *gethtypes.Block
	head    head
}

func (c chainAt) Config() *gethparams.ChainConfig { return c.config }
func (c chainAt) Genesis() *gethtypes.Block       { return c.genesis }
func (c chainAt) CurrentHeader() *gethtypes.Header {
	return &gethtypes.Header{Number: new(big.Int).SetUint64(c.head.number), Time: c.head.time}
}

// keep leaves a file that we and geth disagree about.
func keep(t *testing.T, name string, file []byte) {
	t.Helper()
	path := filepath.Join(os.TempDir(), "ethpeer-genesis-"+name+".json")
	if err := os.WriteFile(path, file, 0o644); err == nil {
		t.Logf("see %s", path)
	}
}
