// SPDX-License-Identifier: Apache-2.0

package devnet

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/types"
)

// maxSenders bounds the accounts with a known nonce; transactions of further ones are not sealed.
const maxSenders = 4096

// A sealer makes blocks on its peer's chain, of the transactions in its peer's pool. It has one owner.
type sealer struct {
	key    *ecc.PrivateKey
	chain  *chain.Chain
	pool   *pool
	nonces *bounded.Map[types.Address, uint64] // the next of each account
}

// A sealed block is in the sealer's chain.
type sealed struct {
	header, body []byte // as messages have them
	td           uint256.Int
}

var errHead = errors.New("the chain has lost its head")

func newSealer(key *ecc.PrivateKey, p *peer) *sealer {
	return &sealer{
		key: key, chain: p.chain, pool: p.pool, nonces: bounded.NewMap[types.Address, uint64](maxSenders, bounded.DropNew),
	}
}

// head returns the header of the last block.
func (s *sealer) head() (types.Header, error) {
	raw := s.chain.Header(s.chain.Head().Hash)
	if raw == nil {
		return types.Header{}, errHead
	}
	return types.DecodeHeader(raw)
}

// seal makes the next block, at a time in Unix seconds or later, and puts it into the chain, which checks it as it does the
// blocks of others.
func (s *sealer) seal(at uint64) (*sealed, error) {
	parent, err := s.head()
	if err != nil {
		return nil, err
	}
	signers, err := s.chain.Signers(parent.Hash())
	if err != nil {
		return nil, err
	}
	if next, ok := signers.Expected(); !ok || next != types.AddressOf(s.key.Public()) {
		return nil, fmt.Errorf("block %d is the turn of %v", parent.Number+1, next)
	}
	fee := rules.NextBaseFee(&parent)
	txs := s.choose(s.pool.pending(), &fee, parent.GasLimit)
	d, err := newDraft(&parent, max(at, parent.Time), signers.Signers(), txs)
	if err != nil {
		return nil, err
	}
	seal(&d.header, s.key)
	if err := s.add(d); err != nil {
		return nil, err
	}
	td, _ := s.chain.TD(d.header.Hash())
	for _, tx := range txs {
		s.pool.seal(tx.hash)
	}
	return &sealed{header: d.header.Append(nil), body: d.body, td: td}, nil
}

// add puts a block into the chain.
func (s *sealer) add(d *draft) error {
	h := d.header.Hash()
	if _, err := s.chain.InsertHeaders(time.Unix(int64(d.header.Time), 0), [][]byte{d.header.Append(nil)}); err != nil {
		return err
	}
	if err := s.chain.PutBody(h, d.body); err != nil {
		return err
	}
	return s.chain.PutReceipts(h, d.receipts)
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
