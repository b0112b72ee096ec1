// SPDX-License-Identifier: Apache-2.0

package light

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// A Preset has the sizes of a beacon chain (consensus-specs/presets).
type Preset struct {
	SlotsPerEpoch   uint64
	EpochsPerPeriod uint64 // of a sync committee
	CommitteeSize   int    // validators in it: a power of two, 8 to 512
}

// The presets of the specification.
var (
	Mainnet = Preset{SlotsPerEpoch: 32, EpochsPerPeriod: 256, CommitteeSize: 512}
	Minimal = Preset{SlotsPerEpoch: 8, EpochsPerPeriod: 8, CommitteeSize: 32}
)

// A Fork is a row of a network's fork schedule.
type Fork struct {
	Name    string // lower case: "capella"
	Epoch   uint64 // the first epoch
	Version [4]byte
}

// A Network has what a light client must know of a beacon chain beforehand. It is never changed.
type Network struct {
	Name           string
	Preset         Preset
	ValidatorsRoot Root   // genesis_validators_root
	GenesisTime    uint64 // of slot 0, seconds since 1970
	SecondsPerSlot uint64
	Forks          []Fork // in order of their epochs; the first one at epoch 0
}

// maxForks bounds a schedule.
const maxForks = 64

// Check says what is missing or out of range.
func (n *Network) Check() error {
	p := n.Preset
	var errs []error
	bad := func(wrong bool, format string, args ...any) {
		if wrong {
			errs = append(errs, fmt.Errorf("light: network %.40q: "+format, append([]any{n.Name}, args...)...))
		}
	}
	bad(p.SlotsPerEpoch == 0 || p.SlotsPerEpoch > 1<<16, "%d slots per epoch", p.SlotsPerEpoch)
	bad(p.EpochsPerPeriod == 0 || p.EpochsPerPeriod > 1<<16, "%d epochs per sync committee period", p.EpochsPerPeriod)
	bad(p.CommitteeSize < 8 || p.CommitteeSize > maxCommittee || p.CommitteeSize&(p.CommitteeSize-1) != 0,
		"a sync committee of %d: want a power of two from 8 to %d", p.CommitteeSize, maxCommittee)
	bad(n.SecondsPerSlot == 0 || n.SecondsPerSlot > 3600, "%d seconds per slot", n.SecondsPerSlot)
	bad(n.GenesisTime > 1<<40, "genesis time %d", n.GenesisTime)
	bad(n.ValidatorsRoot.IsZero(), "no genesis validators root")
	bad(len(n.Forks) == 0 || len(n.Forks) > maxForks, "%d forks", len(n.Forks))
	bad(len(n.Forks) > 0 && n.Forks[0].Epoch != 0, "the first fork is at epoch %d, not 0", n.forkEpoch())
	bad(!slices.IsSortedFunc(n.Forks, func(a, b Fork) int { return compare(a.Epoch, b.Epoch) }), "the forks are not in order of their epochs")
	return errors.Join(errs...)
}

func (n *Network) forkEpoch() uint64 {
	if len(n.Forks) == 0 {
		return 0
	}
	return n.Forks[0].Epoch
}

func compare(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// SlotAt returns the slot at a time; 0 before genesis.
func (n *Network) SlotAt(t time.Time) uint64 {
	s := t.Unix()
	if s < 0 || uint64(s) < n.GenesisTime {
		return 0
	}
	return (uint64(s) - n.GenesisTime) / n.SecondsPerSlot
}

// TimeOf returns when a slot begins. Slots beyond the year 9999 begin there.
func (n *Network) TimeOf(slot uint64) time.Time {
	const last = 253402300799
	if slot > last/n.SecondsPerSlot {
		return time.Unix(last, 0).UTC()
	}
	return time.Unix(int64(min(n.GenesisTime+slot*n.SecondsPerSlot, last)), 0).UTC()
}

// PeriodOf returns the sync committee period of a slot.
func (n *Network) PeriodOf(slot uint64) uint64 {
	return slot / (n.Preset.SlotsPerEpoch * n.Preset.EpochsPerPeriod)
}

// StartOf returns the first slot of a sync committee period.
func (n *Network) StartOf(period uint64) uint64 {
	return period * n.Preset.SlotsPerEpoch * n.Preset.EpochsPerPeriod
}

// Lag returns how many blocks the proved execution block is behind the newest block at a slot:
// 1, or 2 from Gloas on.
func (n *Network) Lag(slot uint64) int {
	if l := layoutOf(n.forkAt(slot).Name); l != nil && l.lag > 0 {
		return l.lag
	}
	return 1
}

// forkAt returns the fork of a slot.
func (n *Network) forkAt(slot uint64) Fork {
	epoch, f := slot/n.Preset.SlotsPerEpoch, n.Forks[0]
	for _, later := range n.Forks[1:] {
		if later.Epoch > epoch {
			break
		}
		f = later
	}
	return f
}

// layoutAt returns where the fork of a slot keeps things.
func (n *Network) layoutAt(slot uint64) (*layout, error) {
	f := n.forkAt(slot)
	l := layoutOf(f.Name)
	switch {
	case l == nil:
		return nil, fail(UnknownFork, "slot %d is in the fork %.40q, which this version does not know: update ethpeer", slot, f.Name)
	case l.finalized == 0:
		return nil, fail(UnknownFork, "slot %d is in %s, which has no sync committees", slot, f.Name)
	}
	return l, nil
}
