// SPDX-License-Identifier: Apache-2.0

package rlpx

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"

	"github.com/ethpeer/ethpeer/internal/keccak"
)

const macSize = 16

// A frameMAC is the running MAC of one direction (devp2p/rlpx.md#mac): a Keccak-256 over all
// frames so far, mixed with AES twice per frame.
//
// Owner: the Sealer or Opener around it. Invariant: digest is the digest of all that state has
// absorbed. So the digest at the end of a frame is that at the start of the next, and is not
// computed again: permutations of Keccak dominate the cost.
type frameMAC struct {
	state  keccak.Hasher
	block  cipher.Block // AES-256 with the MAC secret
	digest [32]byte
	seed   [aes.BlockSize]byte
	mixed  [aes.BlockSize]byte
}

func newFrameMAC(secret [32]byte, state keccak.Hasher) frameMAC {
	m := frameMAC{state: state, block: newAES(secret)}
	m.sum()
	return m
}

// header absorbs a frame's encrypted header and returns its MAC, borrowed until the next call.
func (m *frameMAC) header(encrypted []byte) []byte {
	copy(m.seed[:], encrypted)
	return m.stir()
}

// body absorbs a frame's encrypted and padded body and returns its MAC, borrowed until the next call.
func (m *frameMAC) body(encrypted []byte) []byte {
	m.state.Write(encrypted)
	m.sum()
	copy(m.seed[:], m.digest[:])
	return m.stir()
}

func (m *frameMAC) stir() []byte {
	m.block.Encrypt(m.mixed[:], m.digest[:aes.BlockSize])
	subtle.XORBytes(m.mixed[:], m.mixed[:], m.seed[:])
	m.state.Write(m.mixed[:])
	m.sum()
	return m.digest[:macSize]
}

func (m *frameMAC) sum() { m.state.Sum(m.digest[:0]) }

// newStream returns the keystream of one direction: AES-256 in counter mode that starts at zero
// and never restarts (devp2p/rlpx.md#framing).
func newStream(secret [32]byte) cipher.Stream {
	return cipher.NewCTR(newAES(secret), make([]byte, aes.BlockSize))
}

func newAES(secret [32]byte) cipher.Block {
	block, err := aes.NewCipher(secret[:])
	if err != nil {
		panic(err) // the length of the key is right
	}
	return block
}
