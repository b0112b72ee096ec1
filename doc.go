// SPDX-License-Identifier: Apache-2.0

// Package ethpeer is an Ethereum peer without the node: it shakes hands with Ethereum
// clients of the last ten years, keeps them, and reports every transaction and block that
// they gossip. It needs no state database and no EVM.
//
// [New] takes a [Config]; [Node.Run] runs the peer until its context ends. What the peer
// observes goes to Config.Record, as package event describes it.
//
// This is the only package that knows all the concrete parts: it gives the roles to the
// eth protocol, the protocol to the server, and the recorder to all of them.
package ethpeer
