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
// How good a node is depends on the network: a node of another chain is of no use here, and may be
// of use there. What was learned of it counts only in the [Context] in which it was learned.
//
// Everything is in memory; what changes is written to the Disk once a second, and when Run
// ends. A power cut or a kill costs that second. A write that fails is tried again with the
// next, and is a loss at the place "nodedb.disk".
//
// # What is kept
//
// At most 16,384 entries, about 14 MiB with their records. An entry is proven if its node was a peer and its address is known;
// strangers can make any number of others, with keys that are free. In a full store
//
//	a new entry that is not proven   displaces the unproven one that was not updated for longest, if nothing was learned of that
//	                                 one for five days and it need not be left alone; else it is dropped, and counted as the loss
//	                                 "nodedb.full", once a minute
//	a new entry that is proven       displaces the unproven one that was not updated for longest, or else the proven one with the
//	                                 lowest score
//
// An entry that was not heard of for 30 days is dropped when the disk is read, unless its node is to be left alone for longer. Times
// that a wrong clock wrote are clamped then: nothing was learned later than now, and no wait is longer than 30 days. A value that
// cannot be read, or is of a later version, is dropped and counted: the node is met anew. Of an earlier version, without a context,
// the judgement is ignored. Scores of the run are of 8,192 nodes at most; the one longest without a connection makes room, which
// Reputation.Forgotten counts.
package nodedb
