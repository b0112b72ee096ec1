// SPDX-License-Identifier: Apache-2.0

// Package eth runs the sessions of the eth protocol, one with each peer
// (https://github.com/ethereum/devp2p/blob/master/caps/eth.md).
//
// In: messages that p2p has routed. Out: replies to those who asked for them ([Ask],
// [Do]), everything else to the roles, and what these tell a peer unasked
// ([Session.TellBlock], [Session.AnnounceTxs], [Session.SendTxs]). A [Role] is something that a
// peer does: serve, hear transactions, hear blocks. This package knows none of them by name, and
// knows neither a chain nor a pool.
//
// The path of a session: Open sends our Status; theirs must be the first message, agree
// with ours on network, genesis and fork ID, and arrive within 5 s; then the session
// joins the [Set] and the roles are told; from then on each message is matched with a
// request of ours, or decoded and given to the role that wants its kind.
//
// # Limits
//
//	requests of ours in flight per session     64
//	timed-out request IDs remembered           10,000, for 5 minutes
//	requests of theirs waiting for an answer   16, holding at most 256 KiB; then the
//	                                           session's reader waits
//	what a peer is to be told unasked          8 messages about blocks, 8,192
//	                                           announced transactions, 4,096 whole
//	                                           ones of 1 MiB; the oldest make room
//	what a peer is known to know               8,192 transactions, 256 blocks; the
//	                                           oldest are forgotten
package eth
