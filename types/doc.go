// SPDX-License-Identifier: Apache-2.0

// Package types reads what blocks are made of: headers, transactions, receipts,
// withdrawals.
//
// In: RLP from peers and files. Out: views over those bytes. A [Header], [Tx], [Body],
// [Block] or [Receipt] has its fields decoded and its slices borrowed from the input. What is
// relayed keeps that input as Raw: it is passed on and hashed as it came, never encoded
// again. Whoever keeps a view longer than the input lives must copy the input and decode the
// copy.
//
// There are three steps, each dearer than the one before:
//
//   - [Scan] a list: items and hashes, nothing else. Most of it is usually known already.
//   - Decode an item, as [DecodeTx] does: fields, in canonical form through all levels,
//     without an allocation.
//   - Judge it: [Tx.Sender], [Tx.CheckSidecar], [Body.Matches], [ReceiptRoot].
//
// Forks add fields and types. Header fields after the last one known are kept as
// [Header.Rest], transactions of unknown types as their bytes, so that an old ethpeer hands
// on what a new chain says, byte for byte. What is known reaches to Amsterdam.
//
// A transaction has two forms. Lists in messages and blocks hold a typed one as a byte
// string; its hash and the root of a block are made of that string's content, its consensus
// bytes (EIP-2718). A legacy transaction is a list in both. The same goes for receipts up to
// eth/68.
//
// Limits: integers of 64 or 256 bits as each field's type says; four topics a log. How long
// lists and byte strings may be is for the message that carries them to limit, in package
// eth/wire. Every input ends in a value or an error; errors of decoding are of type
// [rlp.Error], with the offset and the path of the field.
//
// The package has no state. Values are not safe for concurrent writing; a decoded one is
// safe for concurrent reading.
package types
