// SPDX-License-Identifier: Apache-2.0

// Package bench has no code of its own: its benchmarks measure our work beside
// go-ethereum's, in one process and one run.
//
//	go test -run '^$' -bench . ./bench
//
// What is measured is the server's CPU time for each request, cpu-µs/op: the client's packets are
// made while the clock stands. Absolute times say nothing about another machine; the ratios do.
package bench
