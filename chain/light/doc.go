// SPDX-License-Identifier: Apache-2.0

// Package light proves which execution block is the head of a beacon chain, from the signatures of its sync committees.
//
// In: a trusted checkpoint root, then the answers of any beacon node to /eth/v1/beacon/light_client/ as parsed JSON, and the slot
// of the clock. Out: the newest proved block ([Client.Head]) and the newest proved finalized block ([Client.Finalized]). The
// package has no clock and does no I/O; chain/head/beacon follows a beacon node with it. It follows
// consensus-specs/specs/altair/light-client/sync-protocol.md and the documents of the later forks, Altair to Fulu, and the draft
// of Gloas.
//
//	c, err := light.Start(&network, checkpoint, bootstrap)
//	change, err := c.Apply(update, network.SlotAt(now))
//	c.Head().Hash // of an execution block: its header must hash to it
//
// # What is proved
//
// A committee of 512 validators (32 in the minimal preset) is drawn for each period, 27 hours on mainnet. The checkpoint's state names its committee,
// and each committee's period names the next. A head is believed when at least two thirds of the committee of the signature's slot
// signed it, and when a Merkle branch leads from the signed block to the execution block. So the head is as good as the checkpoint
// and the honesty of a third of each committee: members that sign two blocks lose nothing for it, since these signatures
// cannot be slashed. No execution is checked. The proved block is one behind the newest (two from Gloas on).
//
// # Whose word counts
//
// A beacon node is trusted for nothing: it can be silent, late, or refused. The facts of a [Network] come from this package, from the
// operator's file, or from a beacon node ([ParseFacts]). A node that lies there cannot forge a head, because the checkpoint
// pins the committee: the genesis validators root and the fork versions only enter what the committee must have signed, so
// wrong ones make every signature fail. The sizes and fork epochs select which leaf of a hashed structure is read, and no
// other leaf has a preimage that is a committee or a header. Genesis time and seconds per slot decide how old a head seems; they are compared
// with the time of every proved execution block, which the chain's rules tie to its slot (in Gloas the proof
// does not contain that time; compare it with the header that peers send). What is left to a lying node is time.
// The one exception is a chain whose validators sign with the same keys on another chain: there a file is the only
// safe source.
//
// # Limits
//
// Answers are parsed with bounds ([MaxUpdates], 512 keys, branches of 16), and the caller bounds their bytes. Applying an update with 512
// keys takes about 4 ms, starting about 80 ms. A [Client] has one owner.
package light
