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
	maxFailures   = 5              // in a row, after which a node is pinged before it is asked
	maxEndpoints  = 8 << 10
	freshProof    = 10 * time.Second // a node that answered so lately needs no check
	maxExpiration = 20 * time.Second // of what we say
)

// An endpoint is what we know of an ID at an IP address. Owner: the machine.
type endpoint struct {
	ponged   time.Time // it answered our ping: it is where it says
	pinged   time.Time // it pinged us, and got our pong: it knows that of us
	failures int       // questions without an answer, in a row
}

type endpointKey struct {
	id enr.ID
	ip netip.Addr
}

// endpoints are all that are known.
type endpoints struct {
	of *bounded.Map[endpointKey, endpoint]
	at *bounded.Map[netip.AddrPort, endpointOwner] // who has proven to be there
}

// An endpointOwner is the node that has last proven to be at an address.
type endpointOwner struct {
	id         enr.ID
	ponged     time.Time
	distrusted bool // somebody else sends in its name
}

func newEndpoints() endpoints {
	return endpoints{
		bounded.NewMap[endpointKey, endpoint](maxEndpoints, bounded.DropLeastRecent),
		bounded.NewMap[netip.AddrPort, endpointOwner](maxEndpoints, bounded.DropLeastRecent),
	}
}

// ownerOf returns the node at an address, if nothing speaks against believing that what
// comes from there is its own.
func (e endpoints) ownerOf(now time.Time, addr netip.AddrPort) (enr.ID, bool) {
	r, ok := e.at.Get(addr)
	return r.id, ok && !r.distrusted && fresh(now, r.ponged, proofLife)
}

// distrust notes that something came from an address that its owner has not signed.
func (e endpoints) distrust(addr netip.AddrPort) {
	if r, ok := e.at.Get(addr); ok {
		r.distrusted = true
		e.at.Put(addr, r)
	}
}

// proven reports whether larger answers may go there.
func (e endpoints) proven(now time.Time, id enr.ID, ip netip.Addr) bool {
	known, ok := e.of.Get(endpointKey{id, ip})
	return ok && fresh(now, known.ponged, proofLife)
}

// mustPing reports whether a node will not answer a question before it has pinged us.
func (e endpoints) mustPing(now time.Time, id enr.ID, ip netip.Addr) bool {
	known, _ := e.of.Get(endpointKey{id, ip})
	return !fresh(now, known.pinged, proofLife) || known.failures > maxFailures
}

// answered reports whether a node has proven itself a moment ago.
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
	distrusted := old.distrusted && old.id == id && fresh(now, old.ponged, proofLife) // for as long as the proof was good
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
