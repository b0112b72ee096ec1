// SPDX-License-Identifier: Apache-2.0

package head

import (
	"strings"
	"testing"

	"github.com/ethpeer/ethpeer/types"
)

func TestParseChoice(t *testing.T) {
	digits := strings.Repeat("ab", 32)
	fixed := types.Hash{}
	for i := range fixed {
		fixed[i] = 0xab
	}
	for text, want := range map[string]Choice{
		"auto":                        {},
		"gossip":                      {Gossip: true},
		"engine":                      {Engine: true},
		"peers, light":                {Light: true, Peers: true},
		"light,engine,peers":          {Engine: true, Light: true, Peers: true},
		"fixed:0x" + digits:           {Fixed: fixed},
		"fixed:" + digits + ",engine": {Engine: true, Fixed: fixed},
	} {
		c, err := ParseChoice(text)
		if err != nil || c != want {
			t.Errorf("%q: %+v, %v", text, c, err)
		}
		if again, err := ParseChoice(c.String()); err != nil || again != c {
			t.Errorf("%q is written as %q, which is %+v, %v", text, c, again, err)
		}
	}
	for text, want := range map[string]string{
		"":                                 `"" is no source`,
		"geth":                             `"geth" is no source`,
		"auto,light":                       "auto cannot be combined",
		"light,auto":                       "auto cannot be combined",
		"fixed":                            "fixed needs the hash",
		"light:1":                          "only fixed has a value",
		"fixed:12":                         "64 hexadecimal digits",
		"fixed:0x" + digits + "00":         "64 hexadecimal digits",
		"fixed:" + digits[1:] + "g":        "64 hexadecimal digits",
		"fixed:" + digits + ",peers":       "fixed and peers cannot be combined",
		"gossip,peers":                     "gossip cannot be combined",
		"gossip,light":                     "gossip cannot be combined",
		"fixed:" + digits + ",gossip":      "gossip cannot be combined",
		"fixed:" + strings.Repeat("0", 64): "hash zero",
	} {
		if c, err := ParseChoice(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %+v, %v; want %q", text, c, err, want)
		}
	}
}

func TestResolveChoice(t *testing.T) {
	for _, test := range []struct {
		head                   string
		gossips, engine, light bool
		want                   string // sources, or a part of the error
	}{
		{"auto", true, true, true, "gossip"},
		{"auto", false, false, false, "peers"},
		{"auto", false, true, false, "engine peers"},
		{"auto", false, true, true, "engine light peers"},
		{"light", false, false, true, "light"},
		{"peers,engine", false, false, false, "engine peers"},
		{"peers", true, false, false, "peers"},
		{"gossip", false, false, false, "do not gossip"},
		{"engine", true, true, false, "no consensus layer"},
		{"light", true, false, true, "no consensus layer"},
		{"light", false, false, false, "--beacon URL"},
		{"fixed:" + strings.Repeat("ab", 32), true, false, false, "fixed"},
	} {
		c, err := ParseChoice(test.head)
		if err != nil {
			t.Fatal(err)
		}
		c, err = c.Resolve(test.gossips, test.engine, test.light)
		got := strings.Join(c.Sources(), " ")
		if err != nil {
			got = err.Error()
		}
		if got != test.want && (err == nil || !strings.Contains(got, test.want)) {
			t.Errorf("%+v: %s", test, got)
		}
	}
}
