// SPDX-License-Identifier: Apache-2.0

package light

import (
	bls "github.com/consensys/gnark-crypto/ecc/bls12-381"
)

// scheme is the ciphersuite of Ethereum's signatures, with proofs of possession
// (draft-irtf-cfrg-bls-signature, section 4.2.3).
var scheme = []byte("BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_")

// minusG1 is the negated generator of G1.
var minusG1 = func() bls.G1Affine {
	_, _, g, _ := bls.Generators()
	g.Neg(&g)
	return g
}()

// A signers is a committee whose keys are decompressed and checked: about 48 KB for 512. It is never changed.
type signers struct {
	raw   Committee
	root  Root
	keys  []bls.G1Affine
	total bls.G1Jac // the sum of all keys
}

// newSigners decompresses the keys and checks that each is in the subgroup and not the identity: for 512 keys this takes
// about 80 ms. size is what the preset says.
func newSigners(c *Committee, size int) (*signers, error) {
	if len(c.Keys) != size {
		return nil, fail(Malformed, "a sync committee of %d keys, want %d", len(c.Keys), size)
	}
	s := &signers{raw: *c, root: c.root(), keys: make([]bls.G1Affine, size)}
	for i := range c.Keys {
		if _, err := s.keys[i].SetBytes(c.Keys[i][:]); err != nil || s.keys[i].IsInfinity() {
			return nil, fail(Malformed, "key %d of a sync committee is not a key", i)
		}
		s.total.AddMixed(&s.keys[i])
	}
	return s, nil
}

// aggregate returns the sum of the keys whose bits are set. It takes the shorter way: adds up those that signed, or takes
// those away that did not.
func (s *signers) aggregate(bits []byte, votes int) (sum bls.G1Affine) {
	var j bls.G1Jac
	without := votes > len(s.keys)/2
	if without {
		j.Set(&s.total)
	}
	for i := range s.keys {
		switch signed := bits[i/8]>>(i%8)&1 == 1; {
		case signed && !without:
			j.AddMixed(&s.keys[i])
		case !signed && without:
			var minus bls.G1Affine
			minus.Neg(&s.keys[i])
			j.AddMixed(&minus)
		}
	}
	return *sum.FromJacobian(&j)
}

// verify checks an aggregate signature of those whose bits are set
// (consensus-specs/specs/altair/bls.md#eth_fast_aggregate_verify).
func (s *signers) verify(bits []byte, votes int, message Root, signature *[96]byte) bool {
	sum := s.aggregate(bits, votes)
	var sig bls.G2Affine
	if _, err := sig.SetBytes(signature[:]); err != nil || sig.IsInfinity() || sum.IsInfinity() {
		return false
	}
	point, err := bls.HashToG2(message[:], scheme)
	if err != nil {
		return false
	}
	ok, err := bls.PairingCheck([]bls.G1Affine{sum, minusG1}, []bls.G2Affine{point, sig})
	return err == nil && ok
}
