// SPDX-License-Identifier: Apache-2.0

package devnet

import (
	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/ecc"
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

// extra returns extra data without a seal; a checkpoint's, if there are signers.
func extra(signers []types.Address) []byte {
	b := make([]byte, vanityBytes)
	copy(b, "ethpeer devnet: not executed")
	for _, a := range signers {
		b = append(b, a[:]...)
	}
	return append(b, make([]byte, sealBytes)...)
}

// seal puts the signer's seal into the header's extra data.
func seal(h *types.Header, key *ecc.PrivateKey) {
	sig := key.Sign(rules.CliqueSealHash(h))
	copy(h.Extra[len(h.Extra)-sealBytes:], sig[:])
}
