// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"encoding/json"
	"math/big"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/consensus/beacon"
	"github.com/ethereum/go-ethereum/consensus/ethash"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/rawdb"
	gethtypes "github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	gethwire "github.com/ethereum/go-ethereum/eth/protocols/eth"
	gethp2p "github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/p2p/enode"
	gethparams "github.com/ethereum/go-ethereum/params"
	gethrlp "github.com/ethereum/go-ethereum/rlp"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/serve"
	ethwire "github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
	p2pserver "github.com/ethpeer/ethpeer/p2p/server"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// The chain that both serve: blocks of 50 transactions, of which one in five writes a log.
const (
	servedBlocks  = 400
	servedTxs     = 50
	servedVersion = ethwire.Version(69)
)

// served is that chain, in go-ethereum's database in memory and in our store in memory.
type served struct {
	geth0  *core.BlockChain
	params *params.Chain
	chain  *chain.Chain
	blocks []*gethtypes.Block
}

var makeServed = sync.OnceValues(newServed)

func serving(tb testing.TB) *served {
	tb.Helper()
	c, err := makeServed()
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func newServed() (*served, error) {
	key, err := crypto.ToECDSA(common.LeftPadBytes([]byte{7}, 32))
	if err != nil {
		return nil, err
	}
	from, logger := crypto.PubkeyToAddress(key.PublicKey), common.Address{0xaa}
	zero := uint64(0)
	spec := &core.Genesis{
		Config: &gethparams.ChainConfig{
			ChainID: big.NewInt(1337), HomesteadBlock: common.Big0, EIP150Block: common.Big0, EIP155Block: common.Big0, EIP158Block: common.Big0,
			ByzantiumBlock: common.Big0, ConstantinopleBlock: common.Big0, PetersburgBlock: common.Big0, IstanbulBlock: common.Big0,
			BerlinBlock: common.Big0, LondonBlock: common.Big0, ShanghaiTime: &zero, TerminalTotalDifficulty: common.Big0,
		},
		Alloc: gethtypes.GenesisAlloc{
			from:   {Balance: new(big.Int).Exp(big.NewInt(10), big.NewInt(24), nil)},
			logger: {Balance: common.Big0, Code: common.FromHex("60036002600160206000a300")}, // LOG3 of 32 bytes
		},
		Difficulty: common.Big0, GasLimit: 30_000_000, BaseFee: big.NewInt(1_000_000_000),
	}
	engine := beacon.New(ethash.NewFaker())
	signer := gethtypes.LatestSigner(spec.Config)
	nonce := uint64(0)
	_, blocks, receipts := core.GenerateChainWithGenesis(spec, engine, servedBlocks, func(_ int, g *core.BlockGen) {
		for i := range servedTxs {
			to := common.BytesToAddress(crypto.Keccak256(big.NewInt(int64(nonce)).Bytes()))
			if i%5 == 0 {
				to = logger
			}
			g.AddTx(gethtypes.MustSignNewTx(key, signer, &gethtypes.DynamicFeeTx{
				ChainID: spec.Config.ChainID, Nonce: nonce, Gas: 60_000, To: &to, Value: common.Big0,
				GasFeeCap: big.NewInt(100_000_000_000), GasTipCap: common.Big1,
			}))
			nonce++
		}
	})
	geth, err := core.NewBlockChain(rawdb.NewMemoryDatabase(), spec, engine, nil)
	if err != nil {
		return nil, err
	}
	if _, err := geth.InsertChain(blocks); err != nil {
		return nil, err
	}
	c := &served{geth0: geth, blocks: blocks}
	return c, c.hold(spec, receipts)
}

// hold puts the blocks and receipts into our store.
func (c *served) hold(spec *core.Genesis, receipts []gethtypes.Receipts) error {
	file, err := json.Marshal(spec)
	if err != nil {
		return err
	}
	if c.params, err = params.ParseGenesis(file); err != nil {
		return err
	}
	if c.chain, err = chain.Open(chain.Config{Params: c.params, History: chain.HistoryFull}); err != nil {
		return err
	}
	var headers [][]byte
	for _, b := range c.blocks {
		raw, err := gethrlp.EncodeToBytes(b.Header())
		if err != nil {
			return err
		}
		headers = append(headers, raw)
	}
	if _, err := c.chain.InsertHeaders(time.Now(), headers); err != nil {
		return err
	}
	last := c.blocks[len(c.blocks)-1]
	if err := c.chain.SetHead(chain.Ref{Number: last.NumberU64(), Hash: types.Hash(last.Hash())}, headers[len(headers)-1]); err != nil {
		return err
	}
	for i, b := range c.blocks {
		body, err := gethrlp.EncodeToBytes(b.Body())
		if err != nil {
			return err
		}
		if err := c.chain.PutBody(types.Hash(b.Hash()), body); err != nil {
			return err
		}
		flat, err := gethrlp.EncodeToBytes(gethwire.NewReceiptList(receipts[i]))
		if err != nil {
			return err
		}
		if err := c.chain.PutReceipts(types.Hash(b.Hash()), flat); err != nil {
			return err
		}
	}
	return nil
}

// gethBackend is what go-ethereum's handler needs to serve.
type gethBackend struct{ *served }

func (b gethBackend) Chain() *core.BlockChain                    { return b.geth0 }
func (gethBackend) TxPool() gethwire.TxPool                      { return nil }
func (gethBackend) BlobPool() gethwire.BlobPool                  { return nil }
func (gethBackend) AcceptTxs() bool                              { return false }
func (gethBackend) PeerInfo(enode.ID) any                        { return nil }
func (gethBackend) Handle(*gethwire.Peer, gethwire.Packet) error { return nil }
func (b gethBackend) RunPeer(p *gethwire.Peer, h gethwire.Handler) error {
	head := b.geth0.CurrentBlock()
	err := p.Handshake(b.params.NetworkID, b.geth0, gethwire.BlockRangeUpdatePacket{
		LatestBlock: head.Number.Uint64(), LatestBlockHash: head.Hash(),
	})
	if err != nil {
		return err
	}
	return h(p)
}

// geth starts go-ethereum's server, with its own handler of requests.
func (c *served) geth(ctx context.Context, tb testing.TB, _ bool) (string, ecc.PublicKey) {
	tb.Helper()
	ours, theirs := newKey(tb, 1)
	s := &gethp2p.Server{Config: gethp2p.Config{
		PrivateKey: theirs, MaxPeers: 10, ListenAddr: "127.0.0.1:0", NoDiscovery: true,
		Protocols: gethwire.MakeProtocols(gethBackend{c}, c.params.NetworkID, nil),
	}}
	if err := s.Start(); err != nil {
		tb.Fatal(err)
	}
	context.AfterFunc(ctx, s.Stop)
	return s.ListenAddr, ours.Public()
}

// ours starts our server.
func (c *served) ours(ctx context.Context, tb testing.TB, cached bool) (string, ecc.PublicKey) {
	tb.Helper()
	key, _ := newKey(tb, 2)
	cfg := serve.Config{Chain: c.chain}
	if !cached {
		cfg.CacheBytes = -1
	}
	head := c.chain.Head()
	protocol, err := eth.New(eth.Config{
		Chain: c.params, Versions: []ethwire.Version{servedVersion}, Roles: []eth.Role{serve.New(cfg)},
		Latest: func() eth.Latest {
			return eth.Latest{Number: head.Number, Time: head.Time, Hash: head.Hash, TD: head.TD, Earliest: c.chain.Earliest()}
		},
	})
	if err != nil {
		tb.Fatal(err)
	}
	listening := make(chan enr.Node, 1)
	s, err := p2pserver.New(p2pserver.Config{
		Key: key, Client: "bench", Protocols: []p2p.Protocol{protocol}, Listen: "127.0.0.1:0",
		Ready: func(self enr.Node) { listening <- self },
	})
	if err != nil {
		tb.Fatal(err)
	}
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(ctx)
	go func() { ended <- s.Run(ctx) }()
	tb.Cleanup(func() { cancel(); <-ended })
	self := <-listening
	return netip.AddrPortFrom(self.IP, self.TCP).String(), key.Public()
}
