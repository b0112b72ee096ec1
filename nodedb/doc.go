// SPDX-License-Identifier: Apache-2.0

// Package nodedb remembers nodes: who answered, who was a good peer, whom to leave alone and
// why, and the sequence number of our own record.
//
// In: what was learned of a node, through DB.Update. Out: whom to ask first (DB.Seeds), and
// whom to dial first (DB.Good).
//
//	db, err := nodedb.New(disk)       // a nil disk remembers until the end of the run
//	go db.Run(ctx)
//	db.Update(id, now, func(e *nodedb.Entry) { e.LastPong = now })
//
// Everything is in memory; what changes is written to the Disk once a second, and when Run
// ends. A power cut or a kill costs that second. A write that fails is tried again with the
// next, and is a loss at the place "nodedb.disk".
//
// # What is kept
//
// At most 16,384 entries, about 14 MiB with their records; the one longest not updated makes
// room. An entry that was not heard of for 30 days is dropped when the disk is read, unless
// its node is to be left alone for longer. A value that cannot be read, or is of another
// version, is dropped and counted: the node is met anew.
package nodedb
