// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/chain/head/beacon"
	"github.com/ethpeer/ethpeer/chain/head/sources"
	"github.com/ethpeer/ethpeer/chain/light"
	"github.com/ethpeer/ethpeer/devnet"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/blockgossip"
	"github.com/ethpeer/ethpeer/eth/chainsync"
	"github.com/ethpeer/ethpeer/eth/challenge"
	"github.com/ethpeer/ethpeer/eth/fetch"
	"github.com/ethpeer/ethpeer/eth/serve"
	"github.com/ethpeer/ethpeer/eth/txgossip"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/p2p/server"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

var peers = []part{
	{"p2p", usePeer},
	{"p2p/server", useServer},
	{"chain", useChain},
	{"chain/head", useHead},
	{"chain/head/sources", useSources},
	{"chain/head/beacon", useBeacon},
	{"eth/fetch", useFetch},
	{"eth with its roles", useRoles},
}

// greet is a protocol in which both sides say hello and stay until ctx ends.
func greet(said chan<- string) p2p.Protocol {
	return p2p.RunProtocol("greet", 1, 1, func(ctx context.Context, _ *p2p.Peer, rw p2p.MsgReadWriter) error {
		if err := rw.WriteMsg(p2p.Msg{Code: 0, Payload: []byte("hello")}); err != nil {
			return err
		}
		m, err := rw.ReadMsg()
		if err != nil {
			return err
		}
		said <- string(m.Payload)
		<-ctx.Done()
		return nil
	})
}

// useSources lets the operator name the head.
func useSources(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	named := errors.New("named")
	s := sources.New(sources.Config{
		Sources: []sources.Source{sources.Fixed{Hash: types.Hash{1}}},
		Changed: func(head.Selected) { cancel(named) },
	})
	if err := s.Run(ctx); !errors.Is(err, named) {
		return err
	}
	h, ok := s.Head()
	return want(ok && h.Hash == types.Hash{1} && h.By == event.HeadByFixed, "head %v", h)
}

// useBeacon follows a beacon node that is not there.
func useBeacon(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	f, err := beacon.New(beacon.Config{URLs: []string{"http://127.0.0.1:1"}, Checkpoint: light.Root{1}})
	if err != nil {
		return err
	}
	err = f.Run(ctx, func(head.Believed) {})
	return want(errors.Is(err, context.DeadlineExceeded) && f.Status().Head.Slot == 0, "%v", err)
}

func usePeer(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	said := make(chan string, 2)
	protocols := []p2p.Protocol{greet(said)}
	var all sync.WaitGroup
	run := func(t p2p.Transport) error {
		peer, err := p2p.NewPeer(t, p2p.Config{
			Hello:     &p2p.Hello{Version: p2p.BaseVersion, Client: "embed", Caps: p2p.Caps(protocols)},
			Protocols: protocols,
		})
		if err == nil {
			all.Go(func() { peer.Run(ctx) })
		}
		return err
	}
	a, b := p2p.Pipe()
	if err := errors.Join(run(a), run(b)); err != nil {
		return err
	}
	one, other := <-said, <-said
	cancel()
	all.Wait()
	return want(one == "hello" && other == "hello", "%q, %q", one, other)
}

func useServer(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	said, ready, ended := make(chan string, 2), make(chan enr.Node, 1), make(chan error, 2)
	start := func(listen string, static ...enr.Node) error {
		key, err := ecc.NewPrivateKey(rand.Reader)
		if err != nil {
			return err
		}
		s, err := server.New(server.Config{
			Key: key, Client: "embed", Protocols: []p2p.Protocol{greet(said)}, Listen: listen, Static: static,
			Ready: func(us enr.Node) { ready <- us },
		})
		if err == nil {
			go func() { ended <- s.Run(ctx) }()
		}
		return err
	}
	if err := start("127.0.0.1:0"); err != nil {
		return err
	}
	if err := start("", <-ready); err != nil {
		return err
	}
	one, other := <-said, <-said
	cancel()
	return errors.Join(<-ended, <-ended, want(one == "hello" && other == "hello", "%q, %q", one, other))
}

func useChain(context.Context) error {
	c, _ := params.ByName("sepolia")
	h, err := types.DecodeHeader(c.Genesis)
	if err != nil {
		return err
	}
	parent := chain.LinkOf(&h)
	child := parent
	child.Parent, child.Hash, child.Number, child.Time = parent.Hash, types.Hash{1}, 1, parent.Time+12
	if err := chain.CheckLink(&parent, &child); err != nil {
		return err
	}
	child.Number = 2
	return want(chain.CheckLink(&parent, &child) != nil, "block 2 follows block 0")
}

func useHead(context.Context) error {
	genesis := chain.Link{Hash: types.Hash{1}}
	first := chain.Link{Hash: types.Hash{2}, Parent: genesis.Hash, Number: 1, Time: 12}
	m := head.NewPeers[string](head.Config{Genesis: genesis, Recent: 1024, Choose: func(int) int { return 0 }})
	now := time.Unix(100, 0)
	m.Join(now, "alice", head.Info{Latest: first.Ref(), HasBlockRange: true, HasRequestIDs: true})
	_, now = m.Next(now, nil)
	asks, _ := m.Next(now, nil)
	for _, ask := range asks {
		if _, err := m.Headers(now, ask.Peer, []chain.Link{first}); err != nil {
			return err
		}
	}
	h, changed := m.Changed(now)
	return want(changed && h.Number == 1, "%v", h)
}

func useFetch(context.Context) error {
	table := fetch.New[string, string, int](fetch.Rules{
		Limit: 10, PerPeer: 10, AskKeys: 10, Wait: time.Second, Cooldown: time.Second, MaxCooldown: time.Minute, Shuffle: func(int, func(i, j int)) {},
	})
	now := time.Unix(0, 0)
	table.Join("alice")
	table.Offer(now, "alice", "a key", 0, 17)
	asks, _ := table.Next(now.Add(time.Second))
	return want(len(asks) == 1 && asks[0].Peer == "alice", "%v", asks)
}

// useRoles is a peer made of parts, without package ethpeer: it hears a transaction and a
// block, and asks for a header.
func useRoles(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	network, networkEnded, err := startNetwork(ctx)
	if err != nil {
		return err
	}
	heard := newHearing(event.KindTx, event.KindBlock)
	required, err := challenge.New(challenge.Config{Required: map[uint64]types.Hash{0: network.Chain().GenesisHash}})
	if err != nil {
		return err
	}
	genesis, err := serve.Genesis(network.Chain())
	if err != nil {
		return err
	}
	txs := txgossip.New(txgossip.Config{Record: heard.record})
	blocks := blockgossip.New(blockgossip.Config{Record: heard.record, Params: network.Chain()})
	held, err := chain.Open(chain.Config{Params: network.Chain()})
	if err != nil {
		return err
	}
	download := chainsync.New(chainsync.Config{Chain: held, Record: heard.record})
	roles := []eth.Role{required, serve.New(serve.Config{Chain: genesis}), txs, blocks, download}
	protocol, err := eth.New(eth.Config{Chain: network.Chain(), Roles: roles, Record: heard.record})
	if err != nil {
		return err
	}
	key, err := ecc.NewPrivateKey(rand.Reader)
	if err != nil {
		return err
	}
	s, err := server.New(server.Config{Key: key, Client: "embed", Protocols: []p2p.Protocol{protocol}, Static: network.Nodes()})
	if err != nil {
		return err
	}
	var all sync.WaitGroup
	ended := make(chan error, 1)
	all.Go(func() { ended <- s.Run(ctx) })
	all.Go(func() { txs.Run(ctx) })
	all.Go(func() { blocks.Run(ctx) })
	all.Go(func() { download.Run(ctx) })
	<-heard.all
	headers := 0
	for _, session := range protocol.Sessions() {
		got, err := eth.Do[wire.Headers](ctx, session, wire.HeadersRequest{Origin: wire.AtNumber(0), Amount: 1})
		if err == nil {
			headers += got.Len()
		}
	}
	cancel()
	all.Wait()
	return errors.Join(<-ended, <-networkEnded, want(headers > 0, "no header"))
}

// startNetwork runs package devnet's network until ctx ends.
func startNetwork(ctx context.Context) (*devnet.Network, <-chan error, error) {
	network, err := devnet.New(devnet.Config{Peers: 2, Period: 100 * time.Millisecond, TPS: 20})
	if err != nil {
		return nil, nil, err
	}
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- network.Run(ctx, func() { close(ready) }) }()
	<-ready
	return network, ended, nil
}
