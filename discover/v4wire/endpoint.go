// SPDX-License-Identifier: Apache-2.0

package v4wire

import (
	"net/netip"

	"github.com/ethpeer/ethpeer/rlp"
)

// An Endpoint is where a node is, or says that it is. An IPv4 address is never in its IPv6
// form.
type Endpoint struct {
	IP  netip.Addr // the zero Addr: none, or none that makes sense
	UDP uint16     // discovery port
	TCP uint16     // RLPx port; 0 where it is not known
}

// EndpointOf returns the endpoint with this UDP address.
func EndpointOf(udp netip.AddrPort, tcp uint16) Endpoint {
	return Endpoint{IP: udp.Addr().Unmap().WithZone(""), UDP: udp.Port(), TCP: tcp}
}

// UDPAddr returns where to send datagrams.
func (e Endpoint) UDPAddr() netip.AddrPort { return netip.AddrPortFrom(e.IP, e.UDP) }

// append appends the endpoint as a list.
func (e Endpoint) append(dst []byte) []byte {
	dst, list := rlp.OpenList(dst)
	return rlp.CloseList(e.appendItems(dst), list)
}

func (e Endpoint) appendItems(dst []byte) []byte {
	dst = rlp.AppendBytes(dst, e.IP.Unmap().AsSlice())
	dst = rlp.AppendUint64(dst, uint64(e.UDP))
	return rlp.AppendUint64(dst, uint64(e.TCP))
}

func readEndpoint(c *rlp.Cursor, name string) (e Endpoint) {
	c.List(name)
	e = readEndpointItems(c)
	c.EndOpen()
	return e
}

func readEndpointItems(c *rlp.Cursor) (e Endpoint) {
	ip, _ := netip.AddrFromSlice(c.Bytes("ip"))
	e.IP = ip.Unmap()
	e.UDP = readPort(c, "udp")
	e.TCP = readPort(c, "tcp")
	return e
}

// readPort returns 0 for what is no port: no answer depends on it.
func readPort(c *rlp.Cursor, name string) uint16 {
	if p := c.Uint64(name); p <= 0xffff {
		return uint16(p)
	}
	return 0
}
