// SPDX-License-Identifier: Apache-2.0

package params

import (
	"slices"
	"strings"
	"testing"
)

func named(t testing.TB, name string) *Chain {
	t.Helper()
	c, ok := ByName(name)
	if !ok {
		t.Fatalf("no chain %s", name)
	}
	return c
}

func TestParseOverride(t *testing.T) {
	c := named(t, "hoodi")
	for text, want := range map[string]Override{
		"amsterdam=1791294816": {Name: "amsterdamTime", At: 1791294816},
		"AmsterdamTime=5":      {Name: "amsterdamTime", At: 5},
		"bpo3=7":               {Name: "bpo3Time", At: 7},
		"london=9":             {Name: "londonBlock", At: 9},
		"eip150Block=9":        {Name: "eip150Block", At: 9},
	} {
		if o, err := c.ParseOverride(text); err != nil || o != want {
			t.Errorf("%q: %+v, %v", text, o, err)
		}
	}
	if o, err := named(t, "classic").ParseOverride("spiral=20000000"); err != nil || o.Name != "spiralBlock" {
		t.Errorf("spiral: %+v, %v", o, err)
	}
	for text, want := range map[string]string{
		"":                               "write NAME=TIME",
		"amsterdam":                      "write NAME=TIME",
		"amsterdam=":                     "no block number and no time",
		"amsterdam=0x5":                  "no block number and no time",
		"amsterdam=-1":                   "no block number and no time",
		"amsterdam=99999999999999999999": "no block number and no time",
		"glamsterdam=5":                  "is not known to ethpeer: it knows",
		"spiral=5":                       "is not known to ethpeer",
		"=5":                             "is not known to ethpeer",
	} {
		if o, err := c.ParseOverride(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %+v, %v; want %q", text, o, err, want)
		}
	}
}

// Sepolia without Amsterdam, which an override sets again at the same time, has the fork IDs of Sepolia. Blob
// limits follow the fork that states them.
func TestOverride(t *testing.T) {
	whole, c := named(t, "sepolia"), named(t, "sepolia")
	at, _ := whole.Forks.At("amsterdamTime")
	c.Forks.Times = slices.DeleteFunc(c.Forks.Times, func(f Fork) bool { return f.Name == "amsterdamTime" })
	if c.ForkID(1<<63, at) == whole.ForkID(1<<63, at) {
		t.Fatal("Amsterdam does not count")
	}
	if err := c.Override(Override{Name: "amsterdamTime", At: at}); err != nil {
		t.Fatal(err)
	}
	for _, time := range []uint64{0, at - 1, at, at + 1} {
		if c.ForkID(1<<63, time) != whole.ForkID(1<<63, time) {
			t.Errorf("at %d: %v, want %v", time, c.ForkID(1<<63, time), whole.ForkID(1<<63, time))
		}
	}
	if err := c.Override(Override{Name: "amsterdamTime", At: at + 10}, Override{Name: "bpo3Time", At: at + 20, Blobs: &Blobs{Target: 20, Max: 30, UpdateFraction: 7}}); err != nil {
		t.Fatal(err)
	}
	if b, _ := c.Blobs(1<<63, at+20); b.Max != 30 || b.Fork != "bpo3Time" {
		t.Errorf("blobs %+v", b)
	}
	if b, _ := c.Blobs(1<<63, at+19); b.Max != 21 {
		t.Errorf("blobs before: %+v", b)
	}
	if r := c.Rules(1<<63, at+9); r.Amsterdam {
		t.Error("Amsterdam has not moved")
	}
	checkChain(t, c)
	if len(c.Warnings) != 0 {
		t.Errorf("warnings %q", c.Warnings)
	}
}

func TestOverrideRefusals(t *testing.T) {
	for _, test := range []struct {
		chain string
		o     Override
		want  string
	}{
		{"hoodi", Override{Name: "cancunTime", At: 1_800_000_000}, "in force from the genesis block on"},
		{"hoodi", Override{Name: "londonBlock", At: 5}, "in force from the genesis block on"},
		{"hoodi", Override{Name: "amsterdamTime", At: 1742212800}, "the fork would change it"},
		{"classic", Override{Name: "homesteadBlock", At: 0}, "the fork would change it"},
		{"hoodi", Override{Name: "amsterdamTime", At: 1742212801}, "no client takes forks in this order"},
		{"mainnet", Override{Name: "pragueTime", At: 1_900_000_000}, "no client takes forks in this order"},
		{"mainnet", Override{Name: "londonBlock", At: 1_000_000}, "no client takes forks in this order"},
		{"mainnet", Override{Name: "bpo3Time", At: 1_765_290_071}, "no client takes forks in this order"},
	} {
		c := named(t, test.chain)
		if err := c.Override(test.o); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %+v: %v; want %q", test.chain, test.o, err, test.want)
		}
		before := named(t, test.chain)
		if !slices.Equal(c.Forks.Times, before.Forks.Times) || !slices.Equal(c.Forks.Blocks, before.Forks.Blocks) {
			t.Errorf("%s %+v: the chain was changed", test.chain, test.o)
		}
	}
	c := named(t, "mainnet")
	last, err := Override{Name: "amsterdamTime", At: 1_800_000_000}, error(nil)
	if err = c.Override(last, Override{Name: "bpo3Time", At: 1_900_000_000}, Override{Name: "bpo4Time", At: 1_850_000_000}); err == nil {
		t.Error("bpo4 before bpo3")
	}
	if err = c.Override(last, Override{Name: "bpo3Time", At: 1_790_000_000}, Override{Name: "bpo4Time", At: 1_850_000_000}); err != nil {
		t.Errorf("bpo3 before Amsterdam, bpo4 after: %v", err)
	}
}
