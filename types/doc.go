// SPDX-License-Identifier: Apache-2.0

// Package types reads and writes the contents of blocks: headers, transactions, receipts and
// withdrawals.
//
// In: RLP from peers and files. Out: views of those bytes. A [Header], [Tx], [Body], [Block] or
// [Receipt] has its fields decoded, and its slices are parts of the input. The input itself is
// kept as Raw: what is relayed or hashed are the bytes that came, never a new encoding. To keep
// a view longer than its input, copy the input and decode the copy.
//
// Three steps cost more and more:
//
//   - [Scan] a list: its items and their hashes, nothing else. Most of them are known already.
//   - Decode an item, as [DecodeTx] does: all fields, canonical on all levels, without an
//     allocation.
//   - Check it: [Tx.Sender], [Tx.CheckSidecar], [Body.Matches], [ReceiptRoot].
//
// Encodings and validity are specified in devp2p/caps/eth.md#transaction-encoding-and-validity,
// devp2p/caps/eth.md#block-encoding-and-validity and the EIPs named at each field; the devp2p
// documents are in https://github.com/ethereum/devp2p. All forks up to Amsterdam are known. Later
// forks can add fields and types: unknown fields at the end of a header are kept as [Header.Rest]
// and transactions of unknown types as their bytes, so both are relayed unchanged.
//
// A typed transaction has two forms (EIP-2718). Lists in messages and blocks have it as a byte
// string; its hash and a block's root are made from the content of that string, its consensus
// bytes. A legacy transaction is a list in both. The same holds for receipts up to eth/68.
//
// A transaction with a value that none can have is an [ErrInvalidTx]: it is discarded alone, and
// its sender stays a peer. Every other error of decoding means malformed bytes. All are of type
// [*rlp.Error], with the offset and the path of the field.
//
// Limits: integers of 64 or 256 bits, as the type of each field shows; four topics in a log.
// Package eth/wire limits the lengths of lists and byte strings in messages.
//
// The package has no state. A decoded value may be read by several goroutines at once.
package types
