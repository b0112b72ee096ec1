// SPDX-License-Identifier: Apache-2.0

// Package server keeps a node connected to peers: it listens, dials, admits at two checkpoints, runs
// each peer, and records one cause for every connection that ends
// (https://github.com/ethereum/devp2p/blob/master/rlpx.md).
//
// In: a key, protocols, nodes to dial, and the operator's commands during the run. Out: running peers for the
// protocols, and a peer event for each connection that comes up, goes down, or fails before; strangers that
// fail again and again are counted.
//
//	s, err := server.New(server.Config{Key: key, Client: "mine/v1", Protocols: protocols, Listen: ":30303"})
//	…
//	go s.AddPeer(node) // at any time, from anywhere
//	err = s.Run(ctx)
//
// # The path of a connection
//
// Accept (restriction, throttle, slots) or dial → RLPx handshake → checkpoint 1 → Hello → checkpoint 2 → the
// protocols run → one recorded cause → the verdict sets the time of the next dial. The checkpoints check in
// this order; the first check that fails gives the reason of the Disconnect (devp2p/rlpx.md#disconnect-0x01):
//
//	a shared protocol       useless peer        the second only, if we have protocols
//	MaxPeers                too many peers      not asked of trusted nodes
//	the inbound places      too many peers      not asked of trusted nodes
//	a network's share       too many peers      of the inbound places; not asked of trusted nodes
//	one connection a node   already connected   of an inbound connection the second only
//	not ourselves           connected to self   of an inbound connection the second only
//
// An RLPx handshake does not prove that the node has the key that it claims; its first frame does
// (devp2p/rlpx.md#initial-handshake). Until then an inbound connection has no node ID: no event, wait, score
// or refusal names one, and dials go on. While there are trusted nodes, all limits of inbound connections are
// checked at the second checkpoint.
//
// # Inbound places
//
// Node keys are free, so each network gets only a part of the inbound places, at least one: an IPv4 /24, IPv6
// /64 or IPv6 /56 an eighth (4 of 34), an IPv4 /16, IPv6 /48 or IPv6 /32 a quarter (8 of 34). Local networks
// are exempt. Where NetRestrict names networks, only the shares of the narrow networks hold. When all places
// are taken, a node whose wide network has no inbound peer displaces the youngest peer of the most crowded
// network, at most once in 10 s, and only if that network has two peers or more. Trusted, static and dialled
// peers are never displaced.
//
// # Trusted and static
//
// A trusted node (Config.Trusted, [Server.Trust]) is admitted beyond the limits, but not dialled. A static
// node (Config.Static, [Server.AddPeer]) is dialled until it is connected and whenever the connection is
// lost, but is not admitted beyond the limits. Neither implies the other.
//
// # Which nodes are dialled
//
// Static nodes come first, those that waited longest before others. Candidates of a [Source] get the
// remaining slots; the source waits while there are none. A candidate event says for each candidate whether
// it is dialled, or why not.
//
// A node is not dialled again within 35 s of its last dial, nor during the wait of a verdict:
//
//	full                    70 s, twice as long each time in a row, up to half an hour
//	broke a rule            10 minutes
//	has nothing for us      an hour
//	its score is low        an hour
//	of another chain        for good: as long as it is remembered, 30 days
//
// A static node is dialled at once when it is named, whatever its reputation. It waits for five minutes at
// most. It waits for only 35 s after "too many peers", or after "useless peer" in a session of ten minutes or
// more, because geth ends random peers of a full pool with that reason. No node is dialled while it is
// connected, or while the server has no place for it.
//
// Of the candidates that are connected or being dialled, at most two may be of a narrow network (IPv4 /24,
// IPv6 /64 or /56), and at most a quarter of the dialled share of a wide one (IPv4 /16, IPv6 /32). Local
// networks are exempt. Where NetRestrict names networks, only the limit of the narrow networks holds.
//
// A candidate at a local address is dialled only if that local network is ours: it has an address of Listen,
// External, a static node or Neighbors, or NetRestrict names it. Elsewhere the address would mean another
// host, such as a service of our own network.
//
// Our own network is down if there is no peer at all and either eight dials in a row, to four nodes or more,
// fail before a connection exists, or three dials in a row have no route on this machine. It is also down
// when discovery reports that ([Server.SetRoute]). One trouble event records that it is down, and one that it
// is back. Meanwhile no node is blamed, and nodes are tried again after 5 s, so that there are peers within
// seconds of its return. A node that accepts a connection and closes it does not count as a failure.
//
// With a [nodedb.DB] behind the [Reputation], scores, waits and causes outlast the process, but hold only on
// the network on which they were learned.
//
// # Owners
//
// Each connection has one goroutine from its first byte to its end, which becomes the peer's owner. The dial
// loop owns the [dialer], the listening loop owns the [throttle]. The [admission] table, [pending] and
// [commands] are leaves behind a mutex each. The machines take the time as an argument and have no side
// effects.
//
// # Limits
//
//	peers                        MaxPeers (50); of them dialled: one in DialRatio (3), at least one. A
//	                             connection without Status (devp2p/caps/eth.md#status-0x00) counts
//	dials under way              2 × (dialled share − dialled peers), at most MaxPending (50)
//	inbound handshakes           MaxPending (50); the next connection waits. From one narrow network
//	                             5, from one wide one half of all, unless it is local; the next is
//	                             closed
//	one source address           one connection in 30 s, ten from one narrow network and forty from
//	                             one wide one, unless it is local; 16,384 addresses and 16,384
//	                             networks remembered, oldest first forgotten
//	events of inbound            one in 30 s for each narrow network, of 1,024 networks; the others
//	connections that fail        are counted as the loss "server.refused"
//	large messages               Config.Memory (256 MiB), shared by all peers; what comes in waits
//	RLPx and Hello together      5 s
//	a dial                       15 s for one address; of several 4 in turn, 5 s or more each
//	a search for an address      5 s; by the resolver once in 60 s, doubling to an hour
//	nodes not to dial yet        16,384 remembered, oldest first forgotten
//	scores                       8,192 nodes, least recent first forgotten
package server
