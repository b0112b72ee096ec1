// SPDX-License-Identifier: Apache-2.0

package devnet

import (
	"cmp"
	"slices"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/types"
)

// maxSenders bounds the accounts with a known nonce; transactions of further ones are not sealed.
const maxSenders = 4096

// A sealer makes blocks of what its store has. It has one owner.
type sealer struct {
	key    *ecc.PrivateKey
	store  *store
	nonces *bounded.Map[types.Address, uint64] // the next of each account
}

func newSealer(key *ecc.PrivateKey, l *store) *sealer {
	return &sealer{key: key, store: l, nonces: bounded.NewMap[types.Address, uint64](maxSenders, bounded.DropNew)}
}

// seal makes the next block, at a time in Unix seconds, and puts it into the store.
func (s *sealer) seal(time uint64) (*block, error) {
	parent := s.store.head()
	fee := baseFee(&parent.Header)
	txs := s.choose(s.store.pool.pending(), &fee, parent.Header.GasLimit)
	items := make([][]byte, len(txs))
	for i, tx := range txs {
		items[i] = tx.item.Bytes()
	}
	header, body, err := draft(parent, max(time, parent.Header.Time), s.store.signer, items)
	if err != nil {
		return nil, err
	}
	seal(header, s.key)
	b, err := readBlock(types.AppendBlock(nil, header, body))
	if err != nil {
		return nil, err
	}
	_, err = s.store.addBlock(b)
	return b, err
}

// choose takes the transactions that can come next, and counts their nonces as used. Each
// account's come in the order of nonces, from 0 on, without gaps.
func (s *sealer) choose(pending []*transaction, fee *uint256.Int, gas uint64) (chosen []*transaction) {
	slices.SortStableFunc(pending, func(a, b *transaction) int { return cmp.Compare(a.nonce, b.nonce) })
	for _, tx := range pending {
		next, _ := s.nonces.Get(tx.from)
		if tx.nonce != next || tx.gas < transferGas || tx.gas > gas || tx.cap.Lt(fee) {
			continue
		}
		if !s.nonces.Put(tx.from, next+1) {
			continue
		}
		gas -= transferGas
		chosen = append(chosen, tx)
	}
	return chosen
}
