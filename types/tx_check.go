// SPDX-License-Identifier: Apache-2.0

package types

import (
	"errors"
	"fmt"
	"math"

	"github.com/ethpeer/ethpeer/rlp"
)

// MinGas is the least gas of a transaction in any fork: 12,000 from Amsterdam on (EIP-2780,
// TX_BASE_COST), 21,000 before (Yellow Paper, appendix G, G_transaction). The gas limit must cover it
// (devp2p/caps/eth.md#transaction-encoding-and-validity).
const MinGas = 12_000

// What is wrong with a transaction that [Tx.Check] refuses.
var (
	errGas      = errors.New("less gas than a transaction takes")
	errNonce    = errors.New("nonce is the largest of 64 bits")
	errTip      = errors.New("tip is above the fee cap")
	errNoBlobs  = errors.New("blob transaction without blobs")
	errBlobHash = errors.New("blob hash is of an unknown version")
	errNoAuths  = errors.New("set-code transaction without authorizations")
)

// Check checks what needs neither state, nor a signature, nor the fork: that the gas is at least
// [MinGas], the nonce below 2⁶⁴-1 (EIP-2681), the tip at most the fee cap (EIP-1559), that a blob
// transaction has blobs, with hashes of version 1 (EIP-4844), and a set-code transaction
// authorizations (EIP-7702). The error wraps [ErrInvalidTx]: no chain includes the transaction, but
// a peer that sends it breaks no rule (devp2p/caps/eth.md#transaction-encoding-and-validity). A
// transaction of an unknown type passes. Check allocates nothing unless it fails.
func (t *Tx) Check() error {
	if !t.Known {
		return nil
	}
	if err := t.flaw(); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalidTx, err)
	}
	return nil
}

func (t *Tx) flaw() error {
	switch {
	case t.Gas < MinGas:
		return errGas
	case t.Nonce == math.MaxUint64:
		return errNonce
	case t.Tip.Gt(&t.FeeCap):
		return errTip
	case t.Type == BlobTx:
		return checkBlobHashes(t.BlobHashes)
	case t.Type == SetCodeTx && len(t.AuthList) == 0:
		return errNoAuths
	}
	return nil
}

// checkBlobHashes checks that there are hashes, each of a KZG commitment (EIP-4844).
func checkBlobHashes(list []byte) error {
	c := rlp.Read(list)
	if !c.More() {
		return errNoBlobs
	}
	for c.More() {
		if h := c.Bytes("blobHash"); len(h) == 0 || h[0] != versionedHashKZG {
			return errBlobHash
		}
	}
	return nil
}
