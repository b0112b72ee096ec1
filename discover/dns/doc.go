// SPDX-License-Identifier: Apache-2.0

// Package dns finds nodes in lists that are published in DNS
// (https://eips.ethereum.org/EIPS/eip-1459).
//
// In: the lists' URLs, and the TXT strings that a [Resolver] gets for them; package
// dnstree verifies them. Out: one node after the other, from [Client.Next], to
// its caller; nothing is looked up between calls.
//
//	c, err := dns.New(dns.Config{Lists: chain.DNS})
//	for n, ok := c.Next(ctx); ok; n, ok = c.Next(ctx) { … }
//
// The links of each list are read first, and then the linked lists, too (EIP-1459, "Client
// Protocol"). Then nodes come in random order, and again when all were returned. A machine decides
// which name to look up when; the client acts in the goroutine of its caller, which owns all
// state. There is one lookup at a time.
//
// Limits: rules.go. A hostile list or resolver can cause at most 3 lookups a second, and make us
// hold 16 lists of 8,192 nodes and 1,024 links each and 1,000 verified entries, about 32 MiB in
// all. It cannot roll a list back to an older sequence number, make us follow links without end, or
// add nodes that the list's signer did not list.
package dns
