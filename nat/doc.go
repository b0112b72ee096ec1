// SPDX-License-Identifier: Apache-2.0

// Package nat finds our external address and maps ports on the gateway, by UPnP IGD, NAT-PMP
// (RFC 6886) or STUN (RFC 8489).
//
// In: a [Method], the ports that we listen at, what a gateway or STUN server answers. Out:
// [External], by Config.Changed, whenever it changes; what does not work, by Config.Trouble,
// and its end, by Config.Over.
//
//	method, err := nat.Parse("any")
//	err = nat.Run(ctx, nat.Config{
//		Method:  method,
//		Ports:   nat.Ports{TCP: 30303, UDP: 30303},
//		Changed: func(e nat.External) { … }, // into the node record
//	})
//
// Methods, as [Parse] reads them, in upper or lower case:
//
//	written                      address from                ports mapped  published
//	none, off, nothing at all    –                           no            nothing
//	any, auto, on                the first of UPnP and       yes           address, other ports if
//	                             NAT-PMP that answers                      the gateway granted such
//	upnp                         UPnP devices that answer    yes           likewise
//	pmp, natpmp, nat-pmp         NAT-PMP at the likely       yes           likewise
//	                             gateways
//	pmp:GATEWAY                  NAT-PMP at this address     yes           likewise
//	extip:IP, ip:IP              you                         no            this address, at once
//	stun                         public STUN servers, the    no            address
//	                             first of 3 that answers
//	stun:HOST, stun:HOST:PORT    this STUN server            no            address
//
// [Method.String] writes the first form. STUN tells its servers our address every 2 minutes,
// so it is used only when asked for. UPnP and NAT-PMP are of IPv4; extip and STUN may give
// an address of IPv6.
//
// A mapping is requested for 10 minutes and renewed after 8, or after four fifths of the granted
// lifetime (RFC 6886, section 3.3). A failed request is repeated after 5 minutes; after 5 failures
// in a row the mapping is deleted and requested again with the original port. The address is
// requested every 2 minutes; when it changes, mappings are renewed at once, because the gateway
// may have restarted and lost them (RFC 6886, section 3.7). After 5 failures in a row the gateway
// is given up, the zero External is published, and a new search runs every 5 minutes. When Run
// ends it deletes the mappings, except those of a gateway that it has given up.
//
// An address that a gateway or STUN server states is published only if it is an Internet address.
// A private one means that there is another router outside; Trouble explains this, and the address
// published before is withdrawn. The address of extip is published as it is.
//
// The machine keeper decides which request to send when; the goroutine of [Run] owns it. Libraries
// do the I/O: goupnp reads UPnP descriptions and speaks SOAP, go-nat-pmp speaks NAT-PMP, pion/stun
// reads and writes STUN. The caller decides whether to run at all: [Mappable].
//
// Limits: rules.go. There is one gateway, two mappings and one request at a time. A search asks at
// most 8 networks and 8 hosts at once, for 10 seconds. A host of the local network cannot make us
// send requests to a host outside of it or to a host other than itself, read more than 64 KiB, or
// wait longer than 10 seconds for one request; its error texts are shortened and made printable.
// UPnP, NAT-PMP and STUN have no signatures, so any host of the local network can state a false
// address. With extip no request is sent.
package nat
