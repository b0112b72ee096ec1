// SPDX-License-Identifier: Apache-2.0

// Package netgroup says what kind of network an IP address belongs to, and which addresses count together.
//
// In: an address. Out: its [Kind], such as private or loopback, and its [Group]: the networks whose addresses one owner gets
// cheaply. Limits against many nodes of one owner count by group ([Counts]), with a [Share] for each network:
//
//	         IPv4   IPv6
//	narrow   /24    /64, which one host has, and /56, which one customer has
//	wide     /16    /32, which one provider has; a /48, which one company has, is part of it and never gets more
//
//	netgroup.KindOf(netip.MustParseAddr("192.168.1.2")) // Private
//	netgroup.Of(netip.MustParseAddr("34.1.2.3"))        // 34.1.2.0/24 in 34.1.0.0/16
//
// All forms of an address are the same to it: an IPv4 address, that address in IPv6 (::ffff:0:0/96), and an address with or without
// a zone. An address behind a NAT64 (64:ff9b::/96) has the kind and the group of the IPv4 address that it stands for.
//
// The package is pure. The kinds follow the special-purpose address registries of IANA (RFC 6890):
// https://www.iana.org/assignments/iana-ipv4-special-registry and https://www.iana.org/assignments/iana-ipv6-special-registry.
package netgroup
