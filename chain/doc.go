// SPDX-License-Identifier: Apache-2.0

// Package chain follows a chain by its headers, as far as that goes without state.
//
// In: headers that peers sent, and what each peer says is its latest block. Out: the head
// that enough of them attest to, and the blocks heard of last, by hash and by number.
// Nothing here is proof: work, seals and state are not checked, and after the merge a
// header says nothing of whether it is canonical.
//
// A [Tracker] is a machine without clock or goroutine and belongs to one goroutine.
//
// # Limits
//
//	blocks remembered          as NewTracker is told; the oldest make room
//	claims                     one per peer
//	depth at which branches
//	are told apart             Depth
package chain
