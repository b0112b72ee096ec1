// SPDX-License-Identifier: Apache-2.0

package light

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// maxFacts bounds a network file and the answers that ParseFacts reads, bytes.
const maxFacts = 64 << 10

// ParseNetwork reads a network from a JSON file:
//
//	{"name": "devnet", "genesis_validators_root": "0x…", "genesis_time": 1700000000, "seconds_per_slot": 12,
//	 "preset": {"SLOTS_PER_EPOCH": 32, "EPOCHS_PER_SYNC_COMMITTEE_PERIOD": 256, "SYNC_COMMITTEE_SIZE": 512},
//	 "forks": [{"name": "altair", "epoch": 0, "version": "0x01000000"}]}
//
// Other keys are skipped. b has at most 64 KiB.
func ParseNetwork(b []byte) (Network, error) {
	var j struct {
		Name           string  `json:"name"`
		ValidatorsRoot Root    `json:"genesis_validators_root"`
		GenesisTime    decimal `json:"genesis_time"`
		SecondsPerSlot decimal `json:"seconds_per_slot"`
		Preset         struct {
			SlotsPerEpoch   decimal `json:"SLOTS_PER_EPOCH"`
			EpochsPerPeriod decimal `json:"EPOCHS_PER_SYNC_COMMITTEE_PERIOD"`
			CommitteeSize   decimal `json:"SYNC_COMMITTEE_SIZE"`
		} `json:"preset"`
		Forks []struct {
			Name    string  `json:"name"`
			Epoch   decimal `json:"epoch"`
			Version version `json:"version"`
		} `json:"forks"`
	}
	if len(b) > maxFacts {
		return Network{}, fmt.Errorf("light: a network file of %d bytes, more than %d", len(b), maxFacts)
	}
	if err := json.Unmarshal(b, &j); err != nil {
		return Network{}, fmt.Errorf("light: network file: %w", err)
	}
	n := Network{
		Name: j.Name, ValidatorsRoot: j.ValidatorsRoot, GenesisTime: uint64(j.GenesisTime), SecondsPerSlot: uint64(j.SecondsPerSlot),
		Preset: preset(j.Preset.SlotsPerEpoch, j.Preset.EpochsPerPeriod, j.Preset.CommitteeSize),
	}
	for _, f := range j.Forks {
		n.Forks = append(n.Forks, Fork{Name: strings.ToLower(f.Name), Epoch: uint64(f.Epoch), Version: f.Version})
	}
	if n.Name == "" {
		n.Name = "custom"
	}
	return n, n.Check()
}

// ParseFacts reads a network from two answers of a beacon node: /eth/v1/config/spec and /eth/v1/beacon/genesis. The package
// documentation says what a node that lies here achieves. Each has at most 64 KiB.
func ParseFacts(spec, genesis []byte) (Network, error) {
	var s struct {
		Data map[string]json.RawMessage `json:"data"`
	}
	var g struct {
		Data struct {
			Time           decimal `json:"genesis_time"`
			ValidatorsRoot Root    `json:"genesis_validators_root"`
		} `json:"data"`
	}
	if len(spec) > maxFacts || len(genesis) > maxFacts {
		return Network{}, fmt.Errorf("light: network facts of more than %d bytes", maxFacts)
	}
	if err := errors.Join(json.Unmarshal(spec, &s), json.Unmarshal(genesis, &g)); err != nil {
		return Network{}, fmt.Errorf("light: network facts: %w", err)
	}
	get := func(key string) (d decimal) {
		json.Unmarshal(s.Data[key], &d) // what is missing or no number is 0, which Check refuses
		return d
	}
	n := Network{
		Name: "custom", ValidatorsRoot: g.Data.ValidatorsRoot, GenesisTime: uint64(g.Data.Time), SecondsPerSlot: uint64(get("SECONDS_PER_SLOT")),
		Preset: preset(get("SLOTS_PER_EPOCH"), get("EPOCHS_PER_SYNC_COMMITTEE_PERIOD"), get("SYNC_COMMITTEE_SIZE")),
	}
	if d := get("SLOT_DURATION_MS"); n.SecondsPerSlot == 0 && d%1000 == 0 {
		n.SecondsPerSlot = uint64(d / 1000)
	}
	var err error
	if n.Forks, err = forksOf(s.Data); err != nil {
		return Network{}, err
	}
	return n, n.Check()
}

// forksOf reads the forks out of NAME_FORK_EPOCH and NAME_FORK_VERSION. Forks without an epoch (FAR_FUTURE_EPOCH) are left out.
func forksOf(spec map[string]json.RawMessage) (forks []Fork, err error) {
	for key, raw := range spec {
		name, ok := strings.CutSuffix(key, "_FORK_VERSION")
		if !ok {
			continue
		}
		epoch, v := decimal(0), version{}
		if name == "GENESIS" {
			name = "PHASE0"
		} else if err := json.Unmarshal(spec[name+"_FORK_EPOCH"], &epoch); err != nil {
			continue // not planned
		}
		if err := json.Unmarshal(raw, &v); err != nil {
			return nil, fmt.Errorf("light: network facts: %.60s: %w", key, err)
		}
		if epoch != math.MaxUint64 {
			forks = append(forks, Fork{Name: strings.ToLower(name), Epoch: uint64(epoch), Version: v})
		}
	}
	slices.SortFunc(forks, func(a, b Fork) int {
		if c := compare(a.Epoch, b.Epoch); c != 0 {
			return c
		}
		return slices.IndexFunc(layouts, func(l layout) bool { return l.name == a.Name }) - slices.IndexFunc(layouts, func(l layout) bool { return l.name == b.Name })
	})
	return forks, nil
}

func preset(slots, epochs, size decimal) Preset {
	return Preset{SlotsPerEpoch: uint64(slots), EpochsPerPeriod: uint64(epochs), CommitteeSize: int(min(size, 1<<16))}
}

type version [4]byte

func (v *version) UnmarshalText(b []byte) error { return unhexText(v[:], b) }
