// SPDX-License-Identifier: Apache-2.0

// Package oracle has no code of its own: its tests ask go-ethereum whether it agrees with
// us, in one process. On real blocks (mainnet and Sepolia, as they lie in go-ethereum's
// module) both must decode the same things to the same hashes; on arbitrary bytes both
// must accept the same inputs, or differ in a way that a test names with its reason. Its
// RLPx and ours talk to each other in both directions.
package oracle
