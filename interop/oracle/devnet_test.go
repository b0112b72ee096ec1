// SPDX-License-Identifier: Apache-2.0

package oracle

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"math/big"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/consensus/clique"
	"github.com/ethereum/go-ethereum/consensus/misc/eip1559"
	"github.com/ethereum/go-ethereum/core"
	gethtypes "github.com/ethereum/go-ethereum/core/types"
	gethparams "github.com/ethereum/go-ethereum/params"
	gethrlp "github.com/ethereum/go-ethereum/rlp"
	"github.com/ethereum/go-ethereum/trie"

	"github.com/ethpeer/ethpeer/devnet"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/p2p/server"
)

// blockEar keeps what an embedded network sends as NewBlock.
type blockEar struct{ blocks chan []byte }

func (blockEar) Kinds() []wire.Kind { return []wire.Kind{wire.KindNewBlock} }

func (e blockEar) Open(*eth.Session) eth.Listener { return e }

func (blockEar) Close(error) {}

func (e blockEar) On(m wire.Message) error {
	select {
	case e.blocks <- bytes.Clone(m.(*wire.NewBlock).Block):
	default: // there are enough
	}
	return nil
}

// listenTo runs an embedded network and returns the blocks that it sends.
func listenTo(t *testing.T, n *devnet.Network) <-chan []byte {
	t.Helper()
	ear := blockEar{make(chan []byte, 100)}
	protocol, err := eth.New(eth.Config{Chain: n.Chain(), Versions: []wire.Version{68}, Roles: []eth.Role{ear}})
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecc.NewPrivateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 2)
	go func() { ended <- n.Run(ctx, func() { close(ready) }) }()
	<-ready
	s, err := server.New(server.Config{Key: key, Client: "oracle", Protocols: []p2p.Protocol{protocol}, Static: n.Nodes()})
	if err != nil {
		t.Fatal(err)
	}
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		for range 2 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	})
	return ear.blocks
}

// TestEmbeddedBlocks: go-ethereum finds in the blocks of an embedded network what their
// package promises.
func TestEmbeddedBlocks(t *testing.T) {
	n, err := devnet.New(devnet.Config{Period: 100 * time.Millisecond, TPS: 40})
	if err != nil {
		t.Fatal(err)
	}
	var genesis core.Genesis
	if err := json.Unmarshal(n.Genesis(), &genesis); err != nil {
		t.Fatal(err)
	}
	parent := genesis.ToBlock().Header()
	if parent.Hash() != common.Hash(n.Chain().GenesisHash) {
		t.Fatalf("genesis %v, ours %v", parent.Hash(), n.Chain().GenesisHash)
	}
	signer := common.BytesToAddress(parent.Extra[32:52])
	headers := map[common.Hash]*gethtypes.Header{parent.Hash(): parent}
	kinds := map[uint8]bool{}
	blocks := listenTo(t, n)
	for len(kinds) < 4 || len(headers) < 12 {
		var b gethtypes.Block
		if err := gethrlp.DecodeBytes(<-blocks, &b); err != nil {
			t.Fatal(err)
		}
		checkEmbedded(t, genesis.Config, &b, headers[b.ParentHash()], signer)
		headers[b.Hash()] = b.Header()
		for _, tx := range b.Transactions() {
			kinds[tx.Type()] = true
			if _, err := gethtypes.Sender(gethtypes.NewPragueSigner(big.NewInt(devnet.ChainID)), tx); err != nil {
				t.Errorf("type %d: %v", tx.Type(), err)
			}
			for _, a := range tx.SetCodeAuthorizations() {
				if _, err := a.Authority(); err != nil {
					t.Errorf("authorisation: %v", err)
				}
			}
		}
	}
}

// checkEmbedded checks one block. Its parent is nil if it did not come whole.
func checkEmbedded(t *testing.T, config *gethparams.ChainConfig, b *gethtypes.Block, parent *gethtypes.Header, signer common.Address) {
	t.Helper()
	engine := clique.New(&gethparams.CliqueConfig{Epoch: 30_000}, nil)
	defer engine.Close()
	h := b.Header()
	if got, err := engine.Author(h); err != nil || got != signer {
		t.Errorf("block %v was sealed by %v, %v; want %v", h.Number, got, err, signer)
	}
	if root := gethtypes.DeriveSha(b.Transactions(), trie.NewStackTrie(nil)); root != h.TxHash {
		t.Errorf("transaction root %v, want %v", h.TxHash, root)
	}
	if h.UncleHash != gethtypes.EmptyUncleHash || h.Difficulty.Uint64() != 2 || h.WithdrawalsHash != nil {
		t.Errorf("%+v", h)
	}
	var receipts gethtypes.Receipts
	for i, tx := range b.Transactions() {
		receipts = append(receipts, &gethtypes.Receipt{Type: tx.Type(), Status: 1, CumulativeGasUsed: uint64(i+1) * 21_000})
	}
	if root := gethtypes.DeriveSha(receipts, trie.NewStackTrie(nil)); root != h.ReceiptHash || h.GasUsed != uint64(len(receipts))*21_000 {
		t.Errorf("receipt root %v, want %v", h.ReceiptHash, root)
	}
	if parent == nil {
		return
	}
	if err := eip1559.VerifyEIP1559Header(config, parent, h); err != nil {
		t.Error(err)
	}
}
