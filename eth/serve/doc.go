// SPDX-License-Identifier: Apache-2.0

// Package serve is the role that answers requests (devp2p/caps/eth.md).
//
// In: requests of any peer. Out: one answer to each, in the order in which they came. A peer
// that gets no answer drops us, so every request is answered, an unknown block with a shorter
// list. Config.Chain is what headers, bodies, receipts and access lists come from, and
// Config.Pool what transactions and cells come from.
//
// The reader of a session copies a request into a small descriptor and never waits. The
// session's writer produces the reply when the socket can take it: it looks the items up, and
// sends them as they are stored. No item is decoded, except that receipts get their bloom
// filters up to eth/68 and that a list of receipts beyond 10 MiB is cut from eth/70 on
// (EIP-7975). Items are chunks (rlpx.Chunk) of one cache for all sessions, so an item that
// many peers request is compressed once.
//
// # What is left out
//
// Headers end at the first one that is not held. Up to eth/68 an unknown block is left out of
// the bodies. Receipts, and from eth/69 on bodies, end at the first block that is not held:
// the list at i is that of the hash at i (devp2p/caps/eth.md#receipts-0x10), and geth drops a
// peer for a body that does not match its header. A block access list that is not held has a
// place that says so (EIP-8159). State data is not held (EIP-4938).
//
// # Limits
//
//	a reply                2 MiB, of which the last item may pass the end, up to 10 MiB in all
//	headers                192 up to eth/65, 1024 later
//	bodies                 128 up to eth/65, 1024 later
//	receipts               256 up to eth/65, 1024 later
//	access lists           1024
//	transactions           4096
//	cells                  1024
//	side steps of a query  100 headers that are not canonical
//	the cache              32 MiB, charged to the p2p.Budget; the item that was longest not used makes
//	                       room; without a session it is empty
//
// The requests that wait for their answer are bounded by eth.Session.
//
// # Owners
//
// A Server is immutable but for its cache, a leaf behind one mutex. Descriptors belong to the session's queue. There is no loop.
package serve
