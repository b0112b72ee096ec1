// SPDX-License-Identifier: Apache-2.0

package v5

import (
	"time"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/discover/v5wire"
)

// maxHeld bounds the lookups that wait for the end of a refresh.
const maxHeld = 16

// seek begins a lookup of a caller (devp2p/discv5/discv5-theory.md#lookup). If the table is empty, the lookup waits for the end of
// a refresh. It returns false if there is no room for it.
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

// askNeighbors sends a FINDNODE for the search, with the distances nearest to the target
// (devp2p/discv5/discv5-wire.md#findnode-request-0x03).
func (m *machine) askNeighbors(now time.Time, to kad.Contact, target kad.Target, done func(time.Time, []kad.Contact, error)) {
	var dists []uint16
	for _, d := range kad.AskDists(to.ID, target.ID) {
		dists = append(dists, uint16(d))
	}
	message := &v5wire.Findnode{ID: m.newRequestID(), Distances: dists}
	m.request(now, to, message, func(now time.Time, r response) { done(now, r.found, r.err) })
}
