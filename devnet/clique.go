// SPDX-License-Identifier: Apache-2.0

package devnet

import (
	"errors"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/types"
)

// Clique (EIP-225): the extra data of a header is 32 free bytes, at the genesis block and at
// checkpoints the signers, and 65 bytes of seal. A block sealed in turn has difficulty 2; with one
// signer every block is in turn.
const (
	vanityBytes = 32
	sealBytes   = 65
	inTurn      = 2
)

var (
	errUnsealed = errors.New("the extra data has no room for a seal")
	errSigner   = errors.New("the block was not sealed by the network's signer")
)

// extra returns extra data without a seal; a checkpoint's, if there is a signer.
func extra(signer *types.Address) []byte {
	b := make([]byte, vanityBytes, vanityBytes+len(types.Address{})+sealBytes)
	copy(b, "ethpeer devnet: not executed")
	if signer != nil {
		b = append(b, signer[:]...)
	}
	return b[:len(b)+sealBytes]
}

// sealHash is the hash that a seal signs: the header without the seal (EIP-225).
func sealHash(h *types.Header) types.Hash {
	unsealed := *h
	unsealed.Raw = nil
	unsealed.Extra = h.Extra[:len(h.Extra)-sealBytes]
	return keccak.Sum256(unsealed.Append(nil))
}

// seal puts the signer's seal into the header's extra data.
func seal(h *types.Header, key *ecc.PrivateKey) {
	sig := key.Sign(sealHash(h))
	copy(h.Extra[len(h.Extra)-sealBytes:], sig[:])
}

// signerOf returns the account that sealed a header.
func signerOf(h *types.Header) (types.Address, error) {
	if len(h.Extra) < vanityBytes+sealBytes {
		return types.Address{}, errUnsealed
	}
	key, err := ecc.Recover(sealHash(h), h.Extra[len(h.Extra)-sealBytes:])
	if err != nil {
		return types.Address{}, err
	}
	return types.AddressOf(key), nil
}
