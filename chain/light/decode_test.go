// SPDX-License-Identifier: Apache-2.0

package light

import (
	"runtime"
	"strings"
	"testing"

	"github.com/ethpeer/ethpeer/internal/test/beacon"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

// TestShapes: an answer is read with data around it or bare, with its keys in any order and unknown ones among them.
func TestShapes(t *testing.T) {
	chain := beacon.New(small())
	raw := string(chain.Finality(23))
	bare := strings.TrimSuffix(raw[strings.Index(raw, `"data":`)+7:], `,"version":"electra"}`)
	for _, text := range []string{raw, bare, `{"version":"electra","x":{"data":1},"data":` + bare + `}`} {
		u := parse(t, []byte(text))
		if u.Attested.Beacon.Slot != 22 || u.SignatureSlot != 23 || u.Finalized == nil || u.Next != nil {
			t.Errorf("%+v", u)
		}
	}
	list, err := ParseUpdates([]byte("["+string(chain.Update(22, 22))+","+string(chain.Update(26, 26))+"]"), 2)
	if err != nil || len(list) != 2 || list[1].Next == nil {
		t.Errorf("%v, %v", list, err)
	}
	if list, err := ParseUpdates([]byte("[]"), 2); err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
}

// TestNotAnAnswer: what is cut or has wrong types is refused.
func TestNotAnAnswer(t *testing.T) {
	chain := beacon.New(small())
	update, bootstrap := chain.Update(23, 23), chain.Bootstrap(23)
	step := 1
	if bubble.Race { // fewer cuts with the race detector: decoding has one goroutine
		step = 13
	}
	for i := 0; i < len(update); i += step {
		if _, err := ParseUpdate(update[:i]); err == nil {
			t.Fatalf("cut at %d", i)
		}
	}
	for i := 0; i < len(bootstrap); i += step {
		if _, err := ParseBootstrap(bootstrap[:i]); err == nil {
			t.Fatalf("cut at %d", i)
		}
	}
	for _, text := range []string{
		"", "null", "7", "[]", "{}", `{"data":null}`, `{"data":{}}`, `{"data":{"attested_header":null}}`, `{"attested_header":{"beacon":{"slot":"-1"}}}`,
		`{"attested_header":{"beacon":{"slot":"18446744073709551616"}}}`, `{"attested_header":{"execution_branch":{}}}`,
		`{"attested_header":{"execution":{"base_fee_per_gas":"` + strings.Repeat("9", 79) + `"}}}`, `{"attested_header":{"execution":{"base_fee_per_gas":"-1"}}}`,
		`{"attested_header":{"execution":{"extra_data":"x"}}}`, `{"attested_header":{"execution":{"logs_bloom":"0x00"}}}`,
		`<html>502 Bad Gateway</html>`,
	} {
		if u, err := ParseUpdate([]byte(text)); err == nil {
			t.Errorf("%s: %+v", text, u)
		}
		if b, err := ParseBootstrap([]byte(text)); err == nil {
			t.Errorf("%s: %+v", text, b)
		}
	}
	for _, text := range []string{"", "{}", "null", "[", "[{}]", "[null]", "[7]", "[" + string(update), "[" + string(update) + "," + string(update) + "]"} {
		if list, err := ParseUpdates([]byte(text), 1); err == nil {
			t.Errorf("%.40s: %v", text, list)
		}
	}
}

// TestListsAreBounded: a megabyte of empty elements takes no more memory than its text and a little.
func TestListsAreBounded(t *testing.T) {
	null := "[null" + strings.Repeat(",null", 200_000) + "]"
	empty := "[{}" + strings.Repeat(",{}", 300_000) + "]"
	for name, f := range map[string]func() error{
		"updates":  func() error { _, err := ParseUpdates([]byte(empty), 1000); return err },
		"no limit": func() error { _, err := ParseUpdates([]byte(null), 1<<30); return err },
		"keys": func() error {
			_, err := ParseBootstrap([]byte(`{"header":{},"current_sync_committee":{"pubkeys":` + null + `}}`))
			return err
		},
		"branch": func() error {
			_, err := ParseUpdate([]byte(`{"attested_header":{"execution_branch":` + null + `}}`))
			return err
		},
		"bits": func() error {
			_, err := ParseUpdate([]byte(`{"attested_header":{},"sync_aggregate":{"sync_committee_bits":"0x` + strings.Repeat("00", 65) + `"}}`))
			return err
		},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := f(); err == nil {
			t.Errorf("%s: no error", name)
		}
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 8<<20 {
			t.Errorf("%s took %d bytes", name, used)
		}
	}
}

// FuzzAnswers: what is read can be verified without a panic, and moves no head that the chain has not.
func FuzzAnswers(f *testing.F) {
	chain := beacon.New(small())
	for _, raw := range [][]byte{
		chain.Bootstrap(20), chain.Update(22, 22), chain.Optimistic(23), chain.Finality(23), []byte("[" + string(chain.Update(22, 22)) + "]"), []byte(`{"data":{"attested_header":{}}}`),
	} {
		f.Add(raw)
	}
	n := networkOf(chain)
	b, err := ParseBootstrap(chain.Bootstrap(20))
	if err != nil {
		f.Fatal(err)
	}
	c, err := Start(&n, chain.At(20).Root, b)
	if err != nil {
		f.Fatal(err)
	}
	state := c.AppendState(nil)
	f.Fuzz(func(t *testing.T, raw []byte) {
		if b, err := ParseBootstrap(raw); err == nil {
			if c, err := Start(&n, chain.At(20).Root, b); err == nil && c.Head().Hash != chain.At(20).Hash {
				t.Fatalf("%+v", c.Head())
			}
		}
		updates, _ := ParseUpdates(raw, 3)
		if u, err2 := ParseUpdate(raw); err2 == nil {
			updates = append(updates, u)
		}
		if len(updates) == 0 {
			return
		}
		c, err := Resume(&n, state)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range updates {
			if _, err := c.Apply(u, 30); err == nil && c.Head().Hash != chain.At(c.Head().Slot).Hash {
				t.Fatalf("%+v", c.Head())
			}
		}
	})
}
