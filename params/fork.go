// SPDX-License-Identifier: Apache-2.0

package params

import (
	"cmp"
	"slices"
)

// A Fork is one change of a chain's rules.
type Fork struct {
	Name string // its key in a genesis file: "londonBlock", "shanghaiTime"
	At   uint64 // number, or Unix seconds, of the first block under the new rules
}

// A ForkSchedule lists the forks of a chain, those of the genesis block included. A node
// passes all forks by number before the first one by time (EIP-6122).
type ForkSchedule struct {
	Blocks []Fork // by block number, ascending
	Times  []Fork // by block time, ascending
}

// Passed reports whether a block of this number and time is under the rules of the fork
// of this name. A fork that the schedule does not have is never passed.
func (s *ForkSchedule) Passed(name string, number, time uint64) bool {
	if at, ok := find(s.Blocks, name); ok {
		return at <= number
	}
	at, ok := find(s.Times, name)
	return ok && at <= time
}

func find(forks []Fork, name string) (at uint64, ok bool) {
	for i := range forks {
		if forks[i].Name == name {
			return forks[i].At, true
		}
	}
	return 0, false
}

// sort orders the forks by place; those at one place stay in the order they have.
func (s *ForkSchedule) sort() {
	byPlace := func(a, b Fork) int { return cmp.Compare(a.At, b.At) }
	slices.SortStableFunc(s.Blocks, byPlace)
	slices.SortStableFunc(s.Times, byPlace)
}

// points returns where the rules change after the genesis block, each place once: first
// block numbers, of which there are blocks, then times. Rules that the genesis block is
// under already are no change.
func (s *ForkSchedule) points(genesisTime uint64) (at []uint64, blocks int) {
	at = appendPoints(make([]uint64, 0, len(s.Blocks)+len(s.Times)), s.Blocks, 0)
	blocks = len(at)
	return appendPoints(at, s.Times, genesisTime), blocks
}

func appendPoints(at []uint64, forks []Fork, genesis uint64) []uint64 {
	last := genesis
	for i := range forks {
		if forks[i].At > last {
			last = forks[i].At
			at = append(at, last)
		}
	}
	return at
}
