// SPDX-License-Identifier: Apache-2.0

// Command ethpeer is an Ethereum peer without a node.
//
//	ethpeer bootnode      run a node that other nodes ask for nodes
//	ethpeer completion    print the script that makes a shell complete commands, flags and values
//	ethpeer config        print the settings that watch would use, and where each comes from
//	ethpeer crawl         visit every node of a network, and count them by client, version, fork and network
//	ethpeer enr decode    print what a node record says
//	ethpeer enr encode    sign a node record, and print it
//	ethpeer export        write the blocks of a data directory to a file
//	ethpeer import        read blocks from files into the chain of a data directory
//	ethpeer key generate  write a new key, and print the public one
//	ethpeer key inspect   print what other nodes see of a key: node ID, public key, enode form
//	ethpeer key new       the same as generate --out FILE
//	ethpeer ping          ask a node whether it is there, and with --rlpx what it is
//	ethpeer run           run a peer that keeps the chain and serves it, until it is told to end
//	ethpeer status        print how a running node is: its head, its blocks, its peers
//	ethpeer version       print what was built, and with which Go
//	ethpeer watch         print every transaction and block that peers announce
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
