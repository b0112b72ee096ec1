// SPDX-License-Identifier: Apache-2.0

package beacon

import (
	"crypto/sha256"
	"fmt"
	"math/big"
	"sync"

	bls "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
)

// A committee has the secret keys of a sync committee.
type committee struct {
	secrets []*big.Int
	keys    [][48]byte
	sum     [48]byte
	root    node
}

// made has the committees and signatures that any chain of the process has made: chains of one seed have the same.
var made = struct {
	sync.Mutex
	committees map[string]*committee
	signatures map[node][96]byte
}{committees: map[string]*committee{}, signatures: map[node][96]byte{}}

func newCommittee(seed string, period uint64, size int) *committee {
	made.Lock()
	defer made.Unlock()
	name := fmt.Sprintf("%s/%d/%d", seed, period, size)
	if made.committees[name] == nil {
		made.committees[name] = makeCommittee(seed, period, size)
	}
	return made.committees[name]
}

func makeCommittee(seed string, period uint64, size int) *committee {
	c := &committee{}
	var sum bls.G1Affine
	var leaves []node
	for i := range size {
		h := sha256.Sum256(fmt.Appendf(nil, "%s/%d/%d", seed, period, i))
		secret := new(big.Int).Mod(new(big.Int).SetBytes(h[:]), fr.Modulus())
		var key bls.G1Affine
		key.ScalarMultiplicationBase(secret)
		sum.Add(&sum, &key)
		c.secrets = append(c.secrets, secret)
		c.keys = append(c.keys, key.Bytes())
		leaves = append(leaves, hashOf(chunks(c.keys[i][:])...))
	}
	c.sum = sum.Bytes()
	c.root = join(hashOf(leaves...), hashOf(chunks(c.sum[:])...))
	return c
}

// sign returns the bits and the signature of the first votes members.
func (c *committee) sign(message node, votes int) (bits []byte, signature [96]byte) {
	bits = make([]byte, len(c.secrets)/8)
	sum := new(big.Int)
	for i := range votes {
		bits[i/8] |= 1 << (i % 8)
		sum.Add(sum, c.secrets[i])
	}
	name := hashOf(c.root, message, num(uint64(votes)))
	made.Lock()
	defer made.Unlock()
	if known, ok := made.signatures[name]; ok {
		return bits, known
	}
	point, err := bls.HashToG2(message[:], []byte("BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_"))
	if err != nil {
		panic(err)
	}
	point.ScalarMultiplication(&point, sum.Mod(sum, fr.Modulus()))
	made.signatures[name] = point.Bytes()
	return bits, made.signatures[name]
}
