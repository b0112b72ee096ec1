// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"errors"
	"testing"

	"github.com/ethpeer/ethpeer/rlp"
)

func TestHeadersRequest(t *testing.T) {
	byHash := HeadersRequest{Origin: AtHash(deadC0de), Amount: 5, Skip: 5}
	byNumber := HeadersRequest{Origin: AtNumber(9999), Amount: 5, Skip: 5}
	if byHash.Ask() != KindGetBlockHeaders {
		t.Error(byHash.Ask())
	}
	equal(t, "by hash", byHash.Append(nil, 66, 1111), payloadOf(t, "GetBlockHeaders", "EIP-2481, by hash"))
	equal(t, "by number", byNumber.Append(nil, 71, 1111), payloadOf(t, "GetBlockHeaders", "EIP-2481, by number"))
	equal(t, "by hash, no ID", byHash.Append(nil, 65, 1111), payloadOf(t, "GetBlockHeaders", "EIP-2481 without the ID, by hash"))
	back := HeadersRequest{Amount: 1, Reverse: true}
	equal(t, "backwards", back.Append(nil, 66, 0), payloadOf(t, "GetBlockHeaders", "backwards from genesis, ID 0"))
}

func TestHeadersReply(t *testing.T) {
	header := list(num(1), num(2))
	two := list(num(7), list(header, header))
	got, err := HeadersRequest{Amount: 2}.ParseReply(69, two)
	if err != nil || got.Len() != 2 {
		t.Fatal(got.Len(), err)
	}
	for item := range got.Items() {
		equal(t, "header", item, header)
	}
	if got, err := (HeadersRequest{Amount: 1 << 40}).ParseReply(69, list(num(7), list())); err != nil || got.Len() != 0 {
		t.Error("an empty reply is refused:", err)
	}
	if got, err := (HeadersRequest{Amount: 1}).ParseReply(69, two); !errors.Is(err, ErrMoreThanAsked) || got.Len() != 0 {
		t.Error("too many headers:", err)
	}
	if _, err := (HeadersRequest{Amount: 2}).ParseReply(65, two); !errors.Is(err, rlp.ErrWantList) {
		t.Error("an ID in eth/65:", err)
	}
	if _, err := (HeadersRequest{Amount: 2}).ParseReply(73, two); !errors.Is(err, ErrUnknownCode) {
		t.Error("eth/73:", err)
	}
}

func TestHeadersRefused(t *testing.T) {
	refuse(t, KindGetBlockHeaders, []refusal{
		{"origin of 31 bytes", 66, list(num(1), list(str("31 bytes are no hash of a block."[1:]), num(1), num(0), num(0))), ErrOrigin, "query.origin"},
		{"origin of 9 bytes", 65, list(str("123456789"), num(1), num(0), num(0)), ErrOrigin, "query.origin"},
		{"origin with a leading zero", 65, list(str("\x00\x01"), num(1), num(0), num(0)), rlp.ErrLeadingZero, "query.origin"},
		{"origin is a list", 65, list(list(), num(1), num(0), num(0)), rlp.ErrWantBytes, "query.origin"},
		{"amount of 9 bytes", 65, list(num(1), str("123456789"), num(0), num(0)), rlp.ErrOverflow, "query.amount"},
		{"reverse is 2", 65, list(num(1), num(1), num(0), num(2)), rlp.ErrNotBool, "query.reverse"},
		{"five elements", 65, list(num(1), num(1), num(0), num(0), num(0)), rlp.ErrExtraItems, "query"},
		{"no ID", 66, list(num(1), num(1), num(0), num(0)), rlp.ErrWantList, "query"},
	})
	refuse(t, KindBlockHeaders, []refusal{
		{"a byte string", 69, list(num(1), list(list(), str("header"))), rlp.ErrWantList, "headers[1]"},
		{"a byte string", 65, list(list(), list(), num(1)), rlp.ErrWantList, "headers[2]"},
	})
}
