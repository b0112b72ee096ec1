// SPDX-License-Identifier: Apache-2.0

// Package eth runs the sessions of the eth protocol, one with each peer
// (https://github.com/ethereum/devp2p/blob/master/caps/eth.md).
//
// In: messages that p2p has routed. Out: each reply to the caller of its request ([Ask], [Do]), every
// other message to a role, and the roles' unrequested messages to a peer ([Session.TellBlock],
// [Session.AnnounceTxs], [Session.SendTxs]). A [Role] is one function of a peer: serve requests,
// receive transactions, receive blocks. This package imports no role, no chain and no pool.
//
// A session begins when Open sends our Status. The peer's Status must be the first message, match
// ours in network, genesis and fork ID (devp2p/caps/eth.md#status-0x00, EIP-2124), and arrive within
// 5 s. The session then joins the [Set] and the roles open their listeners. Each later message is
// matched with a request of ours, or decoded and given to the role that takes its kind.
//
// # Limits
//
//	requests of ours in flight per session     64, each for 5 to 20 s, or as long as its
//	                                           caller wants, at most a minute
//	timed-out request IDs remembered           10,000, for 5 minutes
//	requests of theirs waiting for an answer   64, referring to at most 1 MiB of data; the
//	                                           next 1,024 get a reply without items; one
//	                                           more ends the session
//	a message that was decoded                 forgotten when its role is done with it; what a
//	                                           role keeps is charged to [Session.Budget]
//	what a peer is to be told unasked          4 whole blocks, 4 block hashes: the
//	                                           newest is dropped, and may be told later;
//	                                           8,192 announced transactions, 4,096 whole
//	                                           ones of 1 MiB: the oldest make room;
//	                                           the latest block range
//	what a peer is known to know               8,192 transactions, 256 blocks; the
//	                                           oldest are forgotten
package eth
