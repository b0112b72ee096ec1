// SPDX-License-Identifier: Apache-2.0

package v4

import (
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/bounded"
)

const (
	proofLife     = 24 * time.Hour // as deployed clients have it; devp2p/discv4.md#endpoint-proof says 12
	maxFailures   = 5              // requests in a row without a response, after which a node is pinged before the next
	maxEndpoints  = 8 << 10
	freshProof    = 10 * time.Second // a node with a more recent pong needs no check
	maxExpiration = 20 * time.Second // of a packet that we send
)

// An endpoint is the endpoint proof of a node ID at an IP address, in both directions
// (devp2p/discv4.md#endpoint-proof). Owner: the machine.
type endpoint struct {
	ponged   time.Time // the node's last pong, which proves its endpoint to us
	pinged   time.Time // the node's last ping; our pong proves our endpoint to the node
	failures int       // requests in a row without a response
}

type endpointKey struct {
	id enr.ID
	ip netip.Addr
}

// endpoints holds all known endpoints.
type endpoints struct {
	of *bounded.Map[endpointKey, endpoint]
	at *bounded.Map[netip.AddrPort, endpointOwner] // the node that last proved the address
}

// An endpointOwner is the node that sent the last pong from an address.
type endpointOwner struct {
	id         enr.ID
	ponged     time.Time
	distrusted bool // a packet from the address had another signer
}

func newEndpoints() endpoints {
	return endpoints{
		bounded.NewMap[endpointKey, endpoint](maxEndpoints, bounded.DropLeastRecent),
		bounded.NewMap[netip.AddrPort, endpointOwner](maxEndpoints, bounded.DropLeastRecent),
	}
}

// ownerOf returns the owner of an address, if its proof is valid and no packet from the address had another
// signer.
func (e endpoints) ownerOf(now time.Time, addr netip.AddrPort) (enr.ID, bool) {
	r, ok := e.at.Get(addr)
	return r.id, ok && !r.distrusted && fresh(now, r.ponged, proofLife)
}

// distrust records that a packet from an address was not signed by the owner.
func (e endpoints) distrust(addr netip.AddrPort) {
	if r, ok := e.at.Get(addr); ok {
		r.distrusted = true
		e.at.Put(addr, r)
	}
}

// proven reports whether responses larger than the request may go to an endpoint: its last pong is newer than proofLife
// (devp2p/discv4.md#endpoint-proof).
func (e endpoints) proven(now time.Time, id enr.ID, ip netip.Addr) bool {
	known, ok := e.of.Get(endpointKey{id, ip})
	return ok && fresh(now, known.ponged, proofLife)
}

// mustPing reports whether a ping must come before a request, because the node has no recent proof of our endpoint
// and ignores the request otherwise (devp2p/discv4.md#endpoint-proof).
func (e endpoints) mustPing(now time.Time, id enr.ID, ip netip.Addr) bool {
	known, _ := e.of.Get(endpointKey{id, ip})
	return !fresh(now, known.pinged, proofLife) || known.failures > maxFailures
}

// answered reports whether the last pong of an endpoint is newer than freshProof.
func (e endpoints) answered(now time.Time, id enr.ID, ip netip.Addr) bool {
	known, _ := e.of.Get(endpointKey{id, ip})
	return fresh(now, known.ponged, freshProof)
}

func fresh(now, at time.Time, life time.Duration) bool { return !at.IsZero() && now.Sub(at) < life }

func (e endpoints) onPing(now time.Time, id enr.ID, ip netip.Addr) {
	e.change(id, ip, func(known *endpoint) { known.pinged = now })
}

func (e endpoints) onPong(now time.Time, id enr.ID, from netip.AddrPort) {
	e.change(id, from.Addr(), func(known *endpoint) { known.ponged, known.failures = now, 0 })
	old, _ := e.at.Get(from)
	distrusted := old.distrusted && old.id == id && fresh(now, old.ponged, proofLife) // distrust lasts as long as the proof
	if distrusted {
		now = old.ponged
	}
	e.at.Put(from, endpointOwner{id, now, distrusted})
}

func (e endpoints) onResponse(id enr.ID, ip netip.Addr) {
	e.change(id, ip, func(known *endpoint) { known.failures = 0 })
}

func (e endpoints) onTimeout(id enr.ID, ip netip.Addr) {
	e.change(id, ip, func(known *endpoint) { known.failures++ })
}

func (e endpoints) change(id enr.ID, ip netip.Addr, f func(*endpoint)) {
	key := endpointKey{id, ip}
	known, _ := e.of.Get(key)
	f(&known)
	e.of.Put(key, known)
}
