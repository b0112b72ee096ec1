// SPDX-License-Identifier: Apache-2.0

// Package runs has no code of its own: its tests, behind the build tag interop, let
// `ethpeer watch` listen for a minute to real geth nodes of several generations, under
// load, and compare what it printed with what the nodes say over RPC.
//
//	interop/peers/install.sh
//	go test -tags interop -count=1 -v ./runs
//
// One more run has geth see how trusted and static nodes are treated. Discovery is asked by
// the conformance tests of two generations, finds real nodes that know each other, and lets
// real nodes find each other that know nobody else.
//
// In a network with two miners that compete, a node of ours follows every reorganisation.
//
// Runs of several minutes have a file with the build tag soak and a name that begins with TestSoak;
// `make soak` runs them.
//
// Each run prints its figures: transactions and blocks reported of all that were mined,
// how they reached us, and by how much our lines lag behind RPC.
package runs
