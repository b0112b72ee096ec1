// SPDX-License-Identifier: Apache-2.0

// Package network runs real clients on loopback for the length of a test: it starts one
// of the scripts of interop/peers with ports and a folder of its own, waits until every
// node answers and has seen blocks, and takes everything down again.
//
// In: which script, which client, how many nodes, how many transactions a second. Out:
// nodes with their enode URL, and a JSON-RPC client for each.
//
// The processes have a supervisor: a shell that starts them, in a process group of its own,
// and that stops all of them when its standard input ends. The input is a pipe that the
// test holds, so the network ends with the test even where the test has no chance to clean
// up (a timeout, a panic, a kill). Linux only.
package network
