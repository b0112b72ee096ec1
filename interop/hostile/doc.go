// SPDX-License-Identifier: Apache-2.0

// Package hostile besieges the built binary over real TCP: honest peers beside attackers of every kind of internal/test/peers, for a
// minute. It runs with the tag interop, as `make hostile` does, and needs no real client. Linux only.
//
// All of it runs in a network namespace of its own, where whole public networks belong to the loopback device, so that
// each attacker comes from an address that counts as one on the Internet. Where the system refuses a namespace the networks are parts of
// 127.0.0.0/8, which the node does not count by network, and the FIGURES line says so.
package hostile
