// SPDX-License-Identifier: Apache-2.0

package types

import (
	"fmt"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/rlp"
)

// halfOrder is half the order of secp256k1, the largest s of a valid signature (EIP-2).
var halfOrder = uint256.Int{0xdfe92f46681b20a0, 0x5d576e7357a4501d, 0xffffffffffffffff, 0x7fffffffffffffff}

// order is the order of secp256k1, which r of a signature is below.
var order = uint256.Int{0xbfd25e8cd0364141, 0xbaaedce6af48a03b, 0xfffffffffffffffe, 0xffffffffffffffff}

// A Signature is what a transaction's sender is recovered from: the digest that was signed, r, s and
// the parity. It borrows nothing from the transaction.
type Signature struct {
	digest [32]byte
	bytes  [65]byte
}

// Signature returns the transaction's signature after all checks that need no curve: the parity, and
// the ranges of r and s, which must not be in the upper half (EIP-2). It fails with [ErrUnknownType]
// or [ErrSignature], allocates nothing unless it fails, and hashes the transaction once.
func (t *Tx) Signature() (sig Signature, err error) {
	if !t.Known {
		return sig, ErrUnknownType
	}
	parity, ok := t.parity()
	switch {
	case !ok:
		return sig, fmt.Errorf("%w: v is %s", ErrSignature, t.V.Hex())
	case t.R.IsZero(), t.S.IsZero(), !t.R.Lt(&order):
		return sig, fmt.Errorf("%w: r or s is out of range", ErrSignature)
	case t.S.Gt(&halfOrder):
		return sig, fmt.Errorf("%w: s is in the upper half of the group's order", ErrSignature)
	}
	sig.digest = t.signingHash()
	t.R.PutUint256(sig.bytes[:32])
	t.S.PutUint256(sig.bytes[32:64])
	sig.bytes[64] = parity
	return sig, nil
}

// Sender recovers the account that made the signature. It takes about 100 µs, and fails with
// [ErrSignature].
func (s *Signature) Sender() (Address, error) {
	key, err := ecc.Recover(s.digest, s.bytes[:])
	if err != nil {
		return Address{}, fmt.Errorf("%w: no key has made it", ErrSignature)
	}
	return AddressOf(key), nil
}

// Sender returns the account that signed the transaction, by the rules of EIP-2 (s not in the upper
// half), EIP-155, EIP-2930, EIP-1559, EIP-4844 and EIP-7702. The caller must compare ChainID with
// its chain.
//
// Sender fails with [ErrUnknownType] or [ErrSignature]. It takes about 100 µs; nothing is cached.
// [Tx.Signature] does the quick part of the work, and [Signature.Sender] the rest.
func (t *Tx) Sender() (Address, error) {
	sig, err := t.Signature()
	if err != nil {
		return Address{}, err
	}
	return sig.Sender()
}

// AddressOf returns the account that the key controls.
func AddressOf(key ecc.PublicKey) Address {
	xy := key.Bytes()
	sum := keccak.Sum256(xy[:])
	return Address(sum[12:])
}

// Protected reports whether the transaction is valid only on the chain with ChainID. All are,
// except legacy transactions with a V of 27 or 28. The V of other legacy transactions is 35 or 36
// plus twice the chain ID (EIP-155).
func (t *Tx) Protected() bool { return t.Type != LegacyTx || !t.V.LtUint64(35) }

// setLegacyChainID takes the chain ID from V.
func (t *Tx) setLegacyChainID() {
	if t.Protected() {
		t.ChainID.SubUint64(&t.V, 35)
		t.ChainID.Rsh(&t.ChainID, 1)
	}
}

// parity returns the parity of the signature's point, 0 or 1.
func (t *Tx) parity() (p byte, ok bool) {
	switch {
	case t.Type != LegacyTx:
		return byte(t.V.Uint64()), t.V.LtUint64(2)
	case t.Protected():
		return byte(t.V[0]-35) & 1, true
	default:
		return byte(t.V.Uint64() - 27), t.V.Eq(uint256.NewInt(27)) || t.V.Eq(uint256.NewInt(28))
	}
}

// signingHash returns the digest that the sender signed: of the fields before the signature, and
// for a protected legacy transaction also of the chain ID and two zeros (EIP-155).
func (t *Tx) signingHash() [32]byte {
	var head, tail [40]byte
	h, end := head[:0], tail[:0]
	if t.Type != LegacyTx {
		h = append(h, t.Type)
	} else if t.Protected() {
		end = appendUint256(end, &t.ChainID)
		end = append(end, 0x80, 0x80)
	}
	h = rlp.AppendListHeader(h, len(t.signed)+len(end))
	return keccak.Sum256(h, t.signed, end)
}
