// SPDX-License-Identifier: Apache-2.0

// Package mpt computes the roots of Merkle-Patricia tries from their keys and values.
//
// In: all pairs of a trie, such as the transactions, receipts or withdrawals of a block, or the
// accounts of a genesis file. Out: one hash. No node is stored or looked up: pairs arrive in
// the order of their keys, so each subtree is hashed as soon as the next key is known, and only
// one path from the root is open at a time. The path is a slice, not recursion; it has at most
// as many branches as a key has nibbles. The trie is specified in
// https://ethereum.org/en/developers/docs/data-structures-and-encoding/patricia-merkle-trie/
// and in appendix D of the yellow paper.
//
// The package has no state. Keys and values are borrowed until a call returns. Every input has
// a root; there are no errors.
package mpt
