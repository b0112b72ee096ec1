// SPDX-License-Identifier: Apache-2.0

package enr

import (
	"net/netip"

	"github.com/ethpeer/ethpeer/ecc"
)

// An UnverifiedRecord is a record whose signature is verified when the record is first needed:
// verifying is most of the cost of a handshake. A handshake of discovery v5 proves that the
// sender holds the record's key, and so the node ID (discv5-theory.md#handshake-steps). Nothing
// else that the record states may be passed on before [UnverifiedRecord.Verify]. An
// UnverifiedRecord must not be used by two goroutines at once.
type UnverifiedRecord struct {
	record    *Record
	digest    [32]byte // of what is signed
	signature []byte
	verified  bool // the signature is valid
}

// DecodeUnverified reads the RLP of a record, which it copies, as [Decode] does, but does not
// verify the signature.
func DecodeUnverified(raw []byte) (*UnverifiedRecord, error) {
	r, signature, content, err := read(raw)
	if err != nil {
		return nil, err
	}
	return &UnverifiedRecord{record: r, digest: digest(content), signature: signature}, nil
}

// Unverified returns the record as one whose signature need not be verified again.
func (r *Record) Unverified() *UnverifiedRecord {
	return &UnverifiedRecord{record: r, verified: true}
}

// Verify returns the record if its signature is valid, else ErrSignature. A signature that
// was found valid is not verified again.
func (u *UnverifiedRecord) Verify() (*Record, error) {
	if !u.verified && !u.record.key.Verify(u.digest, u.signature) {
		return nil, ErrSignature
	}
	u.verified = true
	return u.record, nil
}

// Raw returns the record's RLP, which the caller must not change.
func (u *UnverifiedRecord) Raw() []byte { return u.record.raw }

// Seq returns the sequence number.
func (u *UnverifiedRecord) Seq() uint64 { return u.record.seq }

// PublicKey returns the key that the record states.
func (u *UnverifiedRecord) PublicKey() ecc.PublicKey { return u.record.key }

// ID returns the ID of the node that the record is about.
func (u *UnverifiedRecord) ID() ID { return u.record.ID() }

// NodeAt does what [Record.NodeAt] does; the node has no Record.
func (u *UnverifiedRecord) NodeAt(at netip.AddrPort) (n Node, ok bool) {
	n, ok = u.record.NodeAt(at)
	n.Record = nil
	return n, ok
}
