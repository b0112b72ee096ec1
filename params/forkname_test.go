// SPDX-License-Identifier: Apache-2.0

package params

import (
	"math"
	"testing"
)

func TestNameFork(t *testing.T) {
	for _, c := range []struct {
		chain        string
		number, time uint64
		want         string
	}{
		{"mainnet", 0, 0, "genesis"},
		{"mainnet", 1_150_000, 0, "homestead"},
		{"mainnet", 1_920_000, 0, "daoFork"},
		{"mainnet", 2_675_000, 0, "eip158"}, // eip155 is at the same place
		{"mainnet", 15_050_000, 0, "grayGlacier"},
		{"mainnet", math.MaxUint64, 1681338455, "shanghai"},
		{"mainnet", math.MaxUint64, math.MaxUint64, "bpo2"},
		{"sepolia", 0, 1633267481, "london"},
		{"sepolia", 1_735_371, 1633267481, "mergeNetsplit"},
		{"hoodi", 0, 1742212800, "cancun"},
		{"hoodi", 0, math.MaxUint64, "bpo2"},
		{"classic", 1_920_000, 0, "homestead"},
		{"classic", math.MaxUint64, 0, "spiral"},
		{"mordor", 0, 0, "atlantis"},
	} {
		chain, _ := ByName(c.chain)
		id := chain.ForkID(c.number, c.time)
		if name, ok := chain.NameFork(id.Hash); !ok || name != c.want {
			t.Errorf("%s at %d, %d: %q, %v; want %q", c.chain, c.number, c.time, name, ok, c.want)
		}
	}
	mainnet, _ := ByName("mainnet")
	mordor, _ := ByName("mordor")
	for _, hash := range [][4]byte{{}, {1, 2, 3, 4}, mordor.ForkID(0, 0).Hash} {
		if name, ok := mainnet.NameFork(hash); ok {
			t.Errorf("%x is %q of mainnet", hash, name)
		}
	}
}
