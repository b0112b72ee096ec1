// SPDX-License-Identifier: Apache-2.0

// Package observer records what real nodes say over RPC while a peer under test is
// connected to them: when each block first became visible, which transactions it has, and
// which connections each node has to the peer, second by second.
//
// In: nodes. Out, after Stop: blocks by number, and connections by node and second. One
// goroutine per node and question; a mutex guards what they write.
package observer
