// SPDX-License-Identifier: Apache-2.0

package params

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
)

// tidy is a genesis file without anything to warn of.
const tidy = `{
 "config": {"chainId": 5, "homesteadBlock": 0, "eip150Block": 0, "eip155Block": 0, "eip158Block": 0, "byzantiumBlock": 0,
  "constantinopleBlock": 0, "petersburgBlock": 0, "istanbulBlock": 0, "berlinBlock": 0, "londonBlock": 0},
 "difficulty": "1", "gasLimit": "0x10", "extraData": "0x", "timestamp": "100", "alloc": {}
}`

const cancun = `"londonBlock": 0, "terminalTotalDifficulty": 0, "shanghaiTime": 0, "cancunTime": 0`

func blobsOf(fork string) string {
	return `"` + fork + `": {"target": 3, "max": 6, "baseFeeUpdateFraction": 3338477}`
}

// signers is extraData of so many bytes.
func signers(bytes int) string { return `"extraData": "0x` + strings.Repeat("11", bytes) + `"` }

// sealed is tidy with clique and extraData of so many bytes.
func sealed(bytes int) string {
	return strings.NewReplacer(`"londonBlock": 0`, `"londonBlock": 0, "clique": {}`, `"extraData": "0x"`, signers(bytes)).Replace(tidy)
}

// TestChainsThatCannotBeFollowed: a file whose chain we would misunderstand is refused.
func TestChainsThatCannotBeFollowed(t *testing.T) {
	london, digest := `"londonBlock": 0`, strings.TrimPrefix(bftDigest.String(), "0x")
	for _, test := range []struct{ old, new, field, problem string }{
		{london, london + `, "ibft2": {}, "qbft": {"startblock": 100}`, "config.qbft", "hashes its blocks in two ways"},
		{london, london + `, "aura": {}`, "config.aura", "other fields than Ethereum's"},
		{london, london + `, "authorityRound": {}`, "config.authorityRound", "other fields"},
		{london, london + `, "XDPoS": {}`, "config.xdpos", "other fields"},
		{london, london + `, "parlia": {"period": 3, "epoch": 200}`, "config.parlia", "0x0b"},
		{london, london + `, "arbitrum": {}`, "config.arbitrum", "no network of peers"},
		{`"extraData"`, `"mixHash": "0x` + digest + `", "extraData"`, "mixHash", "is that of Istanbul BFT, and config names no engine"},
		{london, london + `, "enableVerkleAtGenesis": true`, "config.enableVerkleAtGenesis", "another tree"},
		{london, london + `, "enableUBTAtGenesis": true`, "config.enableUBTAtGenesis", "another tree"},
		{london, london + `, "verkleTime": 100`, "config.verkleTime", "another tree"},
		{`{
 "config"`, `{"engine": {"Ethash": {}}, "konfig"`, "engine", "a chain specification of Nethermind"},

		{`"berlinBlock": 0, "londonBlock": 0`, `"berlinBlock": 6, "londonBlock": 5`, "config.londonBlock", "is 5, before berlinBlock at 6"},
		{`"homesteadBlock": 0`, `"homesteadBlock": 1`, "config.eip150Block", "is 0, before homesteadBlock at 1"},
		{london, london + `, "terminalTotalDifficulty": 0, "shanghaiTime": 50, "osakaTime": 49`, "config.osakaTime", "is 49, before shanghaiTime at 50; no client"},
		{london, cancun + `, "bpo1Time": 9, "amsterdamTime": 8`, "config.amsterdamTime", "is 8, before bpo1Time at 9"},
		{london, cancun + `, "bpo2Time": 7, "bpo3Time": 6`, "config.bpo3Time", "is 6, before bpo2Time at 7"},

		{london, london + `, "clique": {"period": 5}`, "extraData", "has 0 bytes; clique wants 32, then 20 for each signer, then 65"},
		{tidy, sealed(116), "extraData", "has 116 bytes"},
		{tidy, sealed(96), "extraData", "has 96 bytes"},
		{london, london + `, "clique": 5`, "config.clique", "want an object"},
		{london, london + `, "clique": {"period": -1}`, "config.clique.period", "is no whole number"},
		{london, london + `, "clique": {"epochLength": 18446744073709551616}`, "config.clique.epochlength", "more than 64 bits"},
		{london, london + `, "ethash": {"fixedDifficulty": "x"}`, "config.ethash.fixeddifficulty", "is no whole number"},

		{london, cancun + `, "blobSchedule": 1`, "config.blobSchedule", "want an object"},
		{london, cancun + `, "blobSchedule": {` + blobsOf("cancun") + `, ` + blobsOf("Cancun") + `}`, "config.blobSchedule.Cancun", "is there twice"},
		{london, cancun + `, "blobSchedule": {"cancun": {"target": 3, "max": 6}}`, "config.blobSchedule.cancun.baseFeeUpdateFraction", "is missing; add it"},
		{london, cancun + `, "blobSchedule": {"cancun": {"max": 6, "baseFeeUpdateFraction": 1}}`, "config.blobSchedule.cancun.target", "is missing"},
		{london, cancun + `, "blobSchedule": {"cancun": {"target": 3, "max": 6, "baseFeeUpdateFraction": 0}}`, "config.blobSchedule.cancun.baseFeeUpdateFraction", "is 0"},
		{london, cancun + `, "blobSchedule": {"cancun": {"target": -3, "max": 6, "baseFeeUpdateFraction": 1}}`, "config.blobSchedule.cancun.target", "is no whole number"},
	} {
		file := strings.Replace(tidy, test.old, test.new, 1)
		_, err := ParseGenesis([]byte(file))
		var where *GenesisError
		if !errors.As(err, &where) || where.Field != test.field || !strings.Contains(where.Problem, test.problem) {
			t.Errorf("%.90s\n have %v\n want %s: %s", test.new, err, test.field, test.problem)
		}
	}
}

// TestWarnings: what works in part, or with some clients, is accepted with one line for each.
func TestWarnings(t *testing.T) {
	london := `"londonBlock": 0`
	for _, test := range []struct{ old, new, warning string }{
		{tidy, tidy, ""},
		{london, cancun + `, "blobSchedule": {` + blobsOf("cancun") + `}`, ""},
		{london, cancun + `, "pragueTime": 9, "amsterdamTime": 10, "blobSchedule": {` + blobsOf("cancun") + `, ` + blobsOf("prague") + `, ` + blobsOf("osaka") + `}`, ""},
		{`"homesteadBlock": 0, `, `"homesteadBlock": 0, "daoForkBlock": 0, `, ""},
		{london, london + `, "ethash": {}, "checkpoint": {}, "transitions": {}, "clique": null, "enableUBTAtGenesis": false, "terminalTotalDifficulty": 7`, ""},
		{london, london + `, "verkleTime": null, "newTime": null`, ""},

		{london, london + `, "bor": {"jaipurBlock": 5}`, "config.bor: Polygon's nodes announce eth/69 with a Status that eth/69 does not have: only eth/68 works"},
		{london, london + `, "optimism": {"eip1559Elasticity": 6}`, "config.optimism: its nodes do not gossip"},
		{london, london + `, "newEngine": {}`, "config.newEngine: is not known to ethpeer"},
		{tidy, strings.Replace(sealed(117), `"clique"`, `"ethash": {}, "clique"`, 1), "config: has clique and ethash: geth follows clique"},
		{tidy, sealed(117), ""},
		{tidy, sealed(97), "extraData: names no signer"},
		{`"chainId": 5`, `"chainId": 0`, "config.chainId: is 0"},
		{london, london + `, "keplerTime": 101, "terminalTotalDifficulty": 0`, "config.keplerTime: is a fork that geth does not have"},
		{london, london + `, "ramanujanBlock": 0`, "config.ramanujanBlock: is a fork that geth does not have"},
		{london, london + `, "ramanujanBlock": "0x5"`, "config.ramanujanBlock: ends like a fork and is no number"},
		{london, london + `, "verkleTime": 101, "terminalTotalDifficulty": 0`, "config.verkleTime: is a fork that geth does not have"},

		{`"homesteadBlock": 0, "eip150Block": 0, `, ``, "config.homesteadBlock: is missing while eip155Block is set: geth does not start"},
		{`"istanbulBlock": 0, `, ``, "config.istanbulBlock: is missing while berlinBlock is set"},
		{london, `"terminalTotalDifficulty": 0, "shanghaiTime": 100`, "config.londonBlock: is missing while shanghaiTime is set"},
		{london, london + `, "terminalTotalDifficulty": 0, "osakaTime": 100`, "config.shanghaiTime: is missing while osakaTime is set"},
		{london, `"londonBlock": 1681338455`, "config.londonBlock: is a block number, and 1681338455 is more like a time"},
		{london, london + `, "shanghaiTime": 7`, "config.terminalTotalDifficulty: is missing while shanghaiTime is set"},

		{london, cancun, "config.blobSchedule.cancun: is missing while cancunTime is set: new clients do not start with this file; mainnet's limits are used, 3 and 6"},
		{london, cancun + `, "pragueTime": 5, "blobSchedule": {` + blobsOf("cancun") + `}`, "config.blobSchedule.prague: is missing while pragueTime is set: new clients do not start with this file; mainnet's limits are used, 6 and 9"},
		{london, cancun + `, "bpo2Time": 5, "blobSchedule": {` + blobsOf("cancun") + `}`, "config.blobSchedule.bpo2: is missing while bpo2Time is set: geth does not start with this file; the limits of the fork before"},
		{london, cancun + `, "blobSchedule": {` + blobsOf("cancun") + `, ` + blobsOf("gotham") + `}`, "config.blobSchedule.gotham: is no fork that ethpeer knows"},
		{london, cancun + `, "blobSchedule": {"cancun": {"target": 7, "max": 6, "baseFeeUpdateFraction": 1}}`, "config.blobSchedule.cancun: has a target of 7 blobs, more than the most that a block may have, 6"},
		{`"berlinBlock": 0, "londonBlock": 0}`, `"berlinBlock": 0}, "baseFeePerGas": 5`, "baseFeePerGas: counts before London"},
	} {
		file := strings.Replace(tidy, test.old, test.new, 1)
		c, err := ParseGenesis([]byte(file))
		switch {
		case err != nil:
			t.Errorf("%.90s: %v", test.new, err)
		case test.warning == "" && len(c.Warnings) > 0, test.warning != "" && len(c.Warnings) != 1:
			t.Errorf("%.90s: warnings %q, want %q", test.new, c.Warnings, test.warning)
		case test.warning != "" && !strings.HasPrefix(c.Warnings[0], test.warning):
			t.Errorf("%.90s\n have %s\n want %s", test.new, c.Warnings[0], test.warning)
		}
	}
	many := parse(t, manyForks(25))
	if n := len(many.Warnings); n != 20 || many.Warnings[19] != "config: 6 more warnings" {
		t.Errorf("%d warnings, the last is %q", n, many.Warnings[n-1])
	}
	if c := parse(t, `"\u001b[2J\nBlock": 1500000000`); !strings.HasPrefix(c.Warnings[0], "config.?[2J?Block: is a fork") || !strings.HasPrefix(c.Warnings[1], "config.?[2J?Block: is a block number") {
		t.Errorf("%q", c.Warnings)
	}
	for _, name := range Names() {
		if c, _ := ByName(name); len(c.Warnings) > 0 {
			t.Errorf("%s: %q", name, c.Warnings)
		}
	}
}

// TestFilesWithoutWarnings: the files of testdata that clients start with have no warning.
func TestFilesWithoutWarnings(t *testing.T) {
	about := map[string]string{
		"berlin-basefee.json": "baseFeePerGas: counts before London",
		"cancun-blobs.json":   "", "shanghai.json": "", "clique.json": "", "empty.json": "", "forms.json": "", "osaka.json": "",
		"amsterdam.json": "", "amsterdam-slot.json": "", "london.json": "", "london-fee.json": "", "london-later.json": "",
		"shanghai-without-london.json": "",
	}
	for _, name := range slices.Sorted(maps.Keys(about)) {
		c, err := ParseGenesis(readFile(t, name))
		if err != nil {
			t.Fatal(err)
		}
		if about[name] == "" && len(c.Warnings) > 0 || about[name] != "" && (len(c.Warnings) != 1 || !strings.HasPrefix(c.Warnings[0], about[name])) {
			t.Errorf("%s: %q", name, c.Warnings)
		}
	}
}
