// SPDX-License-Identifier: Apache-2.0

package enr

import (
	"encoding/hex"
	"net/netip"
	"strconv"

	"github.com/ethpeer/ethpeer/ecc"
)

// A Node is who a node is and, as far as is known, where. It is a value; Record may be
// shared.
type Node struct {
	Key    ecc.PublicKey
	Host   string     // DNS name, kept for later resolution; "" where IP was given
	IP     netip.Addr // the zero Addr: not known
	TCP    uint16     // RLPx port; 0: the node does not listen, or this is not known
	UDP    uint16     // discovery port; 0 likewise
	Record *Record    // nil unless the node came as a record
}

// Node returns the node that the record is about. An IPv4 address is preferred to an
// IPv6 one, unless it is 0.0.0.0.
func (r *Record) Node() Node {
	n := Node{Key: r.key, Record: r}
	if ip, ok := r.IP4(); ok && !ip.IsUnspecified() {
		n.IP = ip
		n.TCP, _ = r.TCP()
		n.UDP, _ = r.UDP()
	} else if ip, ok := r.IP6(); ok && !ip.IsUnspecified() {
		n.IP = ip
		n.TCP, _ = r.TCP6()
		n.UDP, _ = r.UDP6()
	}
	return n
}

// NodeAt returns the node as it does discovery at the address; ok is false where this is none
// of the two places that the record has.
func (r *Record) NodeAt(at netip.AddrPort) (n Node, ok bool) {
	ip := at.Addr().WithZone("")
	n = r.Node()
	if n.IP == ip && n.UDP == at.Port() {
		return n, true
	}
	if ip6, has := r.IP6(); has && ip6 == ip {
		n.IP = ip6
		n.TCP, _ = r.TCP6()
		n.UDP, _ = r.UDP6()
		return n, n.UDP == at.Port()
	}
	return n, false
}

// ID returns the node's ID.
func (n Node) ID() ID { return IDOf(n.Key) }

// TCPAddr returns where to dial the node; ok is false where IP or port are not known.
func (n Node) TCPAddr() (addr netip.AddrPort, ok bool) {
	return netip.AddrPortFrom(n.IP, n.TCP), n.IP.IsValid() && n.TCP != 0
}

// UDPAddr returns where the node does discovery; ok is false where IP or port are not
// known.
func (n Node) UDPAddr() (addr netip.AddrPort, ok bool) {
	return netip.AddrPortFrom(n.IP, n.UDP), n.IP.IsValid() && n.UDP != 0
}

// URL returns the enode form: with the DNS name or address and the ports where they are
// known, with discport where the ports differ, else the key alone.
func (n Node) URL() string {
	xy := n.Key.Bytes()
	url := "enode://" + hex.EncodeToString(xy[:])
	host := n.Host
	switch {
	case host != "":
	case n.IP.Unmap().Is4():
		host = n.IP.Unmap().String()
	case n.IP.IsValid():
		host = "[" + n.IP.String() + "]"
	default:
		return url
	}
	url += "@" + host + ":" + strconv.Itoa(int(n.TCP))
	if n.UDP != n.TCP {
		url += "?discport=" + strconv.Itoa(int(n.UDP))
	}
	return url
}

// String returns the enode form.
func (n Node) String() string { return n.URL() }
