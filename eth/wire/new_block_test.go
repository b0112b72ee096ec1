// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"testing"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/rlp"
)

func TestAppendNewBlock(t *testing.T) {
	payload := payloadOf(t, "NewBlock", "with withdrawals (EIP-4895)")
	m := mustDecode[*NewBlock](t, 68, payload)
	equal(t, "block", AppendNewBlock(nil, m.Block, &m.TD), payload)
	equal(t, "parts", m.Block, list(m.Header, m.Txs, m.Uncles, m.Withdrawals))
	if bits := m.TD.BitLen(); bits != 100 {
		t.Errorf("total difficulty of %d bits", bits)
	}
}

func TestNewBlockRefused(t *testing.T) {
	block := list(list(), list(), list())
	td := func(bits uint) []byte {
		return appendDifficulty(nil, new(uint256.Int).Lsh(uint256.NewInt(1), bits-1))
	}
	refuse(t, KindNewBlock, []refusal{
		{"total difficulty of 101 bits", 65, list(block, td(101)), ErrDifficulty, "td"},
		{"total difficulty of 256 bits", 65, list(block, td(256)), ErrDifficulty, "td"},
		{"total difficulty of 33 bytes", 65, list(block, str("123456789012345678901234567890123")), rlp.ErrOverflow, "td"},
		{"no total difficulty", 65, list(block), rlp.ErrMissing, "td"},
		{"block is no list", 65, list(num(1), num(1)), rlp.ErrWantList, "block"},
		{"no uncles", 65, list(list(list(), list()), num(1)), rlp.ErrMissing, "block.uncles"},
		{"transactions are no list", 65, list(list(list(), str("txs"), list()), num(1)), rlp.ErrWantList, "block.txs"},
		{"withdrawals are no list", 68, list(list(list(), list(), list(), str("")), num(1)), rlp.ErrWantList, "block.withdrawals"},
		{"five elements", 68, list(list(list(), list(), list(), list(), list()), num(1)), rlp.ErrExtraItems, "block"},
	})
}
