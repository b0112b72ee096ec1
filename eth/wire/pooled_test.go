// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"errors"
	"testing"

	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

func TestPooledRequest(t *testing.T) {
	r := PooledRequest{Hashes: []types.Hash{deadC0de, feedBeef}}
	if r.Ask() != KindGetPooledTransactions {
		t.Error(r.Ask())
	}
	equal(t, "eth/66", r.Append(nil, 66, 1111), payloadOf(t, "GetPooledTransactions", "EIP-2481"))
	equal(t, "eth/65", r.Append(nil, 65, 1111), payloadOf(t, "GetPooledTransactions", "EIP-2481 without the ID"))

	got, err := r.ParseReply(68, payloadOf(t, "PooledTransactions", "EIP-2481"))
	if err != nil || got.Len() != 2 {
		t.Error(got.Len(), err)
	}
	if _, err := r.ParseReply(65, list(list(), list(), str("\x02tx"))); !errors.Is(err, ErrMoreThanAsked) {
		t.Error("three transactions for two hashes:", err)
	}
	if _, err := r.ParseReply(64, list()); !errors.Is(err, ErrUnknownCode) {
		t.Error("eth/64:", err)
	}
}

func TestPooledRefused(t *testing.T) {
	refuse(t, KindPooledTransactions, []refusal{
		{"an empty byte string", 68, list(num(1), list(list(), str(""))), ErrEmptyItem, "txs[1]"},
		{"no list", 68, list(num(1), str("")), rlp.ErrWantList, "txs"},
	})
}
