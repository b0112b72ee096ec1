// SPDX-License-Identifier: Apache-2.0

// Package nodenet plays very many nodes around one that is tested, in a bubble of
// testing/synctest. They do discovery v4 over datagrams in memory, each knowing some of the
// others, and accept connections over streams in memory.
//
//	world := nodenet.New(chain)
//	world.Add(200, nodenet.Group{Fork: ours})
//	world.Add(1800, nodenet.Group{Fork: theirs})
//	world.Meet()         // everybody knows some of the others
//	world.Run(ctx)
//
// An honest node answers a question with the nearest that it knows. A node of a closed group
// knows, and names, its group alone: that is how tables are poisoned.
//
// For tests only.
package nodenet
