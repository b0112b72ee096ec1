// SPDX-License-Identifier: Apache-2.0

// Package pebble keeps the node store on disk, in an embedded database (https://github.com/cockroachdb/pebble).
//
// It is a package of its own, so that a program with a store of another kind, or with none, does without its size.
//
//	disk, err := pebble.Open(dir, func(trouble string) { log.Warn(trouble) })
//	db, err := nodedb.New(disk)
//
// A database that cannot be read, because a file of it is damaged or is not its own, is set
// aside, under a name that says when, and a new one is begun: what was remembered of nodes is
// worth less than a start. Three are kept.
//
// A write that fails for good, such as on a full disk, ends the process in the library's own view. Here it ends the database: the
// write, and each one after it, returns an error. The database is opened again with the next write, or, if that fails, after a
// second, two and so on up to 5 minutes, so that the store recovers when there is room. A write that returned no error is kept.
package pebble
