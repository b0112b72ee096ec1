// SPDX-License-Identifier: Apache-2.0

package peers

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"io"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/rlp"
)

// ForgeAuth makes the auth packet of an RLPx handshake (devp2p/rlpx.md#initial-handshake) that claims to come from the holder of
// a key, and needs no secret of it: the signature is by any key, over anything.
func ForgeAuth(rnd io.Reader, to, claimed ecc.PublicKey) ([]byte, error) {
	throwaway, err := ecc.NewPrivateKey(rnd)
	if err != nil {
		return nil, err
	}
	var random [32 + 32 + 16]byte // digest, nonce, IV
	if _, err := io.ReadFull(rnd, random[:]); err != nil {
		return nil, err
	}
	sig := throwaway.Sign([32]byte(random[:32]))
	key := claimed.Bytes()
	plain, list := rlp.OpenList(nil)
	plain = rlp.AppendBytes(plain, sig[:])
	plain = rlp.AppendBytes(plain, key[:])
	plain = rlp.AppendBytes(plain, random[32:64])
	plain = rlp.AppendUint64(plain, 4)
	plain = rlp.CloseList(plain, list)
	plain = append(plain, make([]byte, 120)...)
	return encrypt(throwaway, to, plain, random[64:])
}

// encrypt is ECIES (devp2p/rlpx.md#ecies-encryption), of a packet with its size in front (EIP-8).
func encrypt(ephemeral *ecc.PrivateKey, to ecc.PublicKey, plain, iv []byte) ([]byte, error) {
	prefix := binary.BigEndian.AppendUint16(nil, uint16(len(plain)+65+16+32))
	x, err := ephemeral.SharedX(to)
	if err != nil {
		return nil, err
	}
	both := sha256.Sum256(append([]byte{0, 0, 0, 1}, x[:]...))
	block, err := aes.NewCipher(both[:16])
	if err != nil {
		return nil, err
	}
	sealed := make([]byte, len(plain))
	cipher.NewCTR(block, iv).XORKeyStream(sealed, plain)
	mac := sha256.Sum256(both[16:])
	h := hmac.New(sha256.New, mac[:])
	h.Write(iv)
	h.Write(sealed)
	h.Write(prefix)
	point := ephemeral.Public().Bytes()
	out := append(append(prefix, 4), point[:]...)
	out = append(append(out, iv...), sealed...)
	return h.Sum(out), nil
}

// forgeAuth claims a key that nobody has seen.
func (a *Attacker) forgeAuth() []byte {
	auth, err := ForgeAuth(a.Rand, a.Node, a.key().Public())
	if err != nil {
		panic(err) // a fault of the test
	}
	return auth
}
