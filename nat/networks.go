// SPDX-License-Identifier: Apache-2.0

package nat

import (
	"encoding/binary"
	"encoding/hex"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
)

// here returns this machine's surroundings as they are now.
func here() surroundings {
	nets := ownNetworks()
	return surroundings{networks: nets, gateways: likelyGateways(nets, routeTable()), group: ssdpGroup}
}

// ownNetworks returns the IPv4 networks that this machine is in, with its address in each,
// but not loopback.
func ownNetworks() (nets []netip.Prefix) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil
	}
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		addrs, err := i.Addrs()
		if err != nil {
			continue
		}
		for _, a := range addrs {
			p, err := netip.ParsePrefix(a.String())
			if err == nil && p.Addr().Is4() && !p.Addr().IsLinkLocalUnicast() && len(nets) < maxNetworks {
				nets = append(nets, p)
			}
		}
	}
	return nets
}

// likelyGateways returns candidates for NAT-PMP: the default routes that Linux lists, or else the
// first address of each private network (RFC 6886, section 3.1, wants the default gateway).
func likelyGateways(nets []netip.Prefix, routes string) (all []netip.Addr) {
	all = defaultRoutes(routes)
	for _, n := range nets {
		first := n.Masked().Addr().Next()
		if n.Addr().IsPrivate() && first != n.Addr() && !slices.Contains(all, first) {
			all = append(all, first)
		}
	}
	return all[:min(len(all), maxNetworks)]
}

// defaultRoutes reads the gateways of default routes from Linux's /proc/net/route: lines of
// interface, destination, gateway, …, in hexadecimal in a little-endian machine's byte order. It
// finds nothing on big-endian machines and other systems.
func defaultRoutes(text string) (all []netip.Addr) {
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 3 || f[1] != "00000000" {
			continue
		}
		b, err := hex.DecodeString(f[2])
		if err != nil || len(b) != 4 {
			continue
		}
		var ip [4]byte
		binary.LittleEndian.PutUint32(ip[:], binary.BigEndian.Uint32(b))
		a := netip.AddrFrom4(ip)
		if !a.IsUnspecified() && !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	return all
}

// routeTable returns Linux's table of routes, or nothing.
func routeTable() string {
	text, err := os.ReadFile("/proc/net/route")
	if err != nil {
		return ""
	}
	return string(text)
}
