// SPDX-License-Identifier: Apache-2.0

package enr

import (
	"encoding/hex"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/internal/netgroup"
)

// A Node is the key of a node and its address, as far as known. It is a value; Record may be
// shared.
type Node struct {
	Key    ecc.PublicKey
	Host   string     // DNS name, for the caller to look up; "" if there is none
	IP     netip.Addr // the zero Addr if unknown; never an IPv4 address mapped to IPv6
	TCP    uint16     // RLPx port; 0 if the node does not listen, or unknown
	UDP    uint16     // discovery port; 0 if the node does no discovery, or unknown
	Record *Record    // nil unless the node was read from a record
}

// Node returns the node that the record is about, at the one of its two addresses that
// reaches further: a global one before a private one, that before loopback. Of two that reach
// equally far it is the IPv4 address. An address without any port counts only if the record
// has no other, and an unspecified one (0.0.0.0, ::) not at all.
func (r *Record) Node() Node {
	at4, at6 := r.nodeAtIP4(), r.nodeAtIP6()
	if at6.reachesFurther(at4) {
		return at6
	}
	return at4
}

// NodeAt returns the node at the address at which it does discovery; ok is false if that is
// neither of the two that the record states.
func (r *Record) NodeAt(at netip.AddrPort) (n Node, ok bool) {
	at = netip.AddrPortFrom(at.Addr().Unmap().WithZone(""), at.Port())
	for _, n := range [...]Node{r.nodeAtIP4(), r.nodeAtIP6()} {
		if udp, ok := n.UDPAddr(); ok && udp == at {
			return n, true
		}
	}
	return r.Node(), false
}

// nodeAtIP4 returns the node at the keys "ip", "tcp" and "udp".
func (r *Record) nodeAtIP4() Node {
	n := Node{Key: r.key, Record: r}
	if ip, ok := r.IP4(); ok && !ip.IsUnspecified() {
		n.IP = ip
		n.TCP, _ = r.TCP()
		n.UDP, _ = r.UDP()
	}
	return n
}

// nodeAtIP6 returns the node at the key "ip6" and the ports that go with it. An IPv4 address
// mapped to IPv6 (::ffff:0:0/96, RFC 4291) is the IPv4 address.
func (r *Record) nodeAtIP6() Node {
	n := Node{Key: r.key, Record: r}
	if ip, ok := r.IP6(); ok && !ip.Unmap().IsUnspecified() {
		n.IP = ip.Unmap()
		n.TCP, _ = r.TCP6()
		n.UDP, _ = r.UDP6()
	}
	return n
}

// reachesFurther reports whether n is at an address that can be reached from further away
// than that of m.
func (n Node) reachesFurther(m Node) bool {
	switch {
	case !n.IP.IsValid() || !m.IP.IsValid():
		return n.IP.IsValid()
	case n.hasPort() != m.hasPort():
		return n.hasPort()
	}
	return netgroup.KindOf(n.IP) < netgroup.KindOf(m.IP) // kinds are in the order of reach
}

func (n Node) hasPort() bool { return n.TCP != 0 || n.UDP != 0 }

// ID returns the node's ID.
func (n Node) ID() ID { return IDOf(n.Key) }

// TCPAddr returns the address to dial; ok is false if IP or port are unknown.
func (n Node) TCPAddr() (addr netip.AddrPort, ok bool) {
	return netip.AddrPortFrom(n.IP, n.TCP), n.IP.IsValid() && n.TCP != 0
}

// UDPAddr returns the address for discovery; ok is false if IP or port are unknown.
func (n Node) UDPAddr() (addr netip.AddrPort, ok bool) {
	return netip.AddrPortFrom(n.IP, n.UDP), n.IP.IsValid() && n.UDP != 0
}

// URL returns the enode form, which [ParseNode] reads back to the same node without its
// record: with the DNS name or else the address, and the ports, if one of them is known, with
// discport if the ports differ; else the key alone.
func (n Node) URL() string {
	xy := n.Key.Bytes()
	text := "enode://" + hex.EncodeToString(xy[:])
	host := n.Host
	switch ip := n.IP.Unmap(); {
	case host != "":
	case ip.Is4():
		host = ip.String()
	case ip.IsValid():
		host = "[" + ip.WithZone("").String() + zoneText(ip.Zone()) + "]"
	default:
		return text
	}
	text += "@" + host + ":" + strconv.Itoa(int(n.TCP))
	if n.UDP != n.TCP {
		text += "?discport=" + strconv.Itoa(int(n.UDP))
	}
	return text
}

// zoneText returns the zone of an IPv6 address as a URL has it: behind "%", as all tools show
// it, or percent-encoded behind "%25" (RFC 6874) if it would be misread otherwise.
func zoneText(zone string) string {
	if zone == "" {
		return ""
	}
	if strings.HasPrefix(zone, "25") || strings.Trim(zone, nameLetters+".~") != "" {
		return "%25" + url.PathEscape(zone)
	}
	return "%" + zone
}

// parseIP6 reads an IPv6 address with or without a zone, as zoneText writes it.
func parseIP6(s string) (netip.Addr, bool) {
	s, zone, zoned := strings.Cut(s, "%")
	ip, err := netip.ParseAddr(s)
	if err != nil || !ip.Is6() || zoned && (zone == "" || zone == "25") {
		return netip.Addr{}, false
	}
	if encoded, ok := strings.CutPrefix(zone, "25"); ok {
		zone = encoded
		if decoded, err := url.PathUnescape(encoded); err == nil {
			zone = decoded
		}
	}
	return ip.Unmap().WithZone(zone), true
}

// String returns the enode form.
func (n Node) String() string { return n.URL() }
