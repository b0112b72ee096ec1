// SPDX-License-Identifier: Apache-2.0

package v4

import (
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/discover/v4wire"
	"github.com/ethpeer/ethpeer/enr"
)

// Finding out who signed a packet takes longer than all else that an answer needs. What comes
// from an address whose node has proven to be there is therefore answered on sight, except
// for one in so many, by lot, of which the signature is checked. If it is not the node's,
// every one is, for as long as the proof was good.
//
// Nothing but an answer follows from a packet that was not checked: nobody is remembered for
// it. A pong is no larger than its ping. Who forges the address of a node gets us to send it
// as many answers to Findnode as it takes for the lot to fall, a handful in a day.
const checkOneIn = 8

// onSight answers a packet without knowing who signed it, if that is good enough.
func (m *machine) onSight(now time.Time, from netip.AddrPort, hash v4wire.Hash, msg v4wire.Message) (done bool) {
	id, ok := m.endpoints.resident(now, from)
	if !ok {
		return false
	}
	switch msg := msg.(type) {
	case *v4wire.Ping:
		if m.endpoints.mustPing(now, id, from.Addr()) || m.choose(checkOneIn) == 0 { // its ping may be waited for
			return false
		}
		m.pong(now, from, hash, msg)
		return true
	case *v4wire.Findnode:
		if m.choose(checkOneIn) == 0 {
			return false
		}
		m.neighbors(now, from, msg)
		return true
	}
	return false
}

// onSigner takes who signed a packet that was checked; the zero ID is nobody.
func (m *machine) onSigner(now time.Time, from netip.AddrPort, id enr.ID) {
	if resident, ok := m.endpoints.resident(now, from); ok && resident != id {
		m.endpoints.suspect(from)
	}
}
