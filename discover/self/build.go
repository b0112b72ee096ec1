// SPDX-License-Identifier: Apache-2.0

package self

import (
	"bytes"
	"net/netip"

	"github.com/ethpeer/ethpeer/enr"
)

// keys are all that our record may have besides its identity.
var keys = []string{"eth", "ip", "ip6", "tcp", "tcp6", "udp", "udp6"}

// build makes the record's entries from what is known, under the mutex.
func (r *Record) build() *enr.Builder {
	var b enr.Builder
	if r.fork != nil {
		b.SetEth(r.fork.hash, r.fork.next)
	}
	ip4, tcp4, udp4 := r.v4.best(r.tcp, r.udp)
	ip6, tcp6, udp6 := r.v6.best(r.tcp, r.udp)
	if !ip4.IsValid() {
		tcp4, udp4 = tcp6, udp6 // the plain keys serve both (EIP-778, "RLP Encoding")
	}
	setPort(b.SetTCP, tcp4, 0)
	setPort(b.SetUDP, udp4, 0)
	if ip4.IsValid() {
		b.SetIP(ip4)
	}
	if ip6.IsValid() {
		b.SetIP(ip6)
		setPort(b.SetTCP6, tcp6, tcp4)
		setPort(b.SetUDP6, udp6, udp4)
	}
	return &b
}

// setPort sets a port that exists and is not the one that counts anyhow.
func setPort(set func(uint16), port, anyhow uint16) {
	if port != 0 && port != anyhow {
		set(port)
	}
}

// best returns the best known address, with its ports.
func (e *endpoint) best(tcp, udp uint16) (netip.Addr, uint16, uint16) {
	switch {
	case e.external.IsValid():
		return e.external, elsewhere(tcp, e.tcp), elsewhere(udp, e.udp)
	case e.predicted.IsValid():
		return e.predicted.Addr(), tcp, elsewhere(udp, e.predicted.Port())
	}
	return e.fallback, tcp, udp
}

// elsewhere returns the external port of a bound one.
func elsewhere(bound, external uint16) uint16 {
	if bound == 0 || external == 0 {
		return bound
	}
	return external
}

// same reports whether two of our records say the same.
func same(a, b *enr.Record) bool {
	for _, key := range keys {
		x, inA := a.Get(key)
		y, inB := b.Get(key)
		if inA != inB || !bytes.Equal(x, y) {
			return false
		}
	}
	return true
}
