// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"slices"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// Parts of a clique header's extra data (https://eips.ethereum.org/EIPS/eip-225#specification).
const (
	vanityBytes = 32
	sealBytes   = 65
	signerBytes = len(types.Address{})
)

// Difficulties of a clique block.
const (
	outOfTurn = 1
	inTurn    = 2
)

// Votes of a clique block, in its nonce.
var (
	voteAdd  = [8]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	voteDrop = [8]byte{}
)

// checkClique checks the form of a clique header (EIP-225), all but its signer.
func checkClique(c *params.Clique, parent, h *types.Header) error {
	if h.Time < parent.Time || h.Time-parent.Time < c.Period {
		return broken(h, Time, "is %d, the parent's %d, the period %d s", h.Time, parent.Time, c.Period)
	}
	if h.MixDigest != (types.Hash{}) {
		return broken(h, MixDigest, "is not 0")
	}
	if h.UncleHash != types.EmptyUncleHash {
		return broken(h, Uncles, "are not empty")
	}
	if !h.Difficulty.IsUint64() || h.Difficulty.Uint64() != inTurn && h.Difficulty.Uint64() != outOfTurn {
		return broken(h, Difficulty, "is %v, not 1 or 2", &h.Difficulty)
	}
	list := len(h.Extra) - vanityBytes - sealBytes
	if h.Number%c.Epoch != 0 {
		switch {
		case list != 0:
			return broken(h, ExtraData, "has %d bytes, not %d", len(h.Extra), vanityBytes+sealBytes)
		case h.Nonce != voteAdd && h.Nonce != voteDrop:
			return broken(h, Nonce, "is %x, no vote", h.Nonce)
		}
		return nil
	}
	switch {
	case list < 0 || list%signerBytes != 0:
		return broken(h, ExtraData, "has %d bytes: no list of signers fits", len(h.Extra))
	case h.Coinbase != types.Address{}:
		return broken(h, Coinbase, "of a checkpoint is %v, not 0", h.Coinbase)
	case h.Nonce != voteDrop:
		return broken(h, Nonce, "of a checkpoint is %x, not 0", h.Nonce)
	}
	return nil
}

// CliqueSigner recovers who sealed a clique block (EIP-225). It costs a signature recovery.
func CliqueSigner(h *types.Header) (types.Address, error) {
	at := len(h.Extra) - sealBytes
	if at < vanityBytes {
		return types.Address{}, broken(h, ExtraData, "has %d bytes: no seal", len(h.Extra))
	}
	key, err := ecc.Recover(CliqueSealHash(h), h.Extra[at:])
	if err != nil {
		return types.Address{}, broken(h, Signer, "the seal is no signature: %v", err)
	}
	return types.AddressOf(key), nil
}

// CliqueSealHash returns what the seal of a clique block signs: the hash of the header whose extra
// data ends before the seal. The extra data must have room for it.
func CliqueSealHash(h *types.Header) types.Hash {
	unsealed := *h
	unsealed.Extra, unsealed.Raw = h.Extra[:len(h.Extra)-sealBytes], nil
	return keccak.Sum256(unsealed.Append(nil))
}

// signersOf returns the signers that a checkpoint lists, in its order.
func signersOf(h *types.Header) (all []types.Address) {
	if len(h.Extra) < vanityBytes+sealBytes {
		return nil
	}
	for a := range slices.Chunk(h.Extra[vanityBytes:len(h.Extra)-sealBytes], signerBytes) {
		if len(a) == signerBytes {
			all = append(all, types.Address(a))
		}
	}
	return all
}
