// SPDX-License-Identifier: Apache-2.0

// Package serve is the role that answers requests (devp2p/caps/eth.md).
//
// In: requests of any peer. Out: one answer to each, in the order in which they came. A
// peer that asks and hears nothing gives us up, so everything is answered. What we do not
// hold is left out of the answer, except that receipts end before the first block that we
// do not have (devp2p/caps/eth.md#receipts-0x10), and that a block access list has a place
// that says so (EIP-8159).
//
// What we hold is the genesis block, which is what our Status states. The role has no
// state that changes, and no loop.
//
// # Limits
//
// An answer has at most as many items as the wire table allows to send. The requests that
// wait for their answer are bounded by eth.Session.
package serve
