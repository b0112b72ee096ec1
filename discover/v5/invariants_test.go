// SPDX-License-Identifier: Apache-2.0

package v5

import (
	"errors"
	"fmt"

	"github.com/ethpeer/ethpeer/discover/v5wire"
)

// checkInvariants returns what is wrong with the machine between events.
func (m *machine) checkInvariants() error {
	return errors.Join(m.requests.checkInvariants(), m.checkBounds())
}

func (b *requests) checkInvariants() error {
	if b.order.Len() != len(b.lines) || len(b.nonces) != len(b.lines) {
		return fmt.Errorf("%d lines, %d requests under way, %d nonces", len(b.lines), b.order.Len(), len(b.nonces))
	}
	requests := 0
	for id, line := range b.lines {
		if len(line) == 0 || line[0].slot == nil || b.nonces[line[0].nonce] != line[0] {
			return fmt.Errorf("the line of %s is not served", id.Short())
		}
		for i, c := range line {
			if c.to.ID != id || i > 0 && c.slot != nil {
				return fmt.Errorf("call %d in the line of %s is not its", i, id.Short())
			}
			if g := c.nodes; g.records > v5wire.MaxRecords || len(g.found) > g.records || g.parts >= v5wire.MaxParts {
				return fmt.Errorf("a request has gathered %+v", g)
			}
		}
		requests += len(line)
	}
	if b.asked < 0 || b.asked > min(maxRequests, requests) {
		return fmt.Errorf("%d requests of others among %d", b.asked, requests)
	}
	for e := b.order.Front(); e != nil && e.Next() != nil; e = e.Next() {
		if e.Next().Value.(*request).deadline.Before(e.Value.(*request).deadline) {
			return errors.New("requests are not in the order in which they are due")
		}
	}
	return nil
}

func (m *machine) checkBounds() error {
	switch {
	case m.codec.Sessions() > v5wire.MaxSessions:
		return fmt.Errorf("%d sessions", m.codec.Sessions())
	case m.records.verified.Len() > maxRecords || m.records.newest.Len() > maxRecords:
		return fmt.Errorf("%d and %d records", m.records.verified.Len(), m.records.newest.Len())
	case len(m.upkeep.held) > maxHeld:
		return fmt.Errorf("%d lookups wait for a refresh", len(m.upkeep.held))
	}
	return nil
}
