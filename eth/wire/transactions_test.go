// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"slices"
	"testing"

	"github.com/ethpeer/ethpeer/rlp"
)

func TestAppendTransactions(t *testing.T) {
	payload := payloadOf(t, "Transactions", "typed and legacy")
	m := mustDecode[*Transactions](t, 68, payload)
	items := slices.Collect(m.Items())
	if m.Len() != 2 || len(items) != 2 {
		t.Fatal(m.Len(), len(items))
	}
	equal(t, "items", AppendTransactions(nil, items), payload)
	equal(t, "head and items", join(AppendTransactionsHead(nil, len(m.Content())), items[0], items[1]), payload)
	for range m.Items() {
		break // a consumer that stops is not called again
	}
}

func TestTransactionsRefused(t *testing.T) {
	refuse(t, KindTransactions, []refusal{
		{"an empty byte string", 63, list(str("\x02tx"), str("")), ErrEmptyItem, "txs[1]"},
		{"a size that is not canonical", 71, list(list(), []byte{0xb8, 0x01, 0xff}), rlp.ErrNotCanonical, "txs[1]"},
		{"no list", 71, str("tx"), rlp.ErrWantList, "txs"},
		{"an ID", 71, list(num(1), list(list()), str("")), ErrEmptyItem, "txs[2]"},
	})
}
