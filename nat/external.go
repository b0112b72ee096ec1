// SPDX-License-Identifier: Apache-2.0

package nat

import (
	"fmt"
	"net/netip"
)

// Ports are those that we listen at; 0 = not at all.
type Ports struct{ TCP, UDP uint16 }

// External is where others reach us. A port is 0 if it is the same as the local one. The
// zero External says that nothing is known.
type External struct {
	IP       netip.Addr
	TCP, UDP uint16
}

// Mappable reports whether a listener at this address is reached through a gateway: not if
// it listens only at an address of this machine's or this network's own. For such a one
// [Run] makes no sense, except with extip.
func Mappable(listen netip.Addr) bool {
	return listen.Unmap().IsUnspecified() || listen.IsValid() && scopeOf(listen) == ""
}

// scopes are the networks whose addresses do not lead to us from the Internet, by what they
// are (https://www.iana.org/assignments/iana-ipv4-special-registry, …-ipv6-…).
var scopes = []struct {
	what     string
	prefixes []netip.Prefix
}{
	{"private", prefixes("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")},
	{cgnat, prefixes("100.64.0.0/10")},
	{"link-local", prefixes("169.254.0.0/16", "fe80::/10")},
	{"of the machine itself", prefixes("127.0.0.0/8", "::1/128")},
	{notAnAddress, prefixes(
		"0.0.0.0/8", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "224.0.0.0/3", "::/128", "64:ff9b:1::/48", "100::/64", "2001:db8::/32", "3fff::/20", "ff00::/8")},
}

const (
	notAnAddress = "no host's address"
	cgnat        = "the provider's, behind which many customers share one (CGNAT)"
)

func prefixes(texts ...string) (ps []netip.Prefix) {
	for _, text := range texts {
		ps = append(ps, netip.MustParsePrefix(text))
	}
	return ps
}

// scopeOf says what an address is that does not lead to us from the Internet; "" = it may.
func scopeOf(ip netip.Addr) string {
	ip = ip.Unmap().WithZone("") // which no prefix contains otherwise
	for _, s := range scopes {
		for _, p := range s.prefixes {
			if p.Contains(ip) {
				return s.what
			}
		}
	}
	return ""
}

// unfit says why an address that was stated by someone is not published; nil = it is.
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
