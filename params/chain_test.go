// SPDX-License-Identifier: Apache-2.0

package params

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/types"
)

func TestNetworks(t *testing.T) {
	for _, test := range []struct {
		name, hash         string
		networkID, chainID uint64
		terminal           string
	}{
		{"mainnet", "0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3", 1, 1, "58750000000000000000000"},
		{"sepolia", "0x25a5cc106eea7138acab33231d7160d69cb777ee0c2c553fcddf5138993e6dd9", 11155111, 11155111, "17000000000000000"},
		{"hoodi", "0xbbe312868b376a3001692a646dd2d7d1e4406380dfd86b98aa8a34d1557c971b", 560048, 560048, "0"},
		{"plataberget", "0xee33ef92bbabcf07bcf44fea1d18a7925c5f7f9da8f81334ea19b0f3cb892b31", 7091047534, 7091047534, "0"},
		{"classic", "0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3", 1, 61, ""},
		{"mordor", "0xa68ebde7932eccb177d38d55dcc6461a019dd795a681e59b5a3e4f3a7259a3f1", 7, 63, ""},
	} {
		c, ok := ByName(test.name)
		if !ok {
			t.Errorf("no %s", test.name)
			continue
		}
		terminal := ""
		if c.Terminal != nil {
			terminal = c.Terminal.Dec()
		}
		if c.Name != test.name || c.GenesisHash.String() != test.hash || c.NetworkID != test.networkID || c.ChainID != test.chainID || terminal != test.terminal {
			t.Errorf("%s: %s %s, IDs %d %d, terminal %s", test.name, c.Name, c.GenesisHash, c.NetworkID, c.ChainID, terminal)
		}
		checkChain(t, c)
	}
}

// checkChain checks what holds for every chain, wherever it comes from.
func checkChain(t *testing.T, c *Chain) {
	t.Helper()
	h, err := types.DecodeHeader(c.Genesis)
	if err != nil || h.Time != c.GenesisTime || h.Difficulty != c.GenesisDifficulty || h.Number != 0 {
		t.Errorf("%s: genesis header %+v, %v", c.Name, h, err)
	}
	if types.Hash(keccak.Sum256(c.Genesis)) != c.GenesisHash {
		t.Errorf("%s: the genesis header has another hash", c.Name)
	}
	for _, forks := range [][]Fork{c.Forks.Blocks, c.Forks.Times} {
		if !slices.IsSortedFunc(forks, func(a, b Fork) int { return cmp.Compare(a.At, b.At) }) {
			t.Errorf("%s: forks %v", c.Name, forks)
		}
	}
}

func TestNames(t *testing.T) {
	if names := Names(); !slices.Equal(names, []string{"mainnet", "sepolia", "hoodi", "plataberget", "classic", "mordor"}) {
		t.Error(names)
	}
	for _, name := range []string{"", "Mainnet", "goerli"} {
		if _, ok := ByName(name); ok {
			t.Errorf("there is a chain %q", name)
		}
	}
	etc, ok := ByName("etc")
	if !ok || etc.Name != "classic" {
		t.Errorf("etc: %v %v", etc, ok)
	}
	etc.Forks.Blocks[0].At, etc.Bootnodes[0] = 5, ""
	if again, _ := ByName("etc"); again.Forks.Blocks[0].At == 5 || again.Bootnodes[0] == "" {
		t.Error("what one caller changes, another one gets")
	}
}

// TestBootnodes: every node that ships with the program can be parsed and reached.
func TestBootnodes(t *testing.T) {
	for _, name := range Names() {
		c, _ := ByName(name)
		if len(c.Bootnodes) == 0 || len(c.DNS) == 0 && name != "plataberget" { // which has no list in DNS
			t.Errorf("%s: nowhere to begin", name)
		}
		for _, url := range slices.Concat(c.Bootnodes, c.BootnodesV5) {
			n, err := enr.ParseNode(url)
			if _, ok := n.UDPAddr(); err != nil || !ok {
				t.Errorf("%s: %v, %v", name, n, err)
			}
		}
		for _, url := range c.BootnodesV5 {
			if !strings.HasPrefix(url, "enr:") {
				t.Errorf("%s: %s is no record", name, url)
			}
		}
		for _, root := range c.DNS {
			if key, domain, ok := strings.Cut(strings.TrimPrefix(root, "enrtree://"), "@"); !ok || len(key) != 53 || !strings.Contains(domain, ".") {
				t.Errorf("%s: DNS root %s", name, root)
			}
		}
	}
}

// Classic and Mordor name the blocks that core-geth requires (params/config_classic.go, config_mordor.go).
func TestRequiredBlocks(t *testing.T) {
	for name, want := range map[string]map[uint64]string{
		"classic": {1_920_000: "0x94365e3a", 2_500_000: "0xca12c635"},
		"mordor":  {840_013: "0x2ceada2b", 840_014: "0x8ec29dd6"},
		"mainnet": nil,
	} {
		c, _ := ByName(name)
		if len(c.Required) != len(want) {
			t.Errorf("%s requires %d blocks", name, len(c.Required))
		}
		for number, start := range want {
			if got := c.Required[number].String(); !strings.HasPrefix(got, start) {
				t.Errorf("%s, block %d: %s", name, number, got)
			}
		}
	}
}
