// SPDX-License-Identifier: Apache-2.0

// Package mpt computes the roots of Merkle-Patricia tries
// (https://ethereum.org/en/developers/docs/data-structures-and-encoding/patricia-merkle-trie/)
// whose contents are all at hand: the transactions, receipts and withdrawals of a block,
// the accounts of a genesis file.
//
// In: keys and values. Out: one hash. No node is ever stored or looked up: pairs arrive in
// the order of their keys, so that every subtree is hashed as soon as the key after it is
// known, and what is open at a time is one path from the root. That path is a slice, not
// recursion; it is at most as long as a key has nibbles.
//
// Nothing here keeps state between calls. Keys and values are borrowed until a call
// returns. Every input has a root; there are no errors.
package mpt
