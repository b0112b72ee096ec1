// SPDX-License-Identifier: Apache-2.0

// Package server is many peers: it listens, dials, admits at two checkpoints, runs each
// peer, and records one cause for every connection that ends.
//
// In: a key, protocols, nodes to dial. Out: running peers for the protocols, and a
// peer event for each that comes up, goes down, or never became one.
//
// The path of a connection: accept or dial → RLPx handshake → checkpoint 1 (limits,
// duplicates, self) → Hello → checkpoint 2 (a shared protocol, again the limits) → the
// protocols run → one recorded cause → the verdict decides about the next dial.
//
// # Owners
//
// Each connection has one goroutine from its first byte to its end; it becomes the
// peer's owner. The dial loop owns the [dialer]. The admission table is a leaf behind one
// mutex.
//
// # Limits
//
//	peers                        MaxPeers (50), of them at most two thirds inbound
//	handshakes under way         50 inbound, 50 dialled
//	RLPx and Hello together      5 s
//	a dial                       15 s
package server
