// SPDX-License-Identifier: Apache-2.0

package light

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestPublicNetworks(t *testing.T) {
	for _, name := range Names() {
		n, ok := ByName(name)
		if !ok || n.Name != name {
			t.Fatalf("%s: %+v", name, n)
		}
		if err := n.Check(); err != nil {
			t.Error(err)
		}
		n.Forks[0].Epoch = 7
		if again, _ := ByName(name); again.Forks[0].Epoch != 0 {
			t.Error("the caller's copy is ours")
		}
		for _, f := range n.Forks {
			if layoutOf(f.Name) == nil {
				t.Errorf("%s: unknown fork %s", name, f.Name)
			}
		}
	}
	if _, ok := ByName("ropsten"); ok {
		t.Error("ropsten is known")
	}
	// The first proof-of-stake slot of mainnet was 4,700,013, at 06:42:59 UTC on 2022-09-15 (block
	// 15,537,394).
	n, _ := ByName("mainnet")
	at := time.Date(2022, 9, 15, 6, 42, 59, 0, time.UTC)
	if got := n.TimeOf(4700013); !got.Equal(at) || n.SlotAt(at) != 4700013 || n.SlotAt(at.Add(-1)) != 4700012 {
		t.Errorf("slot 4700013 is at %v; then it is slot %d", got, n.SlotAt(at))
	}
	if n.SlotAt(time.Time{}) != 0 || n.SlotAt(time.Unix(1, 0)) != 0 || n.PeriodOf(8191) != 0 || n.PeriodOf(8192) != 1 || n.StartOf(3) != 24576 {
		t.Error("slots")
	}
	if got := n.TimeOf(^uint64(0)); got.Year() != 9999 {
		t.Errorf("the last slot is at %v", got)
	}
}

func TestNetworkFile(t *testing.T) {
	good := `{"name":"dev","genesis_validators_root":"0x` + strings.Repeat("ab", 32) + `","genesis_time":"1700000000","seconds_per_slot":3,"more":[1],
		"preset":{"SLOTS_PER_EPOCH":8,"EPOCHS_PER_SYNC_COMMITTEE_PERIOD":8,"SYNC_COMMITTEE_SIZE":32},
		"forks":[{"name":"PHASE0","epoch":0,"version":"0x00000001"},{"name":"altair","epoch":"3","version":"0x01000001"}]}`
	n, err := ParseNetwork([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	if n.Name != "dev" || n.Preset != Minimal || n.GenesisTime != 1700000000 || n.SecondsPerSlot != 3 || len(n.Forks) != 2 ||
		n.Forks[0].Name != "phase0" || n.Forks[1] != (Fork{"altair", 3, [4]byte{1, 0, 0, 1}}) {
		t.Errorf("%+v", n)
	}
	for _, change := range []string{
		`"epoch":"3"|"epoch":"-3"`, `"epoch":0|"epoch":1`, `0x01000001|0x010001`, `0xabab|0xab`, `:32}|:0}`, `:32}|:31}`, `:32}|:1024}`,
		`"seconds_per_slot":3|"seconds_per_slot":0`, `"SLOTS_PER_EPOCH":8|"SLOTS_PER_EPOCH":0`, `{"name":"PHASE0"|{"name":7`,
		`SYNC_COMMITTEE_PERIOD":8|SYNC_COMMITTEE_PERIOD":99999999999`, `"genesis_time":"1700000000"|"genesis_time":"18446744073709551615"`,
		`_root":"0x` + strings.Repeat("ab", 32) + `|_root":"0x` + strings.Repeat("00", 32), `"epoch":0|"epoch":5`,
	} {
		old, changed, _ := strings.Cut(change, "|")
		if !strings.Contains(good, old) {
			t.Fatalf("%s is not in the file", old)
		}
		if _, err := ParseNetwork([]byte(strings.Replace(good, old, changed, 1))); err == nil {
			t.Errorf("with %s there is no error", changed)
		}
	}
	if _, err := ParseNetwork(make([]byte, maxFacts+1)); err == nil {
		t.Error("a long file is read")
	}
}

// TestFacts: what a node says in config/spec and genesis is the network that the file of the recording has.
func TestFacts(t *testing.T) {
	r := load(t, "lodestar-bellatrix-capella-minimal")
	spec := map[string]any{
		"SLOTS_PER_EPOCH": "8", "EPOCHS_PER_SYNC_COMMITTEE_PERIOD": "8", "SYNC_COMMITTEE_SIZE": "32", "SECONDS_PER_SLOT": "2", "GENESIS_FORK_VERSION": "0x00000001",
		"DENEB_FORK_VERSION": "0x04000001", "DENEB_FORK_EPOCH": "18446744073709551615", "EIP7441_FORK_VERSION": "0x08000001", "BLOB_SCHEDULE": []any{},
	}
	for _, f := range r.network.Forks[1:] {
		spec[strings.ToUpper(f.Name)+"_FORK_VERSION"] = fmt.Sprintf("0x%x", f.Version)
		spec[strings.ToUpper(f.Name)+"_FORK_EPOCH"] = fmt.Sprint(f.Epoch)
	}
	facts := func() (Network, error) {
		b, err := json.Marshal(map[string]any{"data": spec})
		if err != nil {
			t.Fatal(err)
		}
		return ParseFacts(b, fmt.Appendf(nil, `{"data":{"genesis_time":"%d","genesis_validators_root":"%v","genesis_fork_version":"0x00000001"}}`,
			r.network.GenesisTime, r.network.ValidatorsRoot))
	}
	for range 20 { // the keys come in any order
		n, err := facts()
		if err != nil {
			t.Fatal(err)
		}
		n.Name = r.network.Name
		if !reflect.DeepEqual(n, r.network) {
			t.Fatalf("%+v, want %+v", n, r.network)
		}
	}
	delete(spec, "SECONDS_PER_SLOT")
	spec["SLOT_DURATION_MS"] = "2000"
	if n, err := facts(); err != nil || n.SecondsPerSlot != 2 {
		t.Errorf("%+v, %v", n, err)
	}
	for key, bad := range map[string]any{"SLOT_DURATION_MS": "2500", "SLOTS_PER_EPOCH": "x", "ALTAIR_FORK_VERSION": "0x01", "SYNC_COMMITTEE_SIZE": nil} {
		good := spec[key]
		spec[key] = bad
		if n, err := facts(); err == nil {
			t.Errorf("%s %v: %+v", key, bad, n)
		}
		spec[key] = good
	}
	if _, err := ParseFacts([]byte("{}"), []byte("{")); err == nil {
		t.Error("no JSON is no error")
	}
}

func TestRoots(t *testing.T) {
	digits := strings.Repeat("5a", 32)
	for _, text := range []string{digits, "0x" + digits} {
		if r, err := ParseRoot(text); err != nil || r.String() != "0x"+digits || r.IsZero() {
			t.Errorf("%s: %v, %v", text, r, err)
		}
	}
	for _, text := range []string{"", "0x", digits[1:], "0x0x" + digits, digits + "00", "g" + digits[1:]} {
		if r, err := ParseRoot(text); err == nil || !r.IsZero() {
			t.Errorf("%q: %v", text, r)
		}
	}
	if new(Root).UnmarshalText([]byte(digits)) == nil {
		t.Error("JSON without 0x")
	}
}
