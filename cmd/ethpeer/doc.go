// SPDX-License-Identifier: Apache-2.0

// Command ethpeer is an Ethereum peer without a node.
//
//	ethpeer watch       print every transaction and block that peers tell of
//	ethpeer config      print the settings that watch would use, and where each comes from
//	ethpeer key new     write a node key
//	ethpeer completion  print what makes a shell complete all of this
//	ethpeer version     print what was built
//
// In: flags, variables, a configuration file, and the files that they name. Out: events on
// standard output, as docs/events.md describes them for a pipe and as readable lines on a
// terminal; messages on standard error, which never tell a private key; an exit code.
//
//	0  it ended as wanted: a signal, or the reader of standard output left
//	1  something failed that no other flags would have avoided
//	2  wrong use: one line says what is wrong and what to do
//
// Each flag is an option of package internal/option, which completes it from variables and a
// configuration file by the rule of docs/config.md. Each command has a file: it defines its
// options, checks them and runs. For watch, options become settings (settings.go), settings
// become a node (node.go), and loop.go runs it. Standard output has one writer, behind a
// bounded queue; see package sink. A signal ends a command in order (signals.go).
package main
