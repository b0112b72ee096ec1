// SPDX-License-Identifier: Apache-2.0

// Package kad keeps the node table of discovery and runs its lookups
// (devp2p/discv4.md#kademlia-table, devp2p/discv5/discv5-theory.md#node-table).
//
// # Table
//
// A [Table] keeps nodes in 17 buckets by their distance from our own ID
// (devp2p/discv4.md#kademlia-table), with up to 16 entries and 10 replacements each. Nodes come
// from sources that we chose ([Table.OnHeard]), from other nodes ([Table.OnNeighbors]) and from the
// nodes themselves ([Table.OnProven]). The table asks for a [Check] of one entry every few seconds:
// a node that answers may be relayed, a node that fails is replaced.
//
// # Lookup
//
// A [Lookup] finds the nodes nearest to a target by asking ever nearer nodes, three at a time
// (devp2p/discv4.md#recursive-lookup). It does not use the table: the caller starts it with
// [Table.Closest] and passes every reply through [Table.OnNeighbors], which applies the relay rule:
//
//	l, ask := kad.NewLookup(self, target, table.Closest(target))
//	for !l.Done() {
//		// send the questions in ask, wait for one answer: found, by from
//		good, actions := table.OnNeighbors(now, from, found)
//		ask = l.OnReply(from.ID, good)
//	}
//
// Both are machines: time and randomness are arguments, and actions are returned. The caller sends
// packets, times requests out, stores nodes and proves endpoints. Each machine has one owner.
//
// # Limits
//
// A table holds at most 17 × 26 nodes. Of those, counting replacements, at most 2 in a bucket and
// 10 in all have their addresses in the same IPv4 /24 or IPv6 /64 or /56, and at most 4 in a bucket and
// 10 in all in the same IPv4 /16 or IPv6 /32, and so in the same IPv6 /48: the owner of a network gets no more slots, with
// any number of identities. Local addresses are exempt. A [Search] runs 8 lookups at once and lets
// 64 wait; a [Iterator] has 256 nodes ready and remembers 4,096 that it returned. A lookup asks at most
// 128 nodes, and so sees at most 2,064.
package kad
