// SPDX-License-Identifier: Apache-2.0

// Package nat finds the address at which others reach us, and has gateways lead ports there
// to ours.
//
// In: a [Method], the ports that we listen at, what a gateway or STUN server answers. Out:
// [External], by Config.Changed, whenever it changes; what does not work, by Config.Trouble.
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
// Mappings are asked for 10 minutes and prolonged after 8, or after four fifths of what the
// gateway grants. A failure is repeated after 5 minutes; after 5 in a row a mapping is
// deleted, and asked for anew with the original port. The address is asked for every 2
// minutes; when it changes, mappings are prolonged at once, as the gateway may have
// forgotten them; after 5 failures in a row the gateway is given up, the zero External is
// published, and a gateway searched for, every 5 minutes. When Run ends it deletes the
// mappings. It does not for a gateway that it has given up.
//
// What a gateway or STUN server says is published only if it is an address on the Internet:
// a private one means that there is another router outside, which Trouble says in words.
// What was published before is then withdrawn. The user's extip counts as it is.
//
// Which question to ask when is the decision of a machine, keeper, which the one goroutine
// of [Run] owns. Packages below do the talking: goupnp reads UPnP descriptions and speaks
// SOAP, go-nat-pmp speaks NAT-PMP, pion/stun reads and writes STUN. Whether to run at all
// is the caller's decision: [Mappable].
//
// Limits: rules.go. There is one gateway at a time, two mappings, one question at a time.
// While a gateway is searched for, at most 8 networks and 8 hosts are asked at once, for 10
// seconds. Nobody in the local network can have us send requests to a host outside of it or
// other than the one that answers, read more than 64 KiB, or wait longer than 10 seconds for
// one question; its errors are repeated short and printable. But UPnP, NAT-PMP and STUN have
// no signatures: whoever answers in the local network may tell a false address. With extip
// nobody is asked.
package nat
