// SPDX-License-Identifier: Apache-2.0

package params

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// good is a genesis file in which the tests below replace a piece.
const good = `{
 "config": {"chainId": 5, "londonBlock": 0},
 "difficulty": "1", "gasLimit": "0x10", "nonce": "0x0", "extraData": "0x",
 "alloc": {"0x1000000000000000000000000000000000000001": {"balance": "1", "storage": {"0x01": "0x02"}}}
}`

// TestGenesisErrors: a file that cannot be right is refused with the field, what is wrong
// with it, and what to do.
func TestGenesisErrors(t *testing.T) {
	if _, err := ParseGenesis([]byte(good)); err != nil {
		t.Fatal(err)
	}
	many := strings.Repeat("1", 79)
	for _, test := range []struct{ old, new, field, problem string }{
		{good, ``, "", "line 1, column 0: unexpected end of JSON input; is this a genesis.json?"},
		{`"difficulty"`, `difficulty`, "", "line 3, column 2: invalid character 'd' looking for beginning of object key string"},
		{good, good + "x", "", "line 5, column 2: invalid character 'x' after top-level value"},
		{good, `[]`, "", "want an object, {…}, have []"},
		{good, `null`, "", "want an object, {…}, have null"},
		{good, strings.Repeat("[", 20000), "", "exceeded max depth"},

		{`"config"`, `"konfig"`, "config", "is missing; add it"},
		{`{"chainId": 5, "londonBlock": 0}`, `7`, "config", "want an object, {…}, have 7"},
		{`"chainId": 5,`, ``, "config.chainId", "is missing; add the number"},
		{`"chainId": 5`, `"chainId": null`, "config.chainId", "is missing"},
		{`"chainId": 5`, `"chainId": "5x"`, "config.chainId", `"5x" is no whole number; write it like 1337 or "0x539"`},
		{`"chainId": 5`, `"chainId": 18446744073709551616`, "config.chainId", "has more than 64 bits"},
		{`"chainId": 5`, `"chainId": -5`, "config.chainId", "-5 is no whole number"},
		{`"chainId": 5`, `"chainId": 5, "networkId": {}`, "config.networkId", "{} is no whole number"},
		{`"chainId": 5`, `"chainId": 5, "CHAINID": 6`, "config.CHAINID", "is there twice; remove one"},
		{`"chainId": 5`, `"chainId": 5, "terminalTotalDifficulty": 1.5`, "config.terminalTotalDifficulty", "1.5 is no whole number"},
		{`"chainId": 5`, `"chainId": 5, "enableUBTAtGenesis": true`, "config.enableUBTAtGenesis", "another tree than the Merkle-Patricia trie is not supported"},
		{`"londonBlock": 0`, `"londonBlock": true`, "config.londonBlock", "true is no whole number"},
		{`"londonBlock": 0`, `"otherBlock": 1e3`, "config.otherBlock", "1e3 is no whole number"},
		{`"londonBlock": 0`, manyForks(201), "config", "has 201 forks, more than 200; remove"},
		{`"londonBlock": 0`, `"londonBlock": 0, "cancunTime": 0`, "config.cancunTime", "is past at genesis while shanghaiTime is not; change one"},
		{`"londonBlock": 0`, `"londonBlock": 0, "shanghaiTime": 0, "pragueTime": 0`, "config.pragueTime", "while cancunTime is not"},

		{`"difficulty": "1",`, ``, "difficulty", "is missing; add it"},
		{`"difficulty": "1"`, `"difficulty": "0x"`, "difficulty", `"0x" is no whole number`},
		{`"difficulty": "1"`, `"difficulty": "` + many + `"`, "difficulty", "has more than 256 bits"},
		{`"difficulty": "1"`, `"difficulty": "0x1` + strings.Repeat("0", 64) + `"`, "difficulty", "has more than 256 bits"},
		{`"gasLimit": "0x10",`, ``, "gasLimit", "is missing; add it"},
		{`"nonce": "0x0"`, `"nonce": "\u0000"`, "nonce", "is no whole number"},
		{`"nonce": "0x0"`, `"number": 1`, "number", "is 1; a chain begins with block 0: remove"},
		{`"nonce": "0x0"`, `"timestamp": "soon"`, "timestamp", `"soon" is no whole number`},
		{`"nonce": "0x0"`, `"baseFeePerGas": "x"`, "baseFeePerGas", "is no whole number"},
		{`"nonce": "0x0"`, `"excessBlobGas": 1`, "excessBlobGas", "is of no use before Cancun; remove it"},
		{`"extraData": "0x"`, `"extraData": 5`, "extraData", "want a string, have 5"},
		{`"extraData": "0x"`, `"extraData": "00"`, "extraData", "does not begin with 0x; write 0x before"},
		{`"extraData": "0x"`, `"extraData": "0x123"`, "extraData", "has an odd number of digits; put a 0"},
		{`"extraData": "0x"`, `"extraData": "0xgg"`, "extraData", "is not hexadecimal; use the digits"},
		{`"extraData": "0x"`, `"mixHash": "0x1234"`, "mixHash", "has 2 bytes, want 32; write 0x and 64 digits"},
		{`"extraData": "0x"`, `"coinbase": "0x1234"`, "coinbase", "has 2 bytes, want 20"},
		{`"extraData": "0x"`, `"parentHash": ""`, "parentHash", "has 0 bytes, want 32"},

		{`"0x1000000000000000000000000000000000000001"`, "\"\\u001b[2J\u009b\"", "alloc.?[2J?", "is no address"},
		{`"alloc"`, `"allocation"`, "alloc", "is missing; add it, {} for no accounts"},
		{`"0x1000000000000000000000000000000000000001": {`, `"0x1234": {`, "alloc.0x1234", "is no address; write 40 hexadecimal digits"},
		{`"0x1000000000000000000000000000000000000001": {"balance"`, `"0x1000000000000000000000000000000000000001": {"b"`, "alloc.0x1000000000000000000000000000000000000001.balance", "is missing; add it"},
		{`"alloc": {`, `"alloc": {"1000000000000000000000000000000000000001": {"balance": "1"}, `, "alloc.0x1000000000000000000000000000000000000001", "is there twice"},
		{`"balance": "1"`, `"balance": "1", "nonce": "x"`, "alloc.0x1000000000000000000000000000000000000001.nonce", "is no whole number"},
		{`"balance": "1"`, `"balance": "1", "code": "6001"`, "alloc.0x1000000000000000000000000000000000000001.code", "does not begin with 0x"},
		{`"balance": "1", "storage": {"0x01": "0x02"}`, `"balance": "-1"`, "alloc.0x1000000000000000000000000000000000000001.balance", "is no whole number"},
		{`{"0x01": "0x02"}`, `[]`, "alloc.0x1000000000000000000000000000000000000001.storage", "want an object"},
		{`"0x01": "0x02"`, `"0x01": "0x02", "01": "0x03"`, "alloc.0x1000000000000000000000000000000000000001.storage.01", "is there twice"},
		{`"0x01": "0x02"`, `"0x1": "0x02"`, "alloc.0x1000000000000000000000000000000000000001.storage.0x1", "is no storage slot or value"},
		{`"0x01": "0x02"`, `"0x01": 2`, "alloc.0x1000000000000000000000000000000000000001.storage.0x01", "want a string, have 2"},
		{`"0x01": "0x02"`, `"0x01": "0x` + strings.Repeat("00", 33) + `"`, "alloc.0x1000000000000000000000000000000000000001.storage.0x01", "write up to 64"},
	} {
		file := strings.Replace(good, test.old, test.new, 1)
		_, err := ParseGenesis([]byte(file))
		var where *GenesisError
		if !errors.As(err, &where) || where.Field != test.field || !strings.Contains(where.Problem, test.problem) {
			t.Errorf("%.80s\n have %v\n want %s: %s", test.new, err, test.field, test.problem)
		}
	}
	if _, err := ParseGenesis(make([]byte, MaxGenesisSize+1)); err == nil || !strings.Contains(err.Error(), "genesis file: has 67108865 bytes") {
		t.Errorf("file that is too large: %v", err)
	}
}

// manyForks returns config keys of n forks.
func manyForks(n int) string {
	var keys []string
	for i := range n {
		keys = append(keys, `"x`+strings.Repeat("y", i)+`Block": 1`)
	}
	return strings.Join(keys, ", ")
}

// TestGenesisTruncated: no part of a file is a file.
func TestGenesisTruncated(t *testing.T) {
	for n := range good {
		if _, err := ParseGenesis([]byte(good[:n])); err == nil {
			t.Errorf("%d bytes of %d are a genesis file", n, len(good))
		}
	}
}

// TestGenesisForks: which keys of a config are forks.
func TestGenesisForks(t *testing.T) {
	file := strings.Replace(good, `"londonBlock": 0`, `
		"homesteadBlock": 0, "londonblock": 7, "DAOForkBlock": null, "mergeNetsplitBlock": "0x9", "terminalTotalDifficulty": "58750000000000000000000",
		"osakaTime": 70, "shanghaiTime": 50, "ramanujanBlock": 8, "keplerTime": 60, "Block": 3, "Time": 4, "nameTime": "soon", "blockReward": 5,
		"classicForkBlock": 1920000, "ecbp1100FBlock": 11380000, "nullTime": null, "clique": {"period": 1, "innerBlock": 5},
		"blobSchedule": {"cancun": {"target": 3, "max": 6, "baseFeeUpdateFraction": 1}}, "terminalBlockHash": "0x00"`, 1)
	file = strings.NewReplacer(`"nonce": "0x0"`, `"timestamp": "10"`, `"extraData": "0x"`, signers(117)).Replace(file)
	c, err := ParseGenesis([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	want := ForkSchedule{
		Blocks: []Fork{{"homesteadBlock", 0}, {"londonBlock", 7}, {"ramanujanBlock", 8}, {"mergeNetsplitBlock", 9}},
		Times:  []Fork{{"shanghaiTime", 50}, {"keplerTime", 60}, {"osakaTime", 70}},
	}
	if !slices.Equal(c.Forks.Blocks, want.Blocks) || !slices.Equal(c.Forks.Times, want.Times) {
		t.Errorf("forks %v", c.Forks)
	}
	if strings.Join(c.UnknownForks, " ") != "ramanujanBlock keplerTime" {
		t.Errorf("unknown %v", c.UnknownForks)
	}
	if c.Terminal == nil || c.Terminal.Dec() != "58750000000000000000000" || c.Name != "custom" || c.ChainID != 5 || c.NetworkID != 5 || c.GenesisTime != 10 {
		t.Errorf("%+v", c)
	}
	if id := c.ForkID(9, 55); id.Next != 60 {
		t.Errorf("fork ID %s", id)
	}
	c, err = ParseGenesis([]byte(strings.Replace(good, `"londonBlock": 0`, `"networkId": 77`, 1)))
	if err != nil || c.NetworkID != 77 || c.ChainID != 5 || c.Terminal != nil {
		t.Errorf("%+v, %v", c, err)
	}
}

// FuzzParseGenesis: any file ends in a chain whose genesis header has its hash, or in an
// error that is one of ours.
func FuzzParseGenesis(f *testing.F) {
	f.Add([]byte(good))
	for _, name := range []string{"forms.json", "clique.json", "cancun-blobs.json", "amsterdam-slot.json"} {
		f.Add(readFile(f, name))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		c, err := ParseGenesis(file)
		if err != nil {
			var ours *GenesisError
			if !errors.As(err, &ours) || ours.Problem == "" {
				t.Fatal(err)
			}
			return
		}
		checkChain(t, c)
		for _, w := range c.Warnings {
			if strings.ContainsFunc(w, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Fatalf("warning %q", w)
			}
		}
		if len(c.Warnings) > maxWarnings {
			t.Fatalf("%d warnings", len(c.Warnings))
		}
	})
}
