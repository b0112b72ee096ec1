// SPDX-License-Identifier: Apache-2.0

package types

import (
	"bytes"
	"testing"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/rlp"
)

// Block 1 of a GoQuorum network with Istanbul BFT, exported by GoQuorum. Its hash is the parent hash of its
// block 2. Besu has the same vector.
func quorumBlock(t *testing.T) *Header {
	t.Helper()
	return &Header{
		ParentHash: Hash(unhex(t, "a7762d3307dbf2ae6a1ae1b09cf61c7603722b2379731b6b90409cdb8c8288a0")),
		UncleHash:  EmptyUncleHash, Root: Hash(unhex(t, "ca07595b82f908822971b7e848398e3395e59ee52565c7ef3603df1a1fa7bc80")),
		TxRoot: EmptyRoot, ReceiptRoot: EmptyRoot, Difficulty: *uint256.NewInt(1), Number: 1, GasLimit: 4704588, Time: 1530674616,
		Extra: unhex(t, "d783010800846765746887676f312e392e32856c696e75780000000000000000"+
			"f90164f8549424defc2d149861d3d245749b81fe0e6b28e04f31942a813d7db3de19b07f92268b6d4125ed295cbe00943814f17bd4b7ce47ab8146684b3443c0"+
			"a4b2fc2c94c332d0db1704d18f89a590e7586811e36d37ce04b8417480a32e81936a40da3b8b730c28963a80011fdddb70470573675a11c7871873165e213b80"+
			"b1ed5bf5a59a31874baf1d6e83d55141f719ada73815c8712c4c6501f8c9b8417ba97752c9a3d14ae8c5f6f864c2808b816a0d3ebef9a3b03c3cf9e31311baeb"+
			"2e32609ccc99f13488e9e8ea192debf1c26f8c70c2332dfbb8456292fd93661100b841bbf2d1710a41bee7895dadbbbc92713ba9e74129bb665984f349950d7b"+
			"5275303db99b12ea3483430079dd5d90bcc3962f72217863725f6cd72ab5c10c8c540001b8415df74d9bf9687a3da10a4660cfd6fd6739df59db5535fa3a7c58"+
			"382ec587f4fe581089a9e3cd4b8c3b77eeabdd756f1f34ffb990cfd47e81bb205bd10be619d001"),
		MixDigest: istanbulDigest, Rule: HashQuorum,
	}
}

func TestIstanbulHash(t *testing.T) {
	h := quorumBlock(t)
	const want = "0x0d60351c129af309fc8597c81358652d3d0f0e3141b5432888c4aae405ee0184"
	if got := h.Hash().String(); got != want {
		t.Errorf("block 1: %s, want %s", got, want)
	}
	decoded, err := DecodeHeader(h.Append(nil))
	if err != nil {
		t.Fatal(err)
	}
	decoded.Rule = HashQuorum
	if got := decoded.Hash().String(); got != want {
		t.Errorf("block 1, decoded: %s, want %s", got, want)
	}
	// GoQuorum's own vector: a header with nothing but a mix hash and extra data.
	h = &Header{MixDigest: istanbulDigest, Rule: HashQuorum, Extra: bytes.Join([][]byte{
		make([]byte, 32), unhex(t, "f89af8549444add0ec310f115a0e603b2d7db9f067778eaf8a94294fc7e8f22b3bcdcf955dd7ff3ba2ed833f8212946beaaed781d2d2ab6350f5c4566a2c6eaac407a6948be76812f765c24641ec63dc2852b378aba2b440b841"),
		make([]byte, 65),
		{0xc0},
	}, nil)}
	if got := h.Hash().String(); got != "0xcefefd3ade63a5955bca4562ed840b67f39e74df217f7e5f7241a6e9552cca70" {
		t.Errorf("GoQuorum's vector: %s", got)
	}
}

// bftExtra writes [vanity, validators, vote, round, seals]; only as many of the last as are given.
func bftExtra(vote []byte, last ...[]byte) []byte {
	var validators []byte
	for i := range byte(4) {
		validators = rlp.AppendBytes(validators, bytes.Repeat([]byte{i + 1}, 20))
	}
	return list(append([][]byte{rlp.AppendBytes(nil, make([]byte, 32)), list(validators), vote}, last...)...)
}

// The hash covers what Besu (IbftExtraDataCodec, QbftExtraDataCodec) and GoQuorum (QBFTFilteredHeader)
// define.
func TestBFTHashes(t *testing.T) {
	seals := list(rlp.AppendBytes(nil, bytes.Repeat([]byte{7}, 65)), rlp.AppendBytes(nil, bytes.Repeat([]byte{8}, 65)))
	null, none := []byte{0x80}, []byte{0xc0}
	vote := func(kind ...byte) []byte { return list(rlp.AppendBytes(nil, bytes.Repeat([]byte{9}, 20)), kind) }
	add, drop := vote(0x81, 0xff), vote(0x80)
	for _, test := range []struct {
		name           string
		rule           HashRule
		number         uint64
		extra, covered []byte
	}{
		{"IBFT 2.0", HashIBFT2, 1, bftExtra(null, []byte{0x84, 0, 0, 0, 3}, seals), bftExtra(null)},
		{"IBFT 2.0 with a vote", HashIBFT2, 9, bftExtra(add, []byte{0x84, 0, 0xfe, 0xdc, 0xba}, seals), bftExtra(add)},
		{"IBFT 2.0, the first block", HashIBFT2, 0, bftExtra(null, []byte{0x84, 0, 0, 0, 0}, none), bftExtra(null, []byte{0x84, 0, 0, 0, 0}, none)},
		{"QBFT", HashQBFT, 1, bftExtra(none, []byte{3}, seals), bftExtra(none, null, none)},
		{"QBFT with a vote", HashQBFT, 1, bftExtra(drop, null, seals), bftExtra(drop, null, none)},
		{"QBFT, the first block", HashQBFT, 0, bftExtra(none, null, none), bftExtra(none, null, none)},
		{"GoQuorum's QBFT", HashQuorum, 1, bftExtra(null, []byte{3}, seals), bftExtra(null)},
		{"GoQuorum's QBFT, an empty list for no vote", HashQuorum, 1, bftExtra(none, null, seals), bftExtra(null)},
		{"GoQuorum's QBFT, a vote for", HashQuorum, 1, bftExtra(add, null, seals), bftExtra(add)},
		{"GoQuorum's QBFT, a vote against", HashQuorum, 1, bftExtra(drop, null, seals), bftExtra(vote(0))},
		{"GoQuorum's QBFT, a vote against as a zero byte", HashQuorum, 1, bftExtra(vote(0), null, seals), bftExtra(vote(0))},
		{"GoQuorum's QBFT, the first block", HashQuorum, 0, bftExtra(none, null, none), bftExtra(null)},
		{"whole", HashWhole, 1, bftExtra(none, []byte{3}, seals), bftExtra(none, []byte{3}, seals)},
	} {
		h := Header{Number: test.number, MixDigest: istanbulDigest, Extra: test.extra, Rule: test.rule, Optional: LondonFields}
		want := h
		want.Extra = test.covered
		if h.Hash() != keccak.Sum256(want.Append(nil)) {
			t.Errorf("%s: the hash covers something else", test.name)
		}
		if again := h; test.rule != HashWhole && test.number > 0 {
			again.Extra = bytes.Clone(test.extra)
			again.Extra[len(again.Extra)-1] ^= 1 // another seal
			if again.Hash() != h.Hash() {
				t.Errorf("%s: a seal counts", test.name)
			}
			again.Extra[40] ^= 1 // a validator
			if again.Hash() == h.Hash() {
				t.Errorf("%s: a validator does not count", test.name)
			}
		}
	}
}

// Extra data of any other form is covered whole, and a block of another engine on a GoQuorum chain is.
func TestMalformedBFTExtra(t *testing.T) {
	good := quorumBlock(t)
	for _, rule := range []HashRule{HashIBFT2, HashQBFT, HashQuorum} {
		for i := range len(good.Extra) {
			h := *good
			h.Rule, h.Extra = rule, good.Extra[:i]
			if h.Hash() != keccak.Sum256(h.Append(nil)) {
				t.Fatalf("rule %d: %d bytes of extra data are not covered whole", rule, i)
			}
		}
	}
	h := *good
	h.MixDigest = Hash{}
	if h.Hash() != keccak.Sum256(h.Append(nil)) {
		t.Error("a block without Istanbul's mix hash is not covered whole")
	}
}

func FuzzHashRule(f *testing.F) {
	f.Add(bftExtra([]byte{0xc0}, []byte{3}, []byte{0xc0}), uint8(2))
	f.Add(bftExtra([]byte{0x80}), uint8(1))
	f.Fuzz(func(t *testing.T, extra []byte, rule uint8) {
		h := Header{Number: 1, MixDigest: istanbulDigest, Extra: extra, Rule: HashRule(rule % 4)}
		first := h.Hash()
		if covered, ok := h.hashedExtra(); ok {
			if len(covered) > len(extra)+1 {
				t.Fatalf("%d bytes of extra data became %d", len(extra), len(covered))
			}
			h.Extra = covered
			if h.Rule == HashQBFT && h.Hash() != first {
				t.Fatal("what is covered has another hash")
			}
		}
	})
}
