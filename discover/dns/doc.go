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
// Of each list the links are read first, and the linked lists are read, too. Then the
// nodes come in random order, and again when all were given. Which name to look up when is
// the decision of a machine, which takes the time and the answers; the client acts
// in the goroutine of its caller, which owns all state. There is one lookup at a time.
//
// Limits: rules.go. What a hostile list or resolver can get is 3 lookups a second, 16 lists
// of 8,192 nodes and 1,024 links each, and 1,000 verified entries in memory, about
// 32 MiB in all. It cannot get us to take a list back to an older state, to follow links
// without end, or to give nodes that its signer did not list.
package dns
