// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"errors"
	"testing"

	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

func TestNodeDataRequest(t *testing.T) {
	r := NodeDataRequest{Hashes: []types.Hash{deadC0de, feedBeef}}
	if r.Ask() != KindGetNodeData {
		t.Error(r.Ask())
	}
	equal(t, "eth/66", r.Append(nil, 66, 1111), payloadOf(t, "GetNodeData", "EIP-2481"))
	equal(t, "eth/63", r.Append(nil, 63, 1111), payloadOf(t, "GetNodeData", "EIP-2481 without the ID"))

	got, err := r.ParseReply(66, payloadOf(t, "NodeData", "EIP-2481"))
	if err != nil || got.Len() != 2 {
		t.Error(got.Len(), err)
	}
	if _, err := r.ParseReply(63, list(str("a"), str("b"), str("c"))); !errors.Is(err, ErrMoreThanAsked) {
		t.Error("three values for two hashes:", err)
	}
	if _, err := r.ParseReply(67, list(num(1), list())); !errors.Is(err, ErrUnknownCode) {
		t.Error("eth/67:", err)
	}
}

func TestNodeDataRefused(t *testing.T) {
	refuse(t, KindNodeData, []refusal{
		{"a list", 66, list(num(1), list(str("value"), list())), rlp.ErrWantBytes, "values[1]"},
	})
}
