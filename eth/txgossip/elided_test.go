// SPDX-License-Identifier: Apache-2.0

package txgossip

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// newBlobTx returns the items of a blob transaction with one blob, whole and elided.
func newBlobTx(t *testing.T) (tx types.Tx, whole, elided []byte) {
	t.Helper()
	commitment := bytes.Repeat([]byte{0xc0}, types.CommitmentSize)
	versioned := sha256.Sum256(commitment)
	versioned[0] = 1
	tx, err := types.Sign(types.Tx{
		Type: types.BlobTx, ChainID: *uint256.NewInt(1), Gas: 21000, FeeCap: *uint256.NewInt(1e9),
		To: types.Address{1}, BlobFeeCap: *uint256.NewInt(1), BlobHashes: rlp.AppendBytes(nil, versioned[:]),
	}, key)
	if err != nil {
		t.Fatal(err)
	}
	fields := tx.AppendCanonical(nil)[1:]
	sidecar := func(blobs ...[]byte) []byte {
		proofs := bytes.Repeat(rlp.AppendBytes(nil, make([]byte, types.ProofSize)), types.CellsPerBlob)
		b := list(fields, []byte{1}, list(blobs...), list(rlp.AppendBytes(nil, commitment)), list(proofs))
		return rlp.AppendBytes(nil, append([]byte{types.BlobTx}, b...))
	}
	return tx, sidecar(rlp.AppendBytes(nil, make([]byte, types.BlobSize))), sidecar()
}

// From eth/72 on blob transactions come without their blobs, and before with them.
func TestBlobTransactionsByVersion(t *testing.T) {
	tx, whole, elided := newBlobTx(t)
	h := tx.Hash()
	for _, x := range []struct {
		v     wire.Version
		item  []byte
		fault string
	}{
		{71, whole, ""},
		{72, elided, ""},
		{71, elided, "unequal counts"},
		{72, whole, "where they are left out"},
	} {
		listen(t, func(l *listening) {
			p := l.node.Join("a", x.v)
			_, content, _, _ := rlp.Split(x.item)
			size := uint64(len(content))
			p.SendRaw(wire.KindNewPooledTransactionHashes, wire.AppendAnnouncement(nil, x.v, []wire.Announced{{Hash: h, Type: types.BlobTx, Size: size}}))
			l.want(fmt.Sprintf("tx %x via announcement of a, type 3 (true), size %d", h[:3], size))
			p.Want(wire.KindGetPooledTransactions, asked(x.v, 7000, h))
			p.SendRaw(wire.KindPooledTransactions, pooled(x.v, 7000, x.item))
			if x.fault != "" {
				wantBreach(t, p, x.fault)
				return
			}
			l.want(fmt.Sprintf("tx %x via request of a, type 3 (true), size %d, update, from %s nonce 0", h[:3], size, from()))
		})
	}
}
