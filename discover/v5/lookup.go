// SPDX-License-Identifier: Apache-2.0

package v5

import (
	"time"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/discover/v5wire"
)

// maxHeld is how many lookups may wait for the end of a refresh.
const maxHeld = 16

// seek is a lookup for others than ourselves. If we know nobody it begins when the table has
// been refreshed. It reports whether there is room for it.
func (m *machine) seek(now time.Time, q kad.Query) bool {
	if m.table.Len() > 0 {
		return m.search.Begin(now, q)
	}
	if len(m.upkeep.held) == maxHeld {
		return false
	}
	m.upkeep.held = append(m.upkeep.held, q)
	m.act(now, m.table.WantRefresh(now))
	return true
}

// askNeighbors asks a node for nodes near a target, for the search.
func (m *machine) askNeighbors(now time.Time, to kad.Contact, target kad.Target, done func(time.Time, []kad.Contact, error)) {
	var dists []uint16
	for _, d := range kad.AskDists(to.ID, target.ID) {
		dists = append(dists, uint16(d))
	}
	message := &v5wire.Findnode{ID: m.newRequestID(), Distances: dists}
	m.request(now, to, message, func(now time.Time, r response) { done(now, r.found, r.err) })
}
