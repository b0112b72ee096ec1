// SPDX-License-Identifier: Apache-2.0

// Package peers plays the peers of a node in tests of its roles: dialogues over
// in-memory pipes, in a bubble of testing/synctest, through the real p2p and eth.
//
//	synctest.Test(t, func(t *testing.T) {
//		node := peers.NewNode(t, chain, role)
//		a := node.Join("a", 68)
//		a.Send(&wire.GetBlockBodies{ID: 1})
//		a.Want(wire.KindBlockBodies, []byte{0xc2, 0x01, 0xc0})
//	})
//
// For tests only.
package peers
