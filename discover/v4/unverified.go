// SPDX-License-Identifier: Apache-2.0

package v4

import (
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/discover/v4wire"
	"github.com/ethpeer/ethpeer/enr"
)

// Recovering the signer dominates the cost of a reply, so Ping and Findnode packets from a proven
// endpoint are answered unverified, except a random 1 in checkOneIn. If a signer is not the owner
// of the endpoint, each packet from there is verified for as long as the proof was valid.
//
// An unverified packet changes no state. A Pong is at most half as large again as its Ping. A forged source
// address therefore draws as many Neighbors as arrive before the next sampled packet
// (devp2p/discv4.md#endpoint-proof).
const checkOneIn = 8

// answerUnverified answers a Ping or Findnode from a proven endpoint without recovering the signer. It reports whether it did.
func (m *machine) answerUnverified(now time.Time, from netip.AddrPort, hash v4wire.Hash, msg v4wire.Message) (done bool) {
	id, ok := m.endpoints.ownerOf(now, from)
	if !ok {
		return false
	}
	switch msg := msg.(type) {
	case *v4wire.Ping:
		if m.endpoints.mustPing(now, id, from.Addr()) || m.choose(checkOneIn) == 0 { // a request may wait for this ping
			return false
		}
		m.pong(now, from, hash, msg)
		return true
	case *v4wire.Findnode:
		if m.choose(checkOneIn) == 0 {
			return false
		}
		m.relay(now, from, msg)
		return true
	}
	return false
}

// onSigner compares the signer of a packet with the owner of the endpoint; the zero ID means that the signature is invalid.
func (m *machine) onSigner(now time.Time, from netip.AddrPort, id enr.ID) {
	if owner, ok := m.endpoints.ownerOf(now, from); ok && owner != id {
		m.endpoints.distrust(from)
	}
}
