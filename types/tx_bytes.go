// SPDX-License-Identifier: Apache-2.0

package types

import (
	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/rlp"
)

// Hash returns the transaction's hash: the Keccak-256 of its consensus bytes without the sidecar.
func (t *Tx) Hash() Hash {
	if !t.Sidecar.Present() {
		return keccak.Sum256(t.binary)
	}
	return keccak.Sum256([]byte{t.Type}, t.list)
}

// Binary returns the consensus bytes, borrowed: type and payload, with the sidecar if there is one,
// or the legacy list.
func (t *Tx) Binary() []byte { return t.binary }

// Size returns the length of Binary in bytes, the size in announcements
// (devp2p/caps/eth.md#newpooledtransactionhashes-0x08).
func (t *Tx) Size() uint64 { return uint64(len(t.binary)) }

// ElidedSize returns the size in announcements from eth/72 on: Size without the blobs (EIP-8070).
func (t *Tx) ElidedSize() uint64 {
	if !t.hasBlobs() {
		return t.Size()
	}
	return uint64(1 + rlp.SizeList(t.elidedContent()))
}

// AppendCanonical appends the consensus bytes without the sidecar, as blocks have them and Hash
// hashes them.
func (t *Tx) AppendCanonical(dst []byte) []byte {
	if !t.Sidecar.Present() {
		return append(dst, t.binary...)
	}
	return append(append(dst, t.Type), t.list...)
}

// AppendItem appends the transaction as messages list it, with the sidecar if there is one: Raw,
// or an encoding of Binary if Raw is nil.
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

// AppendElided appends the transaction as PooledTransactions lists it from eth/72 on (EIP-8070): as
// AppendItem does, but with an empty list in place of the sidecar's blobs.
func (t *Tx) AppendElided(dst []byte) []byte {
	if !t.hasBlobs() {
		return t.AppendItem(dst)
	}
	content := t.elidedContent()
	dst = rlp.AppendBytesHeader(dst, 1+rlp.SizeList(content))
	dst = append(dst, t.Type)
	dst = rlp.AppendListHeader(dst, content)
	dst = append(dst, t.list...)
	if t.Sidecar.Version > 0 {
		dst = rlp.AppendUint64(dst, uint64(t.Sidecar.Version))
	}
	dst = appendList(dst, nil)
	dst = appendList(dst, t.Sidecar.Commitments)
	return appendList(dst, t.Sidecar.Proofs)
}

func (t *Tx) hasBlobs() bool { return t.Sidecar.Present() && !t.Sidecar.Elided }

// elidedContent returns how many bytes the transaction and its sidecar without blobs take in their
// list.
func (t *Tx) elidedContent() int {
	size := len(t.list) + rlp.SizeList(0) + rlp.SizeList(len(t.Sidecar.Commitments)) + rlp.SizeList(len(t.Sidecar.Proofs))
	if t.Sidecar.Version > 0 {
		size += rlp.SizeUint64(uint64(t.Sidecar.Version))
	}
	return size
}
