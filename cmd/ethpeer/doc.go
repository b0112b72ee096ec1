// SPDX-License-Identifier: Apache-2.0

// Command ethpeer is an Ethereum peer without a node.
//
//	ethpeer watch    print every transaction and block that peers tell of
//	ethpeer version  print what was built
//
// In: flags, and the files that they name. Out: events on standard output, as
// docs/events.md describes them for a pipe and as readable lines on a terminal; messages
// on standard error; an exit code.
//
//	0  it ended as wanted: a signal, or the reader of standard output left
//	1  something failed that no other flags would have avoided
//	2  wrong use: one line says what is wrong and what to do
//
// Flags become settings (flags.go, values.go, files.go), settings become a node
// (node.go), and loop.go runs it. Standard output has one writer, behind a bounded queue;
// see package sink.
package main
