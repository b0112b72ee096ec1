// SPDX-License-Identifier: Apache-2.0

// Package self keeps our own node record (EIP-778) up to date.
//
// In: ports that are bound, addresses that a router, the operator or other nodes name, the
// fork ID of our head. Out: the record with all that, signed when it is read and
// something has changed since, with a sequence number that is one higher
// (devp2p/enr.md#record-structure).
//
//	self := self.New(self.Config{Key: key, Sequence: db.Sequence(), Start: time.Now(), Save: db.SetSequence})
//	self.SetUDP(30303)
//	self.SetFallback(netip.MustParseAddr("127.0.0.1"))
//	record := self.Record()
//
// Of several addresses of one family, IPv4 or IPv6, the record has the best known: the one of the
// operator or a router, else the one that other nodes state, else the fallback.
//
// # Prediction
//
// Other nodes state our endpoint in PONG (devp2p/discv4.md#pong-packet-0x02,
// devp2p/discv5/discv5-wire.md#pong-response-0x02). The endpoint that at least 10 of them stated
// within 5 minutes, and more than any other, is used. All nodes of one IPv4 /24 or IPv6 /64 count
// once, and those of one IPv4 /16 or IPv6 /32, and so of one IPv6 /48, twice at most, so that the owner of one network
// cannot change our address. A host states an address of its own family only, and an address of the Internet only if it is there
// itself.
//
// A Record may be used from any goroutine. It remembers at most 512 statements of each kind;
// the oldest makes room.
package self
