// SPDX-License-Identifier: Apache-2.0

// Package forks asks a node which forks it has (eth_config, https://eips.ethereum.org/EIPS/eip-7910): what --forks-from does.
//
// In: the URL of a node's JSON-RPC over HTTP. Out: a [params.NodeConfig], from which [params.Chain.Overrides] makes overrides and
// checks them against the fork IDs that the node states.
//
// # Limits
//
//	answer   1 MiB
//	time     10 s, or what is left of ctx
package forks
