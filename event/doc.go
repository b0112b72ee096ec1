// SPDX-License-Identifier: Apache-2.0

// Package event names everything that a peer can observe. Code that observes something
// records it here, once, and knows nothing of who listens: the command's output, a log,
// metrics and tests are all recorders.
//
// In: plain values. Out: the same values, in the order in which they were recorded.
// Recording never blocks and never fails; a recorder that hands events to a slower
// reader counts what it must drop and says so as a [Loss].
package event
