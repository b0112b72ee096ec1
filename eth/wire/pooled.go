// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// GetPooledTransactions asks for transactions
// (devp2p/caps/eth.md#getpooledtransactions-0x09):
//
//	eth/65  [hash, …]
//	eth/66  [id, [hash, …]]
type GetPooledTransactions struct {
	ID     uint64
	Hashes Hashes
}

// PooledTransactions answers GetPooledTransactions
// (devp2p/caps/eth.md#pooledtransactions-0x0a):
//
//	eth/65  [tx, …]
//	eth/66  [id, [tx, …]]
//
// Transactions are as in [Transactions], but blob transactions have their sidecar, from eth/72 on
// without the blobs (EIP-8070; see [types.DecodeTxElided]).
type PooledTransactions struct {
	ID uint64
	List
}

// Kind returns KindGetPooledTransactions.
func (*GetPooledTransactions) Kind() Kind { return KindGetPooledTransactions }

// Kind returns KindPooledTransactions.
func (*PooledTransactions) Kind() Kind { return KindPooledTransactions }

func (m *GetPooledTransactions) decode(c *rlp.Cursor, row *Row, v Version) {
	m.ID, m.Hashes = decodeHashes(c, row, v)
}

// Append implements [Message].
func (m *GetPooledTransactions) Append(dst []byte, v Version) []byte {
	return appendHashesAgain(dst, v, m.ID, m.Hashes)
}

func (m *PooledTransactions) decode(c *rlp.Cursor, row *Row, v Version) {
	m.ID, m.List = decodeReply(c, row, v, "txs", transactions)
}

// Append implements [Message].
func (m *PooledTransactions) Append(dst []byte, v Version) []byte {
	return Reply{Kind: KindPooledTransactions, ID: m.ID}.appendAgain(dst, v, m.List)
}

// PooledRequest asks for announced transactions.
type PooledRequest struct {
	Hashes []types.Hash
}

// PooledTxs is the reply to a [PooledRequest]: raw transactions, in the order of the request. Those
// that the peer does not have are left out, and all after the last one if the reply got too long.
// It owns its bytes.
type PooledTxs struct{ List }

// Ask implements [Request].
func (PooledRequest) Ask() Kind { return KindGetPooledTransactions }

// Append implements [Request].
func (r PooledRequest) Append(dst []byte, v Version, id uint64) []byte {
	return appendHashesRequest(dst, v, id, r.Hashes)
}

// ParseReply implements [Request].
func (r PooledRequest) ParseReply(v Version, payload []byte) (PooledTxs, error) {
	var m PooledTransactions
	if err := parseReply(v, payload, &m, uint64(len(r.Hashes))); err != nil {
		return PooledTxs{}, err
	}
	return PooledTxs{m.List}, nil
}
