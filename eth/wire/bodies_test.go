// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"errors"
	"testing"

	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

func TestBodiesRequest(t *testing.T) {
	r := BodiesRequest{Hashes: []types.Hash{deadC0de, feedBeef}}
	if r.Ask() != KindGetBlockBodies {
		t.Error(r.Ask())
	}
	equal(t, "eth/66", r.Append(nil, 66, 1111), payloadOf(t, "GetBlockBodies", "EIP-2481"))
	equal(t, "eth/65", r.Append(nil, 65, 1111), payloadOf(t, "GetBlockBodies", "EIP-2481 without the ID"))

	got, err := r.ParseReply(71, payloadOf(t, "BlockBodies", "EIP-2481"))
	if err != nil || got.Len() != 1 {
		t.Error(got.Len(), err)
	}
	three := list(num(1), list(list(), list(), list()))
	if _, err := r.ParseReply(66, three); !errors.Is(err, ErrMoreThanAsked) {
		t.Error("three bodies for two hashes:", err)
	}
}

func TestBodiesRefused(t *testing.T) {
	refuse(t, KindGetBlockBodies, []refusal{
		{"a hash of 31 bytes", 66, list(num(1), list(hashAsItem(1), hashAsItem(2)[:32])), rlp.ErrTruncated, "hashes[1]"},
		{"a short hash", 66, list(num(1), list(hashAsItem(1), str("hash"))), rlp.ErrLength, "hashes[1]"},
		{"33 bytes that are no hash", 66, list(num(1), list(join(num(1), hashAsItem(1)[:32]))), rlp.ErrLength, "hashes[0]"},
		{"a list for a hash", 63, list(hashAsItem(1), list()), rlp.ErrWantBytes, "hashes[1]"},
		{"no hashes", 66, list(num(1)), rlp.ErrMissing, "hashes"},
	})
	refuse(t, KindBlockBodies, []refusal{
		{"a byte string", 69, list(num(1), list(list(), str("body"))), rlp.ErrWantList, "bodies[1]"},
		{"an item beyond the end", 63, list(list(), []byte{0xc1}), rlp.ErrTruncated, "bodies[1]"},
	})
}
