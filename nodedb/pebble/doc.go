// SPDX-License-Identifier: Apache-2.0

// Package pebble keeps the node store on disk, in an embedded database
// (https://github.com/cockroachdb/pebble). It is a package of its own so that who embeds the
// library with a store of another kind, or none, does without its size.
//
//	disk, err := pebble.Open(dir, func(trouble string) { log.Warn(trouble) })
//	db, err := nodedb.New(disk)
//
// A database that cannot be read, because a file of it is damaged or is not its own, is set
// aside, under a name that says when, and a new one is begun: what was remembered of nodes is
// worth less than a start. Three are kept. What ends the process in the library's own view, a
// write that fails for good, ends the store here: its writes fail from then on.
package pebble
