// SPDX-License-Identifier: Apache-2.0

// Package memnet is connections in memory, for tests: as net.Pipe's, what is written waits
// until it is read. But a deadline that passes starts no goroutine, as it does there, so
// that tests can count goroutines.
package memnet
