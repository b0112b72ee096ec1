// SPDX-License-Identifier: Apache-2.0

package types

import (
	"bytes"
	"crypto/sha256"

	"github.com/ethpeer/ethpeer/rlp"
)

// Sizes of what a sidecar holds (EIP-4844, EIP-7594).
const (
	BlobSize       = 131072 // bytes: 4096 field elements
	CommitmentSize = 48     // bytes: a point of BLS12-381, compressed
	ProofSize      = 48     // bytes
	CellsPerBlob   = 128    // of the extended blob; each has a proof
	CellSize       = 2048   // bytes: 64 field elements

	versionedHashKZG = 0x01
)

// A Sidecar is what a blob transaction carries on its way to a block and not in it. The
// zero value is none.
//
// The lists are contents of RLP lists of byte strings of one size each, borrowed from the
// input; they were checked for that and for their counts, not for their cryptography.
type Sidecar struct {
	Version     uint8  // 0: one proof for each blob (EIP-4844); 1: one for each cell (EIP-7594)
	Count       int    // of blobs
	Blobs       []byte // Count of BlobSize bytes each; nothing if Elided
	Commitments []byte // Count of CommitmentSize bytes each
	Proofs      []byte // Count of ProofSize bytes each; version 1: Count * CellsPerBlob
	Elided      bool   // the blobs have been left out (EIP-8070)
	present     bool
}

// Present reports whether there is a sidecar.
func (s *Sidecar) Present() bool { return s.present }

// readBlob reads the payload of a blob transaction: the list of its fields, or a list of
// that list and the sidecar's.
func (t *Tx) readBlob(c *rlp.Cursor, elided bool) {
	ahead := *c
	ahead.List("tx")
	if !ahead.More() || ahead.Kind("") != rlp.List {
		t.readFields(c)
		return
	}
	c.List("pooled")
	t.readFields(c)
	if c.Err() != nil {
		return
	}
	t.Sidecar.read(c, elided)
	c.End()
}

func (s *Sidecar) read(c *rlp.Cursor, elided bool) {
	s.present, s.Elided = true, elided
	if c.Kind("blobs") == rlp.Bytes && c.Err() == nil {
		if s.Version = 1; c.Uint64("version") != 1 {
			c.Fail("version", ErrSidecarVersion)
		}
	}
	var commitments, proofs int
	s.Blobs, s.Count = readSized(c, "blobs", BlobSize)
	if elided && s.Count > 0 {
		c.Fail("blobs", ErrNotElided)
	}
	s.Commitments, commitments = readSized(c, "commitments", CommitmentSize)
	if elided {
		s.Count = commitments
	}
	s.Proofs, proofs = readSized(c, "proofs", ProofSize)
	perBlob := 1
	if s.Version == 1 {
		perBlob = CellsPerBlob
	}
	if commitments != s.Count || proofs != s.Count*perBlob {
		c.Fail("sidecar", ErrSidecarCount)
	}
}

// readSized reads a list of byte strings of size bytes each and counts them.
func readSized(c *rlp.Cursor, name string, size int) (content []byte, n int) {
	c.List(name)
	content = c.Remaining()
	for c.More() {
		if b := c.Bytes(""); c.Err() == nil && len(b) != size {
			c.Fail("", rlp.ErrLength)
		}
		n++
	}
	c.End()
	return content, n
}

// CheckSidecar checks that the transaction has a sidecar and that its commitments are those
// that the transaction's versioned hashes name (EIP-4844, kzg_to_versioned_hash). Whether
// the blobs belong to the commitments is for a KZG library to say.
func (t *Tx) CheckSidecar() error {
	if !t.Sidecar.Present() {
		return ErrNoSidecar
	}
	hashes, commitments := rlp.Read(t.BlobHashes), rlp.Read(t.Sidecar.Commitments)
	for hashes.More() && commitments.More() {
		want := sha256.Sum256(commitments.Bytes("commitment"))
		want[0] = versionedHashKZG
		if !bytes.Equal(hashes.Bytes("blobHash"), want[:]) {
			return ErrCommitment
		}
	}
	if hashes.More() || commitments.More() {
		return ErrCommitment
	}
	return nil
}

// BlobCount returns how many blobs the transaction pays for, with or without a sidecar.
func (t *Tx) BlobCount() int { return len(t.BlobHashes) / (1 + len(Hash{})) }
