// SPDX-License-Identifier: Apache-2.0

package params

import (
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// vectorChain returns the chains of testdata/forkids.txt: those that ByName knows, and
// those that the EIPs' test cases are about.
func vectorChain(t testing.TB, name string) *Chain {
	t.Helper()
	if c, ok := ByName(name); ok {
		return c
	}
	switch name {
	case "petersburg-mainnet": // as of May 2019
		return capped(7_280_000)
	case "legacy": // no fork by time
		return capped(15_050_000)
	case "withdrawals": // EIP-6122's fictional schedule
		c := capped(15_050_000)
		c.Forks.Blocks = append(c.Forks.Blocks, Fork{"mergeNetsplitBlock", 18_000_000})
		c.Forks.Times = []Fork{{"shanghaiTime", 1668000000}}
		return c
	case "petersburg-ropsten":
		return scheduled("41941023680923e0fe4d74a34bdac8141f2540e3ae90623718e47d66d1ca4a2d", 0, 10, 1_700_000, 4_230_000, 4_939_394)
	case "petersburg-rinkeby":
		return scheduled("6341fd3daf94b748c72ced5a5b26028f2474f5f00d824504e4fa37a75767e177", 1, 2, 3, 3, 1_035_301, 3_660_663, 4_321_234)
	case "petersburg-goerli":
		return scheduled("bf7e331f7f7c1dd2e05159666b3bf8bc7a8a3a9eb1d518969eab529dd9b88c1a", 0, 0)
	}
	t.Fatalf("no chain %q", name)
	return nil
}

// capped returns mainnet as it knew its forks when block last was the last one.
func capped(last uint64) *Chain {
	c, _ := ByName("mainnet")
	c.Forks.Blocks = slices.DeleteFunc(c.Forks.Blocks, func(f Fork) bool { return f.At > last })
	c.Forks.Times = nil
	return c
}

// scheduled returns a chain with forks at these block numbers.
func scheduled(genesis string, blocks ...uint64) *Chain {
	c := &Chain{GenesisHash: hash(genesis)}
	for i, at := range blocks {
		c.Forks.Blocks = append(c.Forks.Blocks, Fork{fmt.Sprintf("fork%dBlock", i), at})
	}
	return c
}

// vectors calls check for each line of a file of testdata, with what is left and right of
// the =.
func vectors(t *testing.T, file string, check func(t *testing.T, left, right []string)) {
	t.Helper()
	n := 0
	for line := range strings.Lines(string(readFile(t, file))) {
		left, right, ok := strings.Cut(line, "=")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		n++
		check(t, strings.Fields(left), strings.Fields(right))
	}
	if n < 50 {
		t.Errorf("%s has only %d vectors", file, n)
	}
}

func parseInt(t testing.TB, s string) uint64 {
	t.Helper()
	if s == "max" {
		return math.MaxUint64
	}
	v, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func parseID(t testing.TB, sum, next string) (id ForkID) {
	t.Helper()
	if n, err := hex.Decode(id.Hash[:], []byte(sum)); err != nil || n != 4 {
		t.Fatalf("%q is no checksum", sum)
	}
	id.Next = parseInt(t, next)
	return id
}

func TestForkID(t *testing.T) {
	vectors(t, "forkids.txt", func(t *testing.T, left, right []string) {
		c := vectorChain(t, left[0])
		have := c.ForkID(parseInt(t, left[1]), parseInt(t, left[2]))
		if want := parseID(t, right[0], right[1]); have != want {
			t.Errorf("%s: %s, want %s", left, have, want)
		}
	})
}

func TestCheckForkID(t *testing.T) {
	verdicts := map[string]error{"ok": nil, "stale": ErrRemoteStale, "incompatible": ErrLocalIncompatibleOrStale}
	vectors(t, "forkid_filter.txt", func(t *testing.T, left, right []string) {
		want, ok := verdicts[right[0]]
		if !ok {
			t.Fatalf("no verdict %q", right[0])
		}
		c := vectorChain(t, left[0])
		remote := parseID(t, left[3], left[4])
		if err := c.CheckForkID(remote, parseInt(t, left[1]), parseInt(t, left[2])); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", left, err, want)
		}
	})
}

// TestSameChain: nodes of one chain accept each other wherever they are, also where one of
// them is exactly on a fork and the other is right before it.
func TestSameChain(t *testing.T) {
	for _, name := range append(Names(), "withdrawals", "petersburg-rinkeby") {
		c := vectorChain(t, name)
		type head struct{ number, time uint64 }
		heads := []head{{0, c.GenesisTime}}
		last := uint64(0)
		for _, f := range c.Forks.Blocks {
			for _, at := range []uint64{max(f.At, 1) - 1, f.At, f.At + 1} {
				heads = append(heads, head{at, c.GenesisTime})
			}
			last = f.At + 1
		}
		for _, f := range c.Forks.Times {
			for _, at := range []uint64{max(f.At, 1) - 1, f.At, f.At + 1} {
				heads = append(heads, head{last, at})
			}
		}
		for _, ours := range heads {
			for _, theirs := range heads {
				if err := c.CheckForkID(c.ForkID(theirs.number, theirs.time), ours.number, ours.time); err != nil {
					t.Errorf("%s: at %v we refuse a peer at %v: %v", name, ours, theirs, err)
				}
			}
		}
	}
}

// TestForksBeforeGenesis: rules that the genesis block is under are no forks.
func TestForksBeforeGenesis(t *testing.T) {
	const born = 1690475657
	genesis := hash("0101010101010101010101010101010101010101010101010101010101010101")
	base := crc32.ChecksumIEEE(genesis[:])
	for _, test := range []struct {
		shanghai, cancun uint64
		want             ForkID
	}{
		{born - 1, born + 1, ForkID{sumBytes(base), born + 1}},
		{born, born + 1, ForkID{sumBytes(base), born + 1}},
		{born + 1, born + 2, ForkID{sumBytes(base), born + 1}},
		{0, 0, ForkID{sumBytes(base), 0}},
	} {
		c := &Chain{GenesisHash: genesis, GenesisTime: born}
		c.Forks = ForkSchedule{
			Blocks: []Fork{{"londonBlock", 0}},
			Times:  []Fork{{"shanghaiTime", test.shanghai}, {"cancunTime", test.cancun}},
		}
		if have := c.ForkID(0, born); have != test.want {
			t.Errorf("%d %d: %s, want %s", test.shanghai, test.cancun, have, test.want)
		}
	}
}

// TestMainnetIsNotClassic: the chains share the genesis block, not the forks.
func TestMainnetIsNotClassic(t *testing.T) {
	mainnet, _ := ByName("mainnet")
	classic, _ := ByName("etc")
	if err := mainnet.CheckForkID(classic.ForkID(20_000_000, 0), 20_000_000, 1767747671); !errors.Is(err, ErrLocalIncompatibleOrStale) {
		t.Errorf("mainnet on Classic: %v", err)
	}
	if err := classic.CheckForkID(mainnet.ForkID(20_000_000, 1767747671), 20_000_000, 0); !errors.Is(err, ErrLocalIncompatibleOrStale) {
		t.Errorf("Classic on mainnet: %v", err)
	}
}

func TestForkSchedulePassed(t *testing.T) {
	c, _ := ByName("mainnet")
	for _, test := range []struct {
		name         string
		number, time uint64
		want         bool
	}{
		{"londonBlock", 12_964_999, 0, false},
		{"londonBlock", 12_965_000, 0, true},
		{"shanghaiTime", 20_000_000, 1681338454, false},
		{"shanghaiTime", 20_000_000, 1681338455, true},
		{"nosuchBlock", math.MaxUint64, math.MaxUint64, false},
	} {
		if have := c.Forks.Passed(test.name, test.number, test.time); have != test.want {
			t.Errorf("%s at %d, %d: %v", test.name, test.number, test.time, have)
		}
	}
	if s := (ForkID{[4]byte{7, 0xc9, 0x46, 0x2e}, 5}).String(); s != "0x07c9462e/5" {
		t.Error(s)
	}
}

// FuzzCheckForkID: whatever a peer announces, the check ends, and in one of three ways;
// a peer that is where we are passes unless it names a fork that we are beyond.
func FuzzCheckForkID(f *testing.F) {
	f.Add(uint64(7_280_000), uint64(0), []byte{0xa0, 0x0b, 0xc3, 0x24}, uint64(7_280_000))
	f.Add(uint64(20_000_000), uint64(1681338455), []byte{0xdc, 0xe9, 0x6c, 0x2d}, uint64(math.MaxUint64))
	c, _ := ByName("sepolia")
	f.Fuzz(func(t *testing.T, number, time uint64, sum []byte, next uint64) {
		remote := ForkID{Next: next}
		copy(remote.Hash[:], sum)
		err := c.CheckForkID(remote, number, time)
		if err != nil && !errors.Is(err, ErrRemoteStale) && !errors.Is(err, ErrLocalIncompatibleOrStale) {
			t.Fatal(err)
		}
		ours := c.ForkID(number, time)
		if err := c.CheckForkID(ForkID{ours.Hash, max(number, time, next)}, number, time); err != nil && max(number, time) < next {
			t.Fatalf("a peer at our place, next fork in the future: %v", err)
		}
		if err := c.CheckForkID(ours, number, time); err != nil {
			t.Fatalf("a peer like ourselves: %v", err)
		}
	})
}
