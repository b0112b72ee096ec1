// SPDX-License-Identifier: Apache-2.0

// Package nodedb remembers nodes: which answered, which were good peers, and which to leave alone.
// It also keeps the sequence number of our own record.
//
// In: what was learned of a node (DB.Update), and how connections ended (Reputation.OnEnd). Out: the
// nodes to ask first (DB.Seeds), those to dial first (DB.Good), and how long to leave a node alone.
//
//	db, err := nodedb.New(disk)       // a nil disk remembers until the end of the run
//	db.SetContext(nodedb.Context{NetworkID: 1, Genesis: genesis})
//	go db.Run(ctx, record)
//	reputation := nodedb.NewReputation(db)
//
// # Context
//
// How good a node is depends on the network: a node of another chain is useless here and useful there. What
// was learned of a node counts only in the [Context] in which it was learned.
//
// Everything is in memory. Changes are written to the Disk once a second, and when Run ends, so a power cut
// or a kill loses at most the last second. A failed write is tried again with the next one, and is a loss at
// the place "nodedb.disk".
//
// # What is kept
//
// The DB keeps at most 16,384 entries, about 14 MiB with their records. An entry is proven if its node was a
// peer and its address is known. Strangers can make any number of unproven entries, because keys are free. In
// a full store
//
//	a new unproven entry  displaces the unproven entry that was not updated for longest, if nothing
//	                      was learned of its node for five days and the node need not be left alone;
//	                      else the new entry is dropped and counted as the loss "nodedb.full", which
//	                      is recorded once a minute
//	a new proven entry    displaces the unproven entry that was not updated for longest, or, if there
//	                      is none, the proven entry with the lowest score
//
// When the disk is read, an entry whose node gave no sign of life for 30 days is dropped, unless the node is
// to be left alone for longer. Times that a wrong clock wrote are clamped: nothing was learned later than
// now, and no wait is longer than 30 days. A value that cannot be read, or has a later version, is dropped
// and counted. In a value of the earlier version, which has no context, the judgement is ignored.
//
// The scores of the run are those of at most 8,192 nodes. A further node displaces the one that was without a
// connection for longest; Reputation.Forgotten counts these.
package nodedb
