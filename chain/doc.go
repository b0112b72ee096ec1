// SPDX-License-Identifier: Apache-2.0

// Package chain holds a blockchain without its state: headers, bodies, receipts and access lists, as the bytes that
// came, and which of the blocks are canonical.
//
// In: headers, bodies, receipts and access lists from peers or files, and the head that an external source believes
// after the merge. Each is checked by the rules of package chain/rules, as far as they need no state, on the caller's
// goroutine. Out: the same bytes, the head, and each change of the canonical chain ([Chain.Follow]).
//
//	c, err := chain.Open(chain.Config{Params: params}) // in memory: the last 1,024 blocks
//	n, err := c.InsertHeaders(time.Now(), raw)
//	err = c.PutBody(hash, body)
//
// # Two ways to a head
//
// Before the merge, and on chains that never merge, blocks come in order on a held parent ([Chain.InsertHeaders]), and
// the heaviest becomes the head. After the merge a header does not show whether it is canonical (EIP-3675): an external
// source names the head ([Chain.SetHead]). If its parent is not held, it hangs in the air, above a [Gap], which
// [Chain.InsertBack] closes downwards.
//
// # Owners
//
// Any goroutine may call any method of a [Chain]. Readers use snapshots and never wait for a writer. Writers check first
// and wait for each other then. A batch of the [Store] holds all that one call changes, the state included, so that a
// process that is killed finds a chain when it starts again. A store that cannot be written is dead ([Chain.Dead]): the
// chain goes on in memory.
//
// # Limits
//
//	side blocks             90,000 and 64 MiB (MaxSide, MaxSideBytes); the cheapest ends go first
//	runs of headers         16; the shortest goes first
//	change for a cursor     4,096 blocks; then a Reset
//	extra data              100 KiB
//	gas limit               5,000 to 2^63-1
//	ahead of our clock      15 s (MaxAhead)
package chain
