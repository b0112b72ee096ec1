// SPDX-License-Identifier: Apache-2.0

package devnet

import (
	"fmt"
	"math/rand/v2"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/rlpx"
	"github.com/ethpeer/ethpeer/types"
)

// A transaction is immutable, with bytes of its own that all sessions share.
type transaction struct {
	hash  types.Hash
	kind  uint8
	size  uint64
	from  types.Address
	nonce uint64
	gas   uint64
	cap   uint256.Int // wei per gas
	item  *rlpx.Chunk // as messages list it
}

// transactionOf takes tx and its bytes over. It fails if the signature is invalid.
func transactionOf(tx *types.Tx) (*transaction, error) {
	from, err := tx.Sender()
	if err != nil {
		return nil, err
	}
	return &transaction{
		hash: tx.Hash(), kind: tx.Type, size: tx.Size(), from: from, nonce: tx.Nonce, gas: tx.Gas,
		cap: tx.FeeCap, item: rlpx.NewChunk(tx.Raw),
	}, nil
}

func (t *transaction) out() eth.OutTx { return eth.OutTx{Hash: t.hash, Item: t.item} }

func (t *transaction) named() wire.Announced {
	return wire.Announced{Hash: t.hash, Type: t.kind, Size: t.size, Typed: true}
}

// A wallet signs transactions between its accounts, of each type in turn. It has one owner.
type wallet struct {
	rand     *rand.Rand
	accounts []holder
	// delegate is the account that signs the authorisations of type 4. It sends nothing itself, because
	// each authorisation takes one of its nonces.
	delegate holder
	signed   int
}

type holder struct {
	key   *ecc.PrivateKey
	addr  types.Address
	nonce uint64
}

// accounts is how many there are in a wallet.
const accounts = 8

func newWallet(source *rand.ChaCha8) (*wallet, error) {
	w := &wallet{rand: rand.New(source)}
	for range accounts + 1 {
		key, err := ecc.NewPrivateKey(source)
		if err != nil {
			return nil, err
		}
		w.accounts = append(w.accounts, holder{key: key, addr: types.AddressOf(key.Public())})
	}
	w.delegate = w.accounts[accounts]
	w.accounts = w.accounts[:accounts]
	return w, nil
}

// addresses returns those of the accounts.
func (w *wallet) addresses() (all []types.Address) {
	for i := range w.accounts {
		all = append(all, w.accounts[i].addr)
	}
	return all
}

// kinds are the types that a wallet signs. Blob transactions are not among them: their blobs
// would be most of the network's traffic.
var kinds = [...]uint8{types.LegacyTx, types.AccessListTx, types.DynamicFeeTx, types.SetCodeTx}

// Gas limits beyond a transfer's (EIP-2930, EIP-7702).
const (
	accessGas     = 2400 + 1900 // an address and a key
	authorityGas  = 25_000
	gwei          = 1_000_000_000
	mostValueGwei = 1_000_000_000 // an ether
)

// next signs a transaction.
func (w *wallet) next() (*transaction, error) {
	from := &w.accounts[w.rand.IntN(accounts)]
	to := &w.accounts[w.rand.IntN(accounts)]
	tx := types.Tx{
		Type: kinds[w.signed%len(kinds)], Nonce: from.nonce, Gas: transferGas, To: to.addr,
		Tip: *uint256.NewInt(gwei), FeeCap: *uint256.NewInt(2 * gwei),
	}
	tx.ChainID.SetUint64(ChainID)
	tx.Value.Mul(uint256.NewInt(1+w.rand.Uint64N(mostValueGwei)), uint256.NewInt(gwei))
	switch tx.Type {
	case types.LegacyTx:
		tx.Tip = tx.FeeCap
	case types.AccessListTx:
		tx.Tip = tx.FeeCap
		tx.Gas += accessGas
		tx.AccessList = accessList(to.addr)
	case types.SetCodeTx:
		tx.Gas += authorityGas
		tx.AuthList = w.authorise(to.addr)
	}
	signed, err := types.Sign(tx, from.key)
	if err != nil {
		return nil, fmt.Errorf("signing a transaction of type %d: %w", tx.Type, err)
	}
	from.nonce++
	w.signed++
	return transactionOf(&signed)
}

// accessList names one address and one of its keys (EIP-2930).
func accessList(a types.Address) []byte {
	dst, entry := rlp.OpenList(nil)
	dst = rlp.AppendBytes(dst, a[:])
	dst, keys := rlp.OpenList(dst)
	dst = rlp.AppendBytes(dst, make([]byte, len(types.Hash{})))
	dst = rlp.CloseList(dst, keys)
	return rlp.CloseList(dst, entry)
}

// authorise makes the delegate's authorisation to run the code of an address (EIP-7702).
func (w *wallet) authorise(code types.Address) []byte {
	const magic = 0x05
	fields := rlp.AppendUint64(nil, ChainID)
	fields = rlp.AppendBytes(fields, code[:])
	fields = rlp.AppendUint64(fields, w.delegate.nonce)
	w.delegate.nonce++
	message := append(rlp.AppendListHeader([]byte{magic}, len(fields)), fields...)
	sig := w.delegate.key.Sign(keccak.Sum256(message))
	fields = rlp.AppendUint64(fields, uint64(sig[64]))
	fields = rlp.AppendInteger(fields, sig[:32])
	fields = rlp.AppendInteger(fields, sig[32:64])
	return append(rlp.AppendListHeader(nil, len(fields)), fields...)
}
