// SPDX-License-Identifier: Apache-2.0

package nat

import (
	"fmt"
	"net/netip"

	"github.com/ethpeer/ethpeer/internal/netgroup"
)

// Ports are the ports that we listen at; 0 = not listening.
type Ports struct{ TCP, UDP uint16 }

// External is the address and the ports at which others reach us. A port is 0 if it equals the
// local one. The zero External means that nothing is known.
type External struct {
	IP       netip.Addr
	TCP, UDP uint16
}

// Mappable reports whether a gateway can forward to a listener at this address. It is false for an
// address that only this machine or this network can use; [Run] is then of use only with extip.
func Mappable(listen netip.Addr) bool {
	return listen.Unmap().IsUnspecified() || listen.IsValid() && scopeOf(listen) == ""
}

// What an address is that does not lead to us from the Internet.
const (
	notAnAddress = "no host's address"
	cgnat        = "the provider's, behind which many customers share one (CGNAT)"
)

// scopeOf says what an address is that does not lead to us from the Internet; "" = it may.
func scopeOf(ip netip.Addr) string {
	switch netgroup.KindOf(ip) {
	case netgroup.Global:
		return ""
	case netgroup.Private:
		return "private"
	case netgroup.Shared:
		return cgnat
	case netgroup.LinkLocal:
		return "link-local"
	case netgroup.Loopback:
		return "of the machine itself"
	}
	return notAnAddress
}

// unfit returns why an address that a gateway or server stated is not published; nil = it is.
func unfit(by string, ip netip.Addr) error {
	if !ip.IsValid() || ip.IsUnspecified() {
		return fmt.Errorf("nat: %s has no external address: it is not connected to the Internet", by)
	}
	switch what := scopeOf(ip); what {
	case "":
		return nil
	case notAnAddress:
		return fmt.Errorf("nat: %s says that our address is %v, which is %s; use --nat extip:IP", by, ip, what)
	case cgnat:
		return fmt.Errorf("nat: %s says that our address is %v, which is %s: nobody on the Internet reaches us; ask the provider for a public address", by, ip, what)
	default:
		return fmt.Errorf("nat: %s says that our address is %v, which is %s: there is another router before the Internet; use --nat extip:IP or forward the port there", by, ip, what)
	}
}
