// SPDX-License-Identifier: Apache-2.0

package option

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/ethpeer/ethpeer/nat"
)

// Listen reads an IP address and a port, and returns them as host:port; "" for the address
// none, or for an empty one. 0.0.0.0 is every IPv4 address, :: also every IPv6 address. An
// IPv4 address that is written as an IPv6 address is an IPv4 address.
func Listen(addr, port *Option) (string, error) {
	n, err := Number(port, 0, 65535)
	if err != nil {
		return "", err
	}
	if addr.Text() == "" || strings.EqualFold(addr.Text(), "none") {
		return "", nil
	}
	ip, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(addr.Text(), "["), "]"))
	if err != nil {
		return "", addr.Wrong(addr.Text(), "an IP address of this machine, 0.0.0.0 or :: for all, or none")
	}
	return net.JoinHostPort(ip.Unmap().String(), strconv.FormatUint(n, 10)), nil
}

// NATMethods are the values of --nat that a shell completes.
var NATMethods = []string{"any", "none", "upnp", "pmp", "extip:", "stun"}

// NAT reads geth's forms of a NAT method. An empty value means none.
func NAT(o *Option) (nat.Method, error) {
	if o.Text() == "" {
		return nat.Method{}, nil
	}
	m, err := nat.Parse(o.Text())
	switch {
	case err != nil && HasKey(o.Text()): // the error of the parser quotes a part
		return nat.Method{}, o.Wrong(o.Text(), "a method, such as any or extip:203.0.113.7")
	case err != nil:
		return nat.Method{}, fmt.Errorf("%s: %w", o.Where(), err)
	}
	return m, nil
}

// Networks reads networks such as 10.0.0.0/8. An IPv4 network that is written as an IPv6
// network, ::ffff:10.0.0.0/104, is an IPv4 network.
func Networks(o *Option) (nets []netip.Prefix, err error) {
	for _, item := range o.List() {
		p, err := netip.ParsePrefix(item)
		if err != nil {
			return nil, o.Wrong(item, "networks such as 10.0.0.0/8,fd00::/8, a single address as 10.0.0.1/32")
		}
		if p.Addr().Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
		nets = append(nets, p.Masked())
	}
	return nets, nil
}

// Port reads a port, 0 if none is given.
func Port(o *Option) (uint16, error) {
	if o.Text() == "" {
		return 0, nil
	}
	n, err := Number(o, 1, 65535)
	return uint16(n), err
}

// IP reads an address that is accepts; the zero Addr if there is no value.
func IP(o *Option, is func(netip.Addr) bool, want string) (netip.Addr, error) {
	if o.Text() == "" {
		return netip.Addr{}, nil
	}
	addr, err := netip.ParseAddr(o.Text())
	if err != nil || !is(addr) || addr.Zone() != "" {
		return netip.Addr{}, o.Wrong(o.Text(), "%s", want)
	}
	return addr, nil
}
