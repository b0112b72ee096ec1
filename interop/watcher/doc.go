// SPDX-License-Identifier: Apache-2.0

// Package watcher runs the peer under test: one process of `ethpeer watch`, as an operator
// starts it, with a node key of its own and its standard output on a pipe.
//
// In: flags. Out: the lines it printed (docs/events.md), each with the time at which it
// arrived. One goroutine reads them; a mutex guards the list. The process ends with the
// test, and with the test's process however that ends. Linux only.
package watcher
