// SPDX-License-Identifier: Apache-2.0

package observer

import (
	"fmt"
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/interop/network"
)

// Unchanged returns an error unless every poll shows exactly one connection to the node
// with an ID, always the same one: same addresses, same direction, same eth version.
func Unchanged(polls []Poll, id string, eth int, inbound bool) error {
	var first network.Connection
	for i, p := range polls {
		var mine []network.Connection
		for _, c := range p.Connections {
			if c.ID == id {
				mine = append(mine, c)
			}
		}
		if len(mine) != 1 {
			return fmt.Errorf("poll %d of %d: %d connections, want 1: %v", i+1, len(polls), len(mine), mine)
		}
		if i == 0 {
			first = mine[0]
		}
		if mine[0] != first {
			return fmt.Errorf("poll %d of %d: connection is %v, was %v", i+1, len(polls), mine[0], first)
		}
	}
	switch {
	case len(polls) == 0:
		return fmt.Errorf("no polls")
	case first.Eth != eth:
		return fmt.Errorf("the node says eth/%d, want eth/%d", first.Eth, eth)
	case first.Inbound != inbound:
		return fmt.Errorf("the node says inbound %v, want %v", first.Inbound, inbound)
	}
	return nil
}

// A Spread sums up a set of delays.
type Spread struct {
	Count            int
	Median, P95, Max time.Duration
}

// SpreadOf sums up delays, which may be negative. It sorts them.
func SpreadOf(delays []time.Duration) Spread {
	if len(delays) == 0 {
		return Spread{}
	}
	slices.Sort(delays)
	n := len(delays)
	return Spread{n, delays[n/2], delays[n*95/100], delays[n-1]}
}

// String shows the figures in milliseconds.
func (s Spread) String() string {
	ms := func(d time.Duration) int64 { return d.Round(time.Millisecond).Milliseconds() }
	return fmt.Sprintf("median %d ms, 95%% %d ms, max %d ms (of %d)", ms(s.Median), ms(s.P95), ms(s.Max), s.Count)
}
