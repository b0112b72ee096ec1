// SPDX-License-Identifier: Apache-2.0

package devnet

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// began is the genesis time of networks in tests: before the clock of a bubble starts.
var began = time.Unix(940_000_000, 0)

// seeded returns a network whose keys and transactions are always the same.
func seeded(t *testing.T, seed byte) *Network {
	t.Helper()
	n, err := New(Config{Rand: rand.NewChaCha8([32]byte{seed}), Start: began})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A block is what the sealer's chain has at its head.
type block struct {
	types.Header
	hash types.Hash
	body types.Body
	txs  []types.Tx
	td   uint256.Int
}

// step gives the sealer some transactions and makes a block of them, a second after the
// last.
func (n *Network) step(t *testing.T, txs int) *block {
	t.Helper()
	for range txs {
		tx, err := n.wallet.next()
		if err != nil {
			t.Fatal(err)
		}
		n.peers[0].pool.add(tx)
	}
	if err := n.seal(began); err != nil {
		t.Fatal(err)
	}
	return n.peers[0].head(t)
}

// head returns the last block of a peer's chain.
func (p *peer) head(t *testing.T) *block {
	t.Helper()
	return p.block(t, p.chain.Head().Hash)
}

func (p *peer) block(t *testing.T, hash types.Hash) *block {
	t.Helper()
	b := &block{hash: hash}
	var err error
	if b.Header, err = types.DecodeHeader(p.chain.Header(hash)); err != nil {
		t.Fatal(err)
	}
	if b.body, err = types.DecodeBody(p.chain.Body(hash)); err != nil {
		t.Fatal(err)
	}
	for rest := b.body.Txs; len(rest) > 0; {
		_, _, after, err := rlp.Split(rest)
		if err != nil {
			t.Fatal(err)
		}
		tx, err := types.DecodeTx(rest[:len(rest)-len(after)])
		if err != nil {
			t.Fatal(err)
		}
		b.txs, rest = append(b.txs, tx), after
	}
	b.td, _ = p.chain.TD(hash)
	return b
}

func foreigner(t *testing.T, b byte) *ecc.PrivateKey {
	t.Helper()
	key, err := ecc.ParsePrivateKey(append(make([]byte, 31), b))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// transfer signs a transaction of an account that is not in the wallet.
func transfer(t *testing.T, key *ecc.PrivateKey, nonce uint64, change ...func(*types.Tx)) types.Tx {
	t.Helper()
	tx := types.Tx{
		Type: types.DynamicFeeTx, Nonce: nonce, Gas: transferGas, To: types.Address{1},
		Tip: *uint256.NewInt(gwei), FeeCap: *uint256.NewInt(2 * gwei), ChainID: *uint256.NewInt(ChainID),
	}
	for _, f := range change {
		f(&tx)
	}
	signed, err := types.Sign(tx, key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func whole(t *testing.T, tx types.Tx) *transaction {
	t.Helper()
	w, err := transactionOf(&tx)
	if err != nil {
		t.Fatal(err)
	}
	return w
}
