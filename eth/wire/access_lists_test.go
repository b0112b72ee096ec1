// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"errors"
	"slices"
	"testing"

	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

func TestAccessListsRequest(t *testing.T) {
	r := AccessListsRequest{Hashes: []types.Hash{deadC0de, feedBeef, hash(3)}}
	if r.Ask() != KindGetBlockAccessLists {
		t.Error(r.Ask())
	}
	two := AccessListsRequest{Hashes: r.Hashes[:2]}
	equal(t, "eth/71", two.Append(nil, 71, 1111), payloadOf(t, "GetBlockAccessLists", "EIP-8159"))

	payload := payloadOf(t, "BlockAccessLists", "a list, one that is not to be had, an empty one")
	got, err := r.ParseReply(71, payload)
	if err != nil {
		t.Fatal(err)
	}
	var has []bool
	for item := range got.Items() {
		has = append(has, HasAccessList(item))
	}
	if !slices.Equal(has, []bool{true, false, true}) {
		t.Error(has)
	}
	if HasAccessList(nil) || HasAccessList(AppendNoAccessList(nil)) {
		t.Error("nothing is an access list")
	}
	if _, err := two.ParseReply(71, payload); !errors.Is(err, ErrMoreThanAsked) {
		t.Error("three lists for two hashes:", err)
	}
	if _, err := r.ParseReply(70, payload); !errors.Is(err, ErrUnknownCode) {
		t.Error("eth/70:", err)
	}
}

func TestAccessListsRefused(t *testing.T) {
	refuse(t, KindBlockAccessLists, []refusal{
		{"a byte string", 71, list(num(1), list(list(), str(""), str("list"))), rlp.ErrWantList, "accessLists[2]"},
		{"a byte", 71, list(num(1), list(num(1))), rlp.ErrWantList, "accessLists[0]"},
	})
}
