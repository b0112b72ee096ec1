// SPDX-License-Identifier: Apache-2.0

// Package pebble keeps the node store on disk, in an embedded database (https://github.com/cockroachdb/pebble).
//
// It is a separate package, so that a program with another store, or with none, does not link the database.
//
//	disk, err := pebble.Open(dir, func(trouble string) { log.Warn(trouble) })
//	db, err := nodedb.New(disk)
//
// A database that cannot be read, because a file of it is damaged or foreign, is set aside under a name with
// the time, and a new one is begun: what was remembered of nodes is worth less than a start. Three are kept.
//
// A write that fails for good, such as on a full disk, would end the process: the library does so. Here it
// ends only the database: that write, and each later one, returns an error. The next write opens the database
// again. If that fails, the next attempt follows after a second, then two, and so on up to 5 minutes, so the
// store recovers when there is room. A write that returned no error is kept.
package pebble
