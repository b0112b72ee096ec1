// SPDX-License-Identifier: Apache-2.0

// Package event defines what an ethpeer node reports: transactions, blocks, heads, peers,
// losses and troubles. The command's output, a log, metrics and tests read the same events.
//
// In: plain values, recorded once, where something is observed. Out: the same values, in
// the order of recording. Recording never blocks and never fails.
//
// Each type says its fields once, in its Visit method. An encoder is a [Fields]: it knows
// types of fields, not kinds of events. A new event is one type and one row of [All].
//
// A [Hub] hands events to any number of subscriptions. Each is a bounded ring with a mutex;
// a full one drops the newest event, counts it, and hands out a [Loss] in its place. The
// package has no goroutine and reads no clock. A [Tally] counts, a [Digest] thins out losses
// for people. An observation never steers the node.
package event
