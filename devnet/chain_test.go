// SPDX-License-Identifier: Apache-2.0

package devnet

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

func TestEqualSeedsMakeEqualNetworks(t *testing.T) {
	a, b, c := seeded(t, 1), seeded(t, 1), seeded(t, 2)
	if a.Chain().GenesisHash != b.Chain().GenesisHash || a.Chain().GenesisHash == c.Chain().GenesisHash {
		t.Error("genesis blocks")
	}
	for range 3 {
		x, y := a.step(t, 5), b.step(t, 5)
		if x.hash != y.hash || len(x.txs) != 5 {
			t.Fatalf("blocks %v and %v, %d transactions", x.hash, y.hash, len(x.txs))
		}
	}
}

func TestTheGenesisFileIsTheChain(t *testing.T) {
	n := seeded(t, 1)
	c := n.Chain()
	again, err := newChain(n.Genesis())
	if err != nil || again.GenesisHash != c.GenesisHash {
		t.Errorf("%v: %v", again, err)
	}
	if c.Name != "dev" || c.ChainID != ChainID || c.NetworkID != ChainID || c.GenesisTime != uint64(began.Unix()) || c.Terminal != nil {
		t.Errorf("%+v", c)
	}
	h, err := types.DecodeHeader(c.Genesis)
	if err != nil {
		t.Fatal(err)
	}
	signers := h.Extra[vanityBytes : len(h.Extra)-sealBytes]
	signer := types.AddressOf(n.sealer.key.Public())
	if !bytes.Equal(signers, signer[:]) || h.Optional != types.LondonFields || h.Root == types.EmptyRoot {
		t.Errorf("%+v", h)
	}
}

// A block is coherent: links, seal, roots, base fee, receipts.
func TestBlocks(t *testing.T) {
	n := seeded(t, 1)
	parent := n.peers[0].head(t)
	signer := types.Address(parent.Extra[vanityBytes : vanityBytes+20])
	for number := uint64(1); number <= 20; number++ {
		b := n.step(t, int(number%4))
		h := &b.Header
		if got, err := rules.CliqueSigner(h); err != nil || got != signer {
			t.Fatalf("block %d was sealed by %v, %v; want %v", number, got, err, signer)
		}
		switch {
		case h.Number != number, h.ParentHash != parent.hash, h.Time != parent.Time+1, h.Difficulty != *uint256.NewInt(2):
			t.Errorf("%+v", h)
		case h.Coinbase != types.Address{}, h.Nonce != [8]byte{}, !h.MixDigest.IsZero(), len(h.Extra) != vanityBytes+sealBytes:
			t.Errorf("not clique: %+v", h)
		case !b.body.Matches(h), h.UncleHash != types.EmptyUncleHash, len(b.txs) != int(number%4):
			t.Error("the body is not the header's")
		case h.GasUsed != uint64(len(b.txs))*21_000, h.GasLimit != 30_000_000, h.Root != parent.Root:
			t.Errorf("placeholders: %+v", h)
		case h.BaseFee != rules.NextBaseFee(&parent.Header), number > 1 && !h.BaseFee.Lt(&parent.BaseFee):
			t.Errorf("base fee %v after %v", &h.BaseFee, &parent.BaseFee)
		case b.td != *uint256.NewInt(1 + 2*number):
			t.Errorf("total difficulty %v", &b.td)
		}
		_, content, _, _ := rlp.Split(n.peers[0].chain.Receipts(b.hash))
		if root, err := types.ReceiptRoot(content, types.DecodeFlatReceipt); err != nil || root != h.ReceiptRoot {
			t.Errorf("receipt root %v, %v; want %v", root, err, h.ReceiptRoot)
		}
		parent = b
	}
}

func TestACheckpointNamesTheSigner(t *testing.T) {
	signers := []types.Address{{1}, {2}}
	d, err := newDraft(&types.Header{Number: cliqueEpoch - 1, GasLimit: gasLimit, Optional: types.LondonFields}, 1, signers, nil)
	if err != nil || !bytes.Equal(d.header.Extra[vanityBytes:], slices.Concat(signers[0][:], signers[1][:], make([]byte, sealBytes))) {
		t.Errorf("%v, extra data %x", err, d.header.Extra)
	}
}

// The wallet signs each type in turn. The stated sender is the signer, and the delegate signs the
// authorizations of type 4 (EIP-7702).
func TestTheWalletSignsEachType(t *testing.T) {
	w := seeded(t, 1).wallet
	next := map[types.Address]uint64{}
	for i := range 60 {
		tx, err := w.next()
		if err != nil {
			t.Fatal(err)
		}
		d, err := types.DecodeTx(tx.item.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		from, err := d.Sender()
		if err != nil || from != tx.from || d.Hash() != tx.hash || d.Type != kinds[i%4] || d.ChainID != *uint256.NewInt(ChainID) {
			t.Fatalf("%+v: from %v, %v", d, from, err)
		}
		if tx.nonce != next[from] {
			t.Fatalf("nonce %d, want %d", tx.nonce, next[from])
		}
		next[from]++
		if d.Type == types.SetCodeTx {
			checkAuthority(t, w, d.AuthList)
		}
	}
	if len(next) != accounts {
		t.Errorf("%d accounts were used", len(next))
	}
}

// checkAuthority recovers the signer of the authorisation (EIP-7702).
func checkAuthority(t *testing.T, w *wallet, list []byte) {
	t.Helper()
	c := rlp.Read(list)
	c.List("authorisation")
	signed := c.Remaining()
	var code types.Address
	c.Uint64("chain")
	c.Fixed("address", code[:])
	c.Uint64("nonce")
	signed = signed[:len(signed)-len(c.Remaining())]
	parity := c.Uint64("parity")
	var sig [65]byte
	var r, s uint256.Int
	r.SetBytes(c.Integer("r", 32))
	s.SetBytes(c.Integer("s", 32))
	c.End()
	if err := c.Done(); err != nil {
		t.Fatal(err)
	}
	rb, sb := r.Bytes32(), s.Bytes32()
	copy(sig[:], rb[:])
	copy(sig[32:], sb[:])
	sig[64] = byte(parity)
	message := append(rlp.AppendListHeader([]byte{5}, len(signed)), signed...)
	key, err := ecc.Recover(keccak.Sum256(message), sig[:])
	if err != nil || types.AddressOf(key) != w.delegate.addr {
		t.Errorf("authorised by %v, %v; want %v", types.AddressOf(key), err, w.delegate.addr)
	}
}

func TestNoncesComeInOrder(t *testing.T) {
	n := seeded(t, 1)
	l, key := n.peers[0], foreigner(t, 1)
	sealed := func(nonces ...uint64) {
		t.Helper()
		b := n.step(t, 0)
		if len(b.txs) != len(nonces) {
			t.Fatalf("%d transactions in the block, want %d", len(b.txs), len(nonces))
		}
		for i, nonce := range nonces {
			if tx := l.pool.tx(b.txs[i].Hash()); tx.nonce != nonce {
				t.Errorf("transaction %d has nonce %d, want %d", i, tx.nonce, nonce)
			}
		}
	}
	for _, nonce := range []uint64{3, 1, 0} {
		l.pool.add(whole(t, transfer(t, key, nonce)))
	}
	sealed(0, 1)
	sealed()
	l.pool.add(whole(t, transfer(t, key, 2)))
	sealed(2, 3)
	l.pool.add(whole(t, transfer(t, key, 1, func(tx *types.Tx) { tx.To[0] = 9 })))                      // used
	l.pool.add(whole(t, transfer(t, key, 4, func(tx *types.Tx) { tx.Gas = gasLimit + 1 })))             // too much
	l.pool.add(whole(t, transfer(t, key, 4, func(tx *types.Tx) { tx.Gas = transferGas - 1 })))          // not enough
	l.pool.add(whole(t, transfer(t, key, 4, func(tx *types.Tx) { tx.FeeCap.Clear(); tx.Tip.Clear() }))) // low fee
	sealed()
}

func TestAPoolIsBounded(t *testing.T) {
	l := newPool()
	tx := whole(t, transfer(t, foreigner(t, 1), 0))
	for i := range maxTxs + 10 {
		other := *tx
		other.hash = types.Hash{byte(i), byte(i >> 8)}
		if !l.add(&other) || l.add(&other) {
			t.Fatal("a new transaction is known, or a known one is new")
		}
	}
	if len(l.pending()) != maxTxs {
		t.Errorf("%d pending", len(l.pending()))
	}
}

// A chain of the network takes only what its signer has sealed, and only coherent blocks.
func TestForgedBlocks(t *testing.T) {
	n := seeded(t, 1)
	n.step(t, 2)
	s := n.sealer
	for name, c := range map[string]struct {
		change func(*types.Header)
		key    *ecc.PrivateKey
		want   rules.Rule
	}{
		"another signer": {func(*types.Header) {}, foreigner(t, 1), rules.Signer},
		"no seal":        {func(h *types.Header) { h.Extra = h.Extra[:90] }, nil, rules.ExtraData},
		"another parent": {func(h *types.Header) { h.ParentHash[0]++ }, s.key, ""},
		"too old":        {func(h *types.Header) { h.Number-- }, s.key, ""},
		"a gap":          {func(h *types.Header) { h.Number++ }, s.key, ""},
		"before parent":  {func(h *types.Header) { h.Time -= 2 }, s.key, rules.Time},
		"out of turn":    {func(h *types.Header) { h.Difficulty.SetOne() }, s.key, rules.Difficulty},
		"another fee":    {func(h *types.Header) { h.BaseFee.SetOne() }, s.key, rules.BaseFee},
	} {
		parent, err := s.head()
		if err != nil {
			t.Fatal(err)
		}
		d, err := newDraft(&parent, parent.Time+1, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		c.change(&d.header)
		if c.key != nil {
			seal(&d.header, c.key)
		}
		err = s.add(d)
		if broken, ok := errors.AsType[*rules.Error](err); err == nil || c.want != "" && (!ok || broken.Rule != c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBodiesMustMatch(t *testing.T) {
	n := seeded(t, 1)
	parent := n.step(t, 0)
	tx, err := n.wallet.next()
	if err != nil {
		t.Fatal(err)
	}
	d, err := newDraft(&parent.Header, parent.Time+1, nil, []*transaction{tx})
	if err != nil {
		t.Fatal(err)
	}
	seal(&d.header, n.sealer.key)
	d.body = (&types.Body{}).Append(nil)
	if err := n.sealer.add(d); err == nil {
		t.Error("an empty body is taken for that of a transaction")
	}
}

func TestConfigReportsAllItsProblems(t *testing.T) {
	_, err := New(Config{Peers: 17, Period: time.Millisecond, TPS: math.NaN()})
	if err == nil {
		t.Fatal("it was accepted")
	}
	for _, want := range []string{"17 peers", "1ms", "NaN"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in: %v", want, err)
		}
	}
}
