// SPDX-License-Identifier: Apache-2.0

// Command embed is a program of another module that uses every public package of ethpeer in the
// way that its documentation shows. CI builds and runs it, so that no public package needs
// something that only this module can name.
//
// Each part checks what it did. Nothing leaves the machine: sockets are on the loopback
// interface, the network is package devnet's.
package main
