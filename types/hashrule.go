// SPDX-License-Identifier: Apache-2.0

package types

import (
	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/rlp"
)

// A HashRule says which bytes of a header its hash covers. The seals of the validators of a BFT chain sign the block, and each
// node may have others of them: their chains leave the seals out of the hash. It belongs to the chain: package params sets it.
type HashRule uint8

// The rules.
const (
	HashWhole  HashRule = iota // the Keccak-256 of the whole header
	HashIBFT2                  // Besu's IBFT 2.0: extra data without round and commit seals
	HashQBFT                   // Besu's QBFT: round 0, no commit seals
	HashQuorum                 // GoQuorum's Istanbul BFT without committed seals, or its QBFT without round and seals
)

// istanbulVanity is how many bytes of extra data precede the list of Istanbul BFT (EIP-650).
const istanbulVanity = 32

// istanbulDigest is the mix hash of every block of Istanbul's family (https://github.com/ethereum/EIPs/issues/650).
var istanbulDigest = Hash{
	0x63, 0x74, 0x69, 0x63, 0x61, 0x6c, 0x20, 0x62, 0x79, 0x7a, 0x61, 0x6e, 0x74, 0x69, 0x6e, 0x65,
	0x20, 0x66, 0x61, 0x75, 0x6c, 0x74, 0x20, 0x74, 0x6f, 0x6c, 0x65, 0x72, 0x61, 0x6e, 0x63, 0x65,
}

// hashedExtra returns the extra data that the hash covers, and false if it covers the header as it is: Besu's genesis block, a block of
// another engine on a GoQuorum chain, and extra data that is none of this family.
func (h *Header) hashedExtra() (extra []byte, ok bool) {
	switch {
	case h.Rule == HashIBFT2 && h.Number > 0:
		return extraOf(h.Extra, nil, false)
	case h.Rule == HashQBFT && h.Number > 0:
		return extraOf(h.Extra, []byte{0x80, 0xc0}, false)
	case h.Rule == HashQuorum && h.MixDigest == istanbulDigest:
		if extra, ok = istanbulExtra(h.Extra); ok {
			return extra, true
		}
		return extraOf(h.Extra, nil, true)
	}
	return nil, false
}

// extraOf returns the extra data [vanity, validators, vote, round, seals] with end in the place of round and seals. GoQuorum
// writes an absent vote as an empty byte string, and a vote against a validator as a zero byte.
func extraOf(extra, end []byte, quorum bool) ([]byte, bool) {
	c := rlp.Read(extra)
	c.List("extra")
	vanity, validators, vote := c.Raw("vanity"), c.Raw("validators"), c.Raw("vote")
	round := c.Bytes("round")
	c.List("seals")
	for c.More() {
		c.Bytes("seal")
	}
	c.End()
	c.End()
	if c.Done() != nil || len(round) > 4 || vanity[0] >= 0xc0 || validators[0] < 0xc0 {
		return nil, false
	}
	out, list := rlp.OpenList(make([]byte, 0, len(extra)))
	out = append(append(out, vanity...), validators...)
	switch {
	case quorum && len(vote) == 1:
		out = append(out, 0x80)
	case quorum && vote[len(vote)-1] == 0x80 && len(vote) == 1+1+20+1:
		out = append(append(out, vote[:len(vote)-1]...), 0)
	default:
		out = append(out, vote...)
	}
	return rlp.CloseList(append(out, end...), list), true
}

// istanbulExtra returns the extra data, 32 bytes and then [validators, seal, committed seals], without committed seals.
func istanbulExtra(extra []byte) ([]byte, bool) {
	if len(extra) < istanbulVanity {
		return nil, false
	}
	c := rlp.Read(extra[istanbulVanity:])
	c.List("istanbul")
	validators := c.Raw("validators")
	c.Bytes("seal")
	signed := istanbulVanity + c.Offset() // where the committed seals begin
	c.List("committed seals")
	for c.More() {
		c.Bytes("committed seal")
	}
	c.End()
	c.End()
	if c.Done() != nil || validators[0] < 0xc0 {
		return nil, false
	}
	out, list := rlp.OpenList(append(make([]byte, 0, len(extra)), extra[:istanbulVanity]...))
	_, content, _, _ := rlp.Split(extra[istanbulVanity:]) // it was read
	out = append(out, extra[len(extra)-len(content):signed]...)
	return rlp.CloseList(append(out, 0xc0), list), true
}

// hashOf returns the hash by the header's rule of its fields' RLP, raw.
func (h *Header) hashOf(raw []byte) Hash {
	if h.Rule == HashWhole {
		return keccak.Sum256(raw)
	}
	extra, ok := h.hashedExtra()
	if !ok {
		return keccak.Sum256(raw)
	}
	unsealed := *h
	unsealed.Extra = extra
	return keccak.Sum256(unsealed.Append(nil))
}
