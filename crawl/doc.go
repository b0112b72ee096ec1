// SPDX-License-Identifier: Apache-2.0

// Package crawl visits every node of a network and counts what the nodes are.
//
//	report, err := crawl.Run(ctx, crawl.Config{Start: bootnodes, Each: print})
//
// In: nodes to begin with. Out: a [Visit] for each node, as it ends, and a [Report] that
// counts them by client, version, fork, network and how far each visit came.
//
// A visit asks a node over UDP for its record and for other nodes, in both versions of
// discovery, and then over TCP what it is (package probe). In discovery v5 it asks one
// distance at a time, because nodes may answer a FINDNODE of several distances from the first
// one only (devp2p/discv5/discv5-wire.md#findnode-request-0x03). The crawler sends no Status
// (devp2p/caps/eth.md#status-0x00), so nodes of all chains answer alike.
//
// The machine decides which node is next: first heard, first visited, each node once. The loop
// owns the machine and has a fixed number of workers. visitor.go asks.
//
// Limits: at most 100,000 nodes are heard of; what comes after is counted. A worker visits one
// node at a time, for about a minute at most.
package crawl
