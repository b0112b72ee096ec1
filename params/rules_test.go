// SPDX-License-Identifier: Apache-2.0

package params

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// active lists the forks of rules by name.
func active(r Rules) string {
	var names []string
	for f, v := range reflect.ValueOf(r).Fields() {
		if f.Type.Kind() == reflect.Bool && v.Bool() {
			names = append(names, f.Name)
		}
	}
	return strings.Join(names, " ")
}

// TestRules: the forks that are active around each fork of the chains by name. The values
// for mainnet, Sepolia and Hoodi are geth's, which interop/oracle compares at every fork.
func TestRules(t *testing.T) {
	const (
		istanbul = "Homestead EIP150 EIP155 EIP158 Byzantium Constantinople Petersburg Istanbul"
		london   = istanbul + " MuirGlacier Berlin London"
	)
	dao := strings.Replace(london, "Homestead", "Homestead DAO", 1)
	for _, test := range []struct {
		chain        string
		number, time uint64
		want         string
		blobs        uint64 // most in a block
	}{
		{"mainnet", 0, 0, "", 0},
		{"mainnet", 1_149_999, 0, "", 0},
		{"mainnet", 1_150_000, 0, "Homestead", 0},
		{"mainnet", 1_920_000, 0, "Homestead DAO", 0},
		{"mainnet", 2_463_000, 0, "Homestead DAO EIP150", 0},
		{"mainnet", 2_675_000, 0, "Homestead DAO EIP150 EIP155 EIP158", 0},
		{"mainnet", 4_370_000, 0, "Homestead DAO EIP150 EIP155 EIP158 Byzantium", 0},
		{"mainnet", 7_280_000, 0, "Homestead DAO EIP150 EIP155 EIP158 Byzantium Constantinople Petersburg", 0},
		{"mainnet", 9_069_000, 0, strings.Replace(istanbul, "Homestead", "Homestead DAO", 1), 0},
		{"mainnet", 12_244_000, math.MaxUint64, strings.TrimSuffix(dao, " London"), 0}, // times count from London on
		{"mainnet", 12_965_000, 0, dao, 0},
		{"mainnet", 13_773_000, 0, dao + " ArrowGlacier", 0},
		{"mainnet", 15_050_000, 1681338454, dao + " ArrowGlacier GrayGlacier", 0},
		{"mainnet", 15_050_000, 1681338455, dao + " ArrowGlacier GrayGlacier Shanghai", 0},
		{"mainnet", 20_000_000, 1710338135, dao + " ArrowGlacier GrayGlacier Shanghai Cancun", 6},
		{"mainnet", 20_000_000, 1746612310, dao + " ArrowGlacier GrayGlacier Shanghai Cancun", 6},
		{"mainnet", 20_000_000, 1746612311, dao + " ArrowGlacier GrayGlacier Shanghai Cancun Prague", 9},
		{"mainnet", 20_000_000, 1764798551, dao + " ArrowGlacier GrayGlacier Shanghai Cancun Prague Osaka", 9},
		{"mainnet", 20_000_000, 1765290071, dao + " ArrowGlacier GrayGlacier Shanghai Cancun Prague Osaka", 15},
		{"mainnet", 20_000_000, math.MaxUint64, dao + " ArrowGlacier GrayGlacier Shanghai Cancun Prague Osaka", 21},
		{"sepolia", 0, 1633267481, london, 0},
		{"sepolia", 5_000_000, 1791294816, london + " Shanghai Cancun Prague Osaka Amsterdam", 21},
		{"hoodi", 0, 1742212800, london + " Shanghai Cancun", 6},
		{"classic", 1_920_000, 0, "Homestead", 0},
		{"classic", 3_000_000, 0, "Homestead EIP150 EIP155", 0},
		{"classic", 8_772_000, 0, "Homestead EIP150 EIP155 EIP158 Byzantium", 0},
		{"classic", 9_573_000, 0, "Homestead EIP150 EIP155 EIP158 Byzantium Constantinople Petersburg", 0},
		{"classic", 10_500_839, 0, istanbul, 0},
		{"classic", 13_189_133, 0, istanbul + " Berlin", 0},
		{"classic", math.MaxUint64, math.MaxUint64, istanbul + " Berlin", 0},
		{"mordor", 0, 0, "Homestead EIP150 EIP155 EIP158 Byzantium", 0},
		{"mordor", 301_243, 0, "Homestead EIP150 EIP155 EIP158 Byzantium Constantinople Petersburg", 0},
	} {
		c, _ := ByName(test.chain)
		r := c.Rules(test.number, test.time)
		if have := active(r); have != test.want || r.Blobs.Max != test.blobs {
			t.Errorf("%s at %d, %d\n have %s, %d blobs\n want %s, %d", test.chain, test.number, test.time, have, r.Blobs.Max, test.want, test.blobs)
		}
	}
}

// TestPetersburgWithoutKey: a file that has Constantinople alone means both, as in geth.
func TestPetersburgWithoutKey(t *testing.T) {
	c := &Chain{Forks: ForkSchedule{Blocks: []Fork{{"constantinopleBlock", 5}}}}
	if c.Rules(4, 0).Petersburg || !c.Rules(5, 0).Petersburg {
		t.Error("without a key Petersburg is not Constantinople")
	}
	c.Forks.Blocks = append(c.Forks.Blocks, Fork{"petersburgBlock", 6})
	if c.Rules(5, 0).Petersburg || !c.Rules(6, 0).Petersburg {
		t.Error("with a key Petersburg is not at its block")
	}
}

func parse(t *testing.T, config string) *Chain {
	t.Helper()
	c, err := ParseGenesis([]byte(strings.Replace(tidy, `"londonBlock": 0`, config, 1)))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestBlobSchedule: the schedule of a file is in the order of the forks, whatever the order
// of the file; forks that never come are left out.
func TestBlobSchedule(t *testing.T) {
	c := parse(t, cancun+`, "pragueTime": 200, "bpo1Time": 300, "blobSchedule": {
		"bpo2": {"target": 90, "max": 91, "baseFeeUpdateFraction": 9}, "bpo1": {"target": "0x7", "max": 8, "baseFeeUpdateFraction": 9},
		"Prague": {"target": 4, "max": 5, "baseFeeUpdateFraction": 6, "other": 1}, "cancun": {"target": 1, "max": 2, "baseFeeUpdateFraction": 3}, "osaka": null}`)
	want := []Blobs{{"cancunTime", 1, 2, 3}, {"pragueTime", 4, 5, 6}, {"bpo1Time", 7, 8, 9}}
	if !slices.Equal(c.BlobSchedule, want) {
		t.Errorf("%v", c.BlobSchedule)
	}
	for i, at := range []uint64{100, 200, 300} {
		if b, ok := c.Blobs(0, at); !ok || b != want[i] {
			t.Errorf("at %d: %v", at, b)
		}
	}
	if c := parse(t, `"londonBlock": 5, "terminalTotalDifficulty": 0, "shanghaiTime": 0, "cancunTime": 0, "blobSchedule": {`+blobsOf("cancun")+`}`); true {
		if b, ok := c.Blobs(4, 1000); ok || b != (Blobs{}) {
			t.Errorf("before London: %v", b)
		}
		if b, ok := c.Blobs(5, 1000); !ok || b.Max != 6 {
			t.Errorf("after London: %v", b)
		}
	}
	if c := parse(t, cancun+`, "pragueTime": 0, "bpo1Time": 0`); !slices.Equal(c.BlobSchedule, mainnetBlobs[:2]) {
		t.Errorf("without a schedule: %v", c.BlobSchedule)
	}
	if b, ok := parse(t, `"londonBlock": 0`).Blobs(math.MaxUint64, math.MaxUint64); ok {
		t.Errorf("without Cancun: %v", b)
	}
}

// TestEngines: clique's and ethash's settings by the names of geth and of Besu.
func TestEngines(t *testing.T) {
	for _, test := range []struct {
		config string
		clique *Clique
		ethash *Ethash
	}{
		{`"londonBlock": 0`, nil, nil},
		{`"clique": {"period": 5, "epoch": 100}`, &Clique{5, 100}, nil},
		{`"clique": {"blockPeriodSeconds": "0x6", "epochlength": 7}`, &Clique{6, 7}, nil},
		{`"clique": {}`, &Clique{0, 30000}, nil},
		{`"clique": {"period": 15, "epoch": 0}`, &Clique{15, 30000}, nil},
		{`"ethash": {}`, nil, &Ethash{}},
		{`"ethash": true`, nil, &Ethash{}},
		{`"ethash": {"fixeddifficulty": 1000}`, nil, &Ethash{1000}},
	} {
		file := strings.Replace(tidy, `"londonBlock": 0`, test.config, 1)
		if test.clique != nil {
			file = strings.Replace(file, `"extraData": "0x"`, signers(137), 1)
		}
		c, err := ParseGenesis([]byte(file))
		if err != nil || !reflect.DeepEqual(c.Clique, test.clique) || !reflect.DeepEqual(c.Ethash, test.ethash) || len(c.Warnings) > 0 {
			t.Errorf("%s: %+v, %v", test.config, c, err)
		}
	}
	for _, name := range Names() {
		if c, _ := ByName(name); c.Ethash == nil || c.Clique != nil {
			t.Errorf("%s has %v, %v", name, c.Ethash, c.Clique)
		}
	}
}

// TestChainsAreApart: what a caller does to a chain stays with it.
func TestChainsAreApart(t *testing.T) {
	a, _ := ByName("mainnet")
	a.BlobSchedule[0].Max, a.Bootnodes[0], a.BootnodesV5[0] = 99, "", ""
	a.Forks.Blocks[0].At, a.Genesis[0] = 99, 99
	a.Terminal.SetUint64(99)
	a.Ethash.FixedDifficulty = 99
	b, _ := ByName("mainnet")
	if b.BlobSchedule[0].Max != 6 || b.Bootnodes[0] == "" || b.BootnodesV5[0] == "" || b.Forks.Blocks[0].At == 99 || b.Genesis[0] == 99 ||
		b.Terminal.IsUint64() || b.Ethash.FixedDifficulty != 0 {
		t.Errorf("%+v", b)
	}
}
