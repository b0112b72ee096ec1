// SPDX-License-Identifier: Apache-2.0

package enr

import (
	"net/netip"

	"github.com/ethpeer/ethpeer/ecc"
)

// A Claim is a record whose signature is checked only when somebody wants the record: most of
// what a handshake costs is such checks. Who the record is about is true, if a secret that belongs
// to its key has shown that, as in a handshake of discovery v5; what it says must not be passed
// on before [Claim.Verify]. A Claim must not be used by two goroutines at once.
type Claim struct {
	record    *Record
	digest    [32]byte // of what is signed
	signature []byte
	verified  bool // found to be valid
}

// ReadClaim reads the RLP of a record as [Decode] does, but for the signature.
func ReadClaim(raw []byte) (*Claim, error) {
	r, signature, content, err := read(raw)
	if err != nil {
		return nil, err
	}
	return &Claim{record: r, digest: digest(content), signature: signature}, nil
}

// Claim returns a claim that is known to be valid.
func (r *Record) Claim() *Claim { return &Claim{record: r, verified: true} }

// Verify returns the record if its signature is valid. That it is, is found out once.
func (c *Claim) Verify() (*Record, error) {
	if !c.verified && !c.record.key.Verify(c.digest, c.signature) {
		return nil, ErrSignature
	}
	c.verified = true
	return c.record, nil
}

// Raw returns the record's RLP, which the caller must not change.
func (c *Claim) Raw() []byte { return c.record.raw }

// Seq returns the sequence number.
func (c *Claim) Seq() uint64 { return c.record.seq }

// PublicKey returns the key that is said to have signed the record.
func (c *Claim) PublicKey() ecc.PublicKey { return c.record.key }

// ID returns the ID of the node that the record is about.
func (c *Claim) ID() ID { return c.record.ID() }

// NodeAt does what [Record.NodeAt] does; the node comes without the record.
func (c *Claim) NodeAt(at netip.AddrPort) (n Node, ok bool) {
	n, ok = c.record.NodeAt(at)
	n.Record = nil
	return n, ok
}
