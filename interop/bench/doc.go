// SPDX-License-Identifier: Apache-2.0

// Package bench has no code of its own: its benchmarks measure our work beside
// go-ethereum's, in one process and one run.
//
//	go test -run '^$' -bench . ./bench
//
// What is measured is the server's CPU time for each request while 32 are under way, on one
// processor: the clients' packets are made while the clock stands. Both take turns, and geth/ours
// says how many times as much go-ethereum's takes. Absolute times say nothing about another machine.
// Serving is measured over loopback TCP, with requests that were sealed before and replies that are not decrypted: what
// counts is the server, and what the kernel does for both. "again" is an item that some peer had before, "first" one that
// none had: our cache is off. The MAC of RLPx is most of what a large reply costs, on either side.
//
// Without cgo both do without C; with it go-ethereum has its curve in C, and we have ours with
// -tags libsecp256k1.
package bench
