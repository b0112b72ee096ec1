// SPDX-License-Identifier: Apache-2.0

// Package pebble keeps a chain on disk, in an embedded database (https://github.com/cockroachdb/pebble).
//
// It is a package of its own, so that a program with a chain in memory does without its size.
//
//	c, err := pebble.OpenChain(dir, chain.Config{Params: params}, func(trouble string) { log.Warn(trouble) })
//
// A batch is there as a whole or not at all, also after the process was killed. The writer does not wait for the disk: a
// goroutine syncs what was written, as fast as the disk takes it. After a kill or a power cut the last batches may be
// missing, and none in between. So what a chain finds is always a chain, which a synchronisation completes.
//
// A database that cannot be read, or holds no chain, is set aside under a name that says when, and a new one is begun.
// Three are kept. One of another chain is left alone, and is an error.
//
// A write that fails, such as on a full disk, ends the process in the library's own view. Here it ends the store: that
// write and each one after it returns an error, and what was written before can be read.
package pebble
