// SPDX-License-Identifier: Apache-2.0

package types

import (
	"bytes"
	"crypto/sha256"

	"github.com/ethpeer/ethpeer/rlp"
)

// Sizes of the parts of a sidecar (EIP-4844, EIP-7594).
const (
	BlobSize       = 131072 // bytes: 4096 field elements
	CommitmentSize = 48     // bytes: a point of BLS12-381, compressed
	ProofSize      = 48     // bytes
	CellsPerBlob   = 128    // of the extended blob; each has a proof
	CellSize       = 2048   // bytes: 64 field elements

	versionedHashKZG = 0x01
)

// A Sidecar is the part of a blob transaction that is sent to peers and not included in a block
// (EIP-4844). The zero Sidecar is none.
//
// Blobs, Commitments and Proofs are contents of RLP lists, borrowed from the input. The sizes and
// the number of their items are right; their cryptography is not checked.
type Sidecar struct {
	Version     uint8  // 0: one proof for each blob (EIP-4844); 1: one for each cell (EIP-7594)
	Count       int    // of blobs
	Blobs       []byte // Count items of BlobSize bytes; none if Elided
	Commitments []byte // Count items of CommitmentSize bytes
	Proofs      []byte // Count items of ProofSize bytes; version 1: Count * CellsPerBlob
	Elided      bool   // the blobs are left out (EIP-8070)
	present     bool
}

// Present reports whether the transaction has a sidecar.
func (s *Sidecar) Present() bool { return s.present }

// readBlob reads the payload of a blob transaction: the list of its fields, or a list of that list
// and the sidecar's items.
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

// CheckSidecar checks that the transaction has a sidecar, and that the versioned hashes of its
// commitments are those of the transaction (EIP-4844, kzg_to_versioned_hash). It does not check
// that the blobs belong to the commitments, which takes a KZG library. It fails with
// [ErrNoSidecar] or [ErrCommitment].
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

// BlobCount returns how many blobs the transaction pays for, with or without its sidecar.
func (t *Tx) BlobCount() int { return len(t.BlobHashes) / (1 + len(Hash{})) }
