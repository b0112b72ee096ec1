// SPDX-License-Identifier: Apache-2.0

package wire

import "github.com/ethpeer/ethpeer/rlp"

// Transactions has full transactions (devp2p/caps/eth.md#transactions-0x02):
//
//	[tx, …]
//
// A transaction is a list, or from EIP-2718 on a byte string that begins with its type.
// An empty message is discouraged, but not an error.
type Transactions struct {
	List
}

// Kind returns KindTransactions.
func (*Transactions) Kind() Kind { return KindTransactions }

func (m *Transactions) decode(c *rlp.Cursor, row *Row, _ Version) {
	m.List = readList(c, "txs", row.Items, transactions)
}

// Append implements [Message].
func (m *Transactions) Append(dst []byte, _ Version) []byte { return appendList(dst, m.List) }

// AppendTransactions appends a Transactions message of raw items. The caller observes the row's
// Items and SendBytes.
func AppendTransactions(dst []byte, items [][]byte) []byte {
	dst = AppendTransactionsHead(dst, sizeOf(items))
	return appendItems(dst, items)
}

// AppendTransactionsHead appends the part before items that take size bytes in all. The items
// follow raw, as chunks of the message.
func AppendTransactionsHead(dst []byte, size int) []byte { return rlp.AppendListHeader(dst, size) }
