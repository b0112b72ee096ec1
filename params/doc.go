// SPDX-License-Identifier: Apache-2.0

// Package params describes chains: their genesis block, when their rules change, and where
// their nodes are found.
//
// In: a name (mainnet, sepolia, hoodi, classic, mordor), or a genesis file as geth's
// operators have it, JSON of at most [MaxGenesisSize] bytes. Out: a [Chain]. From a file
// the genesis hash is computed, with the state root of all accounts; a file that cannot be
// right ends in a [*GenesisError], which names the field.
//
// A chain tells which fork ID to announce at a head and which of a peer's to accept
// (EIP-2124, EIP-6122):
//
//	c, _ := params.ByName("sepolia")
//	ours := c.ForkID(head.Number, head.Time)
//	err := c.CheckForkID(theirs, head.Number, head.Time)
//
// and, with [Chain.Rules], which forks and blob limits a block is under. A file's chain that
// ethpeer cannot follow is refused with the reason; what works in part is in its Warnings.
//
// Schedules and bootnodes are those of geth v1.17.8 and of core-geth. Nothing here keeps
// state, reads files or a clock. A Chain belongs to the caller that asked for it. Its methods
// only read, so goroutines can share a Chain that is no longer changed.
package params
