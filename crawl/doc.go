// SPDX-License-Identifier: Apache-2.0

// Package crawl walks the network: it asks every node that it hears of for others, and what
// it is, until there is nobody left.
//
//	report := crawl.Run(ctx, crawl.Config{Start: bootnodes, Visit: visit, Each: print})
//
// In: nodes to begin with, and a way to visit one: it tells whether the node answers, and of
// which others it tells. Out: a Visit for each node, as it ends, and a Report that counts them
// by client, version, fork, network and how they could be reached.
//
// The machine decides whom to visit next, first heard first visited, each node once; the loop
// owns it and has a fixed number of workers.
//
// Limits: at most 100,000 nodes are heard of; what comes after is counted. A worker visits
// one node at a time; how long that takes is the visitor's business.
package crawl
