// SPDX-License-Identifier: Apache-2.0

package oracle

import (
	"encoding/json"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/consensus/misc/eip4844"
	"github.com/ethereum/go-ethereum/core"
	gethtypes "github.com/ethereum/go-ethereum/core/types"
	gethparams "github.com/ethereum/go-ethereum/params"

	"github.com/ethpeer/ethpeer/params"
)

// TestRules: at every fork of the networks and of made-up chains, the same forks are active,
// and blocks may have the same blobs.
func TestRules(t *testing.T) {
	for name, g := range networks() {
		c, _ := params.ByName(name)
		for _, h := range heads(g.Config, g.ToBlock()) {
			sameRules(t, name, c, g.Config, h)
		}
	}
	for name, file := range files(t) {
		var g core.Genesis
		if err := json.Unmarshal(file, &g); err != nil {
			t.Fatal(err)
		}
		c, err := params.ParseGenesis(file)
		if err != nil {
			t.Fatal(name, err)
		}
		for _, h := range heads(g.Config, g.ToBlock()) {
			sameRules(t, name, c, g.Config, h)
		}
	}
}

func sameRules(t *testing.T, name string, c *params.Chain, g *gethparams.ChainConfig, h head) {
	t.Helper()
	n := new(big.Int).SetUint64(h.number)
	want := params.Rules{
		Homestead: g.IsHomestead(n), DAO: g.IsDAOFork(n), EIP150: g.IsEIP150(n), EIP155: g.IsEIP155(n), EIP158: g.IsEIP158(n),
		Byzantium: g.IsByzantium(n), Constantinople: g.IsConstantinople(n), Petersburg: g.IsPetersburg(n), Istanbul: g.IsIstanbul(n),
		MuirGlacier: g.IsMuirGlacier(n), Berlin: g.IsBerlin(n), London: g.IsLondon(n), ArrowGlacier: g.IsArrowGlacier(n), GrayGlacier: g.IsGrayGlacier(n),
		Shanghai: g.IsShanghai(n, h.time), Cancun: g.IsCancun(n, h.time), Prague: g.IsPrague(n, h.time), Osaka: g.IsOsaka(n, h.time),
		Amsterdam: g.IsAmsterdam(n, h.time), Bogota: g.IsBogota(n, h.time), UBT: g.IsUBT(n, h.time),
	}
	have := c.Rules(h.number, h.time)
	blobs := have.Blobs
	have.Blobs = params.Blobs{}
	if have != want {
		t.Errorf("%s at %v: %+v\n geth says %+v", name, h, have, want)
	}
	if !g.IsLondon(n) { // geth's functions take it that London is past
		return
	}
	target, most := eip4844.TargetBlobsPerBlock(g, h.time), eip4844.MaxBlobsPerBlock(g, h.time)
	if blobs.Target != uint64(target) || blobs.Max != uint64(most) {
		t.Errorf("%s at %v: blobs %+v, geth says %d and %d", name, h, blobs, target, most)
	}
}

// TestForkOrder: of chains whose forks come in any order, some left out, we refuse or warn of
// exactly those that geth refuses.
func TestForkOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	refused, warned, taken := 0, 0, 0
	for range 3000 {
		g := randomOrder(r)
		file := encode(t, g)
		c, err := params.ParseGenesis(file)
		bad := g.Config.CheckConfigForkOrder()
		switch {
		case (bad == nil) != (err == nil && len(c.Warnings) == 0):
			t.Fatalf("%s\n we say %v, %v\n geth says %v", file, err, c, bad)
		case err != nil:
			refused++
		case bad != nil:
			warned++
		default:
			taken++
		}
	}
	if refused < 100 || warned < 100 || taken < 100 {
		t.Errorf("%d chains were refused, %d warned of, %d taken", refused, warned, taken)
	}
}

// randomOrder makes a chain of which each fork is missing, or is out of order, now and then.
func randomOrder(r *rand.Rand) *core.Genesis {
	g := randomGenesis(r)
	g.Alloc = gethtypes.GenesisAlloc{}
	c := g.Config
	c.TerminalTotalDifficulty = new(big.Int)
	c.BlobScheduleConfig = &gethparams.BlobScheduleConfig{
		Cancun: gethparams.DefaultCancunBlobConfig, Prague: gethparams.DefaultPragueBlobConfig, BPO1: gethparams.DefaultBPO1BlobConfig, BPO2: gethparams.DefaultBPO2BlobConfig,
	}
	for i, fork := range []**big.Int{
		&c.HomesteadBlock, &c.DAOForkBlock, &c.EIP150Block, &c.EIP155Block, &c.EIP158Block, &c.ByzantiumBlock, &c.ConstantinopleBlock, &c.PetersburgBlock,
		&c.IstanbulBlock, &c.MuirGlacierBlock, &c.BerlinBlock, &c.LondonBlock, &c.ArrowGlacierBlock, &c.GrayGlacierBlock, &c.MergeNetsplitBlock,
	} {
		*fork = big.NewInt(int64(i * 10))
		switch r.IntN(40) {
		case 0:
			*fork = nil
		case 1:
			*fork = big.NewInt(r.Int64N(150))
		}
	}
	for i, fork := range []**uint64{
		&c.ShanghaiTime, &c.CancunTime, &c.PragueTime, &c.OsakaTime, &c.UBTTime, &c.BPO1Time, &c.BPO2Time, &c.AmsterdamTime, &c.BogotaTime,
	} {
		*fork = new(g.Timestamp + 10 + uint64(i*10))
		switch r.IntN(20) {
		case 0:
			*fork = nil
		case 1:
			*fork = new(g.Timestamp + r.Uint64N(100))
		}
	}
	if r.IntN(20) == 0 {
		c.BlobScheduleConfig.Prague = nil
	}
	return g
}

// TestWarningsOfNetworks: geth's own networks and chains have nothing to warn of.
func TestWarningsOfNetworks(t *testing.T) {
	for name, file := range files(t) {
		c, err := params.ParseGenesis(file)
		if err != nil {
			t.Fatal(name, err)
		}
		if len(c.Warnings) > 0 && !strings.HasPrefix(name, "random-") {
			t.Errorf("%s: %q", name, c.Warnings)
		}
	}
}
