// SPDX-License-Identifier: Apache-2.0

package types

import (
	"github.com/ethpeer/ethpeer/internal/ecc"
	"github.com/ethpeer/ethpeer/rlp"
)

// Hash returns the hash by which the network knows the transaction: the Keccak-256 of its
// consensus bytes without the sidecar.
func (t *Tx) Hash() Hash {
	if !t.Sidecar.Present() {
		return ecc.Sum256(t.binary)
	}
	return ecc.Sum256([]byte{t.Type}, t.list)
}

// Binary returns the consensus bytes: type and payload, with the sidecar if there is one,
// or the legacy list. They are borrowed.
func (t *Tx) Binary() []byte { return t.binary }

// Size returns the length of Binary in bytes, which is what announcements state
// (devp2p/caps/eth.md#newpooledtransactionhashes-0x08).
func (t *Tx) Size() uint64 { return uint64(len(t.binary)) }

// AppendCanonical appends the consensus bytes without the sidecar: what blocks hold and
// Hash hashes.
func (t *Tx) AppendCanonical(dst []byte) []byte {
	if !t.Sidecar.Present() {
		return append(dst, t.binary...)
	}
	return append(append(dst, t.Type), t.list...)
}

// AppendItem appends the transaction as messages list it, with the sidecar if there is one:
// Raw, or what it would be.
func (t *Tx) AppendItem(dst []byte) []byte {
	switch {
	case t.Raw != nil:
		return append(dst, t.Raw...)
	case t.Type == LegacyTx:
		return append(dst, t.binary...)
	default:
		return rlp.AppendBytes(dst, t.binary)
	}
}
