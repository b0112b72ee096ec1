// SPDX-License-Identifier: Apache-2.0

// Package beacon follows a beacon chain through the REST API of beacon nodes, and names the head that sync committees prove.
//
// In: URLs of beacon nodes, a checkpoint, the clock. Out: heads, as a source of package chain/head, and Troubles. Package chain/light
// verifies all that a node says; its documentation says what is proved.
//
//	f, err := beacon.New(beacon.Config{URLs: urls, Network: network, Checkpoint: root, Store: beacon.File(path)})
//	err = f.Run(ctx, believe)
//
// # What it asks
//
// The bootstrap of the checkpoint; the updates of closed periods, 16 at a time and one by one after an error; then events
// (light_client_optimistic_update, light_client_finality_update), and, while none come, the optimistic update at a third of each slot. Finality
// updates are asked for when one is due.
//
// # Nodes that fail
//
// Several URLs are for availability: one is asked at a time. A node that is silent, answers with an error, or is more than two slots behind the
// clock is left for the next one. A node that gives a provably bad answer is not asked again, and told as a Trouble; when none is
// left, all are asked again after an hour. Whatever nodes do, the head only moves to a block that two thirds of a committee signed.
//
// # Limits
//
// 1 MiB for an answer and an event, 4 MiB for updates, after decompression; 10 s for an answer, 30 s for updates; 8 nodes; 16 events that wait,
// of which the oldest is dropped and counted. Two goroutines: Run's own, which owns all state, and one that reads events.
package beacon
