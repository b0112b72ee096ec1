// SPDX-License-Identifier: Apache-2.0

package params

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// answer returns a node's answer to eth_config at a time (EIP-7910). The rules of a fork are those of its own
// name, but a bpo fork has those of the fork before it.
func answer(c *Chain, time uint64) string {
	write := func(f Fork) string {
		b, _ := c.Blobs(1<<63, f.At)
		rules := f.Name
		for _, other := range c.Forks.Times {
			if other.At <= f.At && !strings.HasPrefix(other.Name, "bpo") {
				rules = other.Name
			}
		}
		return fmt.Sprintf(`{"activationTime":%d,"blobSchedule":{"baseFeeUpdateFraction":%d,"max":%d,"target":%d},"chainId":"0x%x","forkId":"0x%x",`+
			`"precompiles":{"%s":"0x01"},"systemContracts":{}}`, f.At, b.UpdateFraction, b.Max, b.Target, c.ChainID, c.ForkID(1<<63, f.At).Hash, rules)
	}
	current, next, last := Fork{}, "null", "null"
	for _, f := range c.Forks.Times {
		switch {
		case f.At <= time:
			current = f
		case next == "null":
			next = write(f)
			fallthrough
		default:
			last = write(f)
		}
	}
	return fmt.Sprintf(`{"current":%s,"next":%s,"last":%s}`, write(current), next, last)
}

// A chain that lacks the latest forks gets them from a node that has them.
func TestOverridesOfANode(t *testing.T) {
	without := func(name string, forks ...string) *Chain {
		c := named(t, name)
		c.Forks.Times = slices.DeleteFunc(c.Forks.Times, func(f Fork) bool { return slices.Contains(forks, f.Name) })
		return c
	}
	hoodi := named(t, "hoodi")
	if err := hoodi.Override(Override{Name: "amsterdamTime", At: 1_793_000_000},
		Override{Name: "bpo3Time", At: 1_794_000_000, Blobs: &Blobs{Target: 20, Max: 30, UpdateFraction: 17}}); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		node *Chain
		time uint64
		ours *Chain
		want string
	}{
		{"nothing to learn", named(t, "sepolia"), 1_792_000_000, named(t, "sepolia"), ""},
		{"Amsterdam is in force", named(t, "sepolia"), 1_792_000_000, without("sepolia", "amsterdamTime"), "amsterdamTime@1791294816"},
		{"Amsterdam is next", named(t, "sepolia"), 1_790_000_000, without("sepolia", "amsterdamTime"), "amsterdamTime@1791294816"},
		{"two to come", hoodi, 1_792_000_000, named(t, "hoodi"), "amsterdamTime@1793000000 bpo3Time@1794000000"},
		{"one passed, one to come", hoodi, 1_793_500_000, named(t, "hoodi"), "amsterdamTime@1793000000 bpo3Time@1794000000"},
		{"the limits of blobs are next", named(t, "mainnet"), 1_766_000_000, without("mainnet", "bpo2Time"), "bpo2Time@1767747671"},
	} {
		cfg, err := ReadNodeConfig([]byte(answer(test.node, test.time)))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		before := slices.Clone(test.ours.Forks.Times)
		forks, err := test.ours.Overrides(cfg)
		var got []string
		for _, f := range forks {
			got = append(got, fmt.Sprintf("%s@%d", f.Name, f.At))
		}
		if err != nil || strings.Join(got, " ") != test.want {
			t.Errorf("%s: %v, %v; want %s", test.name, got, err, test.want)
		}
		if !slices.Equal(before, test.ours.Forks.Times) {
			t.Errorf("%s: the chain was changed", test.name)
		}
		if err := test.ours.Override(forks...); err != nil || test.ours.ForkID(1<<63, 1<<63) != test.node.ForkID(1<<63, 1<<63) {
			t.Errorf("%s: %v, fork ID %v, the node's %v", test.name, err, test.ours.ForkID(1<<63, 1<<63), test.node.ForkID(1<<63, 1<<63))
		}
	}
	// A fork that was postponed keeps its name.
	moved := named(t, "sepolia")
	if err := moved.Override(Override{Name: "amsterdamTime", At: 1_799_000_000}); err != nil {
		t.Fatal(err)
	}
	cfg, _ := ReadNodeConfig([]byte(answer(moved, 1_790_000_000)))
	if forks, err := named(t, "sepolia").Overrides(cfg); err != nil || len(forks) != 1 || forks[0].Name != "amsterdamTime" || forks[0].At != 1_799_000_000 {
		t.Errorf("postponed: %+v, %v", forks, err)
	}
}

func TestNodeConfigRefusals(t *testing.T) {
	sepolia := answer(named(t, "sepolia"), 1_792_000_000)
	for text, want := range map[string]string{
		"":                 "eth_config",
		"null":             "current is missing",
		"[]":               "eth_config",
		`{"current":{}}`:   "activationTime is missing",
		`{"current":null}`: "current is missing",
		strings.Replace(sepolia, `"chainId":"0xaa36a7"`, `"chainId":"sepolia"`, 1):                   "chainId",
		strings.Replace(sepolia, `"forkId":"0x`, `"forkId":"0xff`, 1):                                "want 4 bytes",
		strings.Replace(sepolia, `"forkId":"0x6c`, `"forkId":"0xzz`, 1):                              "want 4 bytes",
		strings.Replace(sepolia, `"baseFeeUpdateFraction":11684671`, `"baseFeeUpdateFraction":0`, 1): "is 0",
		strings.Replace(sepolia, `"activationTime":`, `"activationTime":-`, 1):                       "eth_config",
	} {
		if cfg, err := ReadNodeConfig([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s…: %+v, %v; want %q", text, cfg, err, want)
		}
	}
	for text, want := range map[string]string{
		answer(named(t, "hoodi"), 1_792_000_000):                                                  "the node is on chain 560048, this is chain 11155111",
		strings.Replace(sepolia, `"forkId":"0x6c`, `"forkId":"0x6d`, 1):                           "fork ID 0x6d1d9423",
		strings.Replace(sepolia, `"activationTime":1791294816`, `"activationTime":1791294817`, 1): "fork ID 0x6c1d9423",
		strings.Replace(sepolia, `"activationTime":1791294816`, `"activationTime":5`, 1):          "",
	} {
		cfg, err := ReadNodeConfig([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		c := named(t, "sepolia")
		if forks, err := c.Overrides(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s…: %+v, %v; want %q", text, forks, err, want)
		}
	}
}

func FuzzNodeConfig(f *testing.F) {
	f.Add([]byte(answer(named(f, "sepolia"), 1_790_000_000)))
	f.Fuzz(func(t *testing.T, text []byte) {
		cfg, err := ReadNodeConfig(text)
		if err != nil {
			return
		}
		c := named(t, "sepolia")
		forks, err := c.Overrides(cfg)
		if err != nil {
			return
		}
		if err := c.Override(forks...); err != nil {
			t.Fatalf("overrides of a node are refused: %v", err)
		}
		if c.hashAt(cfg.Current.At) != cfg.Current.Hash {
			t.Fatalf("fork ID %x, the node's %x", c.hashAt(cfg.Current.At), cfg.Current.Hash)
		}
	})
}
