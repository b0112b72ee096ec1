// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"errors"
	"testing"

	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

func TestReceiptsRequest(t *testing.T) {
	r := ReceiptsRequest{Hashes: []types.Hash{deadC0de, feedBeef}}
	if r.Ask() != KindGetReceipts {
		t.Error(r.Ask())
	}
	equal(t, "eth/65", r.Append(nil, 65, 1111), payloadOf(t, "GetReceipts", "EIP-2481 without the ID"))
	equal(t, "eth/69", r.Append(nil, 69, 1111), payloadOf(t, "GetReceipts", "EIP-2481"))
	equal(t, "eth/70", r.Append(nil, 70, 1111), payloadOf(t, "GetReceipts", "from the first receipt on"))
	rest := ReceiptsRequest{FirstIndex: 247, Hashes: r.Hashes[1:]}
	equal(t, "eth/71, the rest", rest.Append(nil, 71, 1111), payloadOf(t, "GetReceipts", "from receipt 247 on"))
}

func TestReceiptsReply(t *testing.T) {
	r := ReceiptsRequest{Hashes: []types.Hash{deadC0de, feedBeef}}
	got, err := r.ParseReply(70, payloadOf(t, "Receipts", "EIP-7975, the last block goes on"))
	if err != nil || got.Len() != 2 || !got.LastIncomplete {
		t.Errorf("%+v, %v", got, err)
	}
	got, err = r.ParseReply(69, payloadOf(t, "Receipts", "EIP-7642"))
	if err != nil || got.Len() != 2 || got.LastIncomplete {
		t.Errorf("%+v, %v", got, err)
	}
	three := list(num(1), num(0), list(list(), list(), list()))
	if _, err := r.ParseReply(71, three); !errors.Is(err, ErrMoreThanAsked) {
		t.Error("three blocks for two hashes:", err)
	}
}

func TestReceiptsRefused(t *testing.T) {
	refuse(t, KindGetReceipts, []refusal{
		{"no first index", 70, payloadOf(t, "GetReceipts", "EIP-2481"), rlp.ErrWantBytes, "firstIndex"},
		{"a first index", 69, payloadOf(t, "GetReceipts", "from receipt 247 on"), rlp.ErrWantList, "hashes"},
	})
	refuse(t, KindReceipts, []refusal{
		{"incomplete, no block", 70, list(num(1), num(1), list()), ErrNoProgress, "receipts"},
		{"incomplete, one block, no receipt", 70, list(num(1), num(1), list(list())), ErrNoProgress, "receipts"},
		{"incomplete is 2", 71, list(num(1), num(2), list()), rlp.ErrNotBool, "lastIncomplete"},
		{"incomplete is missing", 71, list(num(1), list()), rlp.ErrWantBytes, "lastIncomplete"},
		{"incomplete is there", 69, list(num(1), num(0), list()), rlp.ErrWantList, "receipts"},
		{"a block is a byte string", 68, list(num(1), list(list(), str("receipts"))), rlp.ErrWantList, "receipts[1]"},
	})
}
