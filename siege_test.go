// SPDX-License-Identifier: Apache-2.0

package ethpeer

import (
	"context"
	"crypto/rand"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/memnet"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

const (
	siegeTxs    = 4 // that each honest peer tells of a second
	siegeDialed = 5 // of honestRemotes; the others are inbound
	siegeCap    = 192 << 20
)

// siegeBlocks returns how many blocks the honest peers make, one a second. The attackers are the same with the race
// detector, in a shorter siege.
func siegeBlocks() int {
	if bubble.Race {
		return 3
	}
	return 30
}

// siegeFetch returns how long the last announcements may take to be fetched. It is shorter with the race
// detector, because that siege has a tenth of the blocks.
func siegeFetch() time.Duration {
	if bubble.Race {
		return 4 * time.Second
	}
	return 10 * time.Second
}

// A siege is a whole node in memory, ten honest peers, and attackers of every kind.
type siege struct {
	t      *testing.T
	chain  *params.Chain
	blocks *peers.Blocks
	pool   peers.Pool
	lis    *memnet.Listener
	key    *ecc.PrivateKey
	keys   []*ecc.PrivateKey // of the honest peers

	mu      sync.Mutex // guards what follows
	remotes []*peers.Remote
	told    map[types.Hash]time.Time
	whole   map[types.Hash]bool
	heads   map[types.Hash]bool
	lost    []event.Peer // honest ones
	ending  bool
}

// TestTheNodeUnderSiege runs a whole node, with its server, among peers of every quiet and rude kind, each in
// a network of its own. Every honest block is reported at once, every honest transaction is reported, and no
// honest peer is lost.
func TestTheNodeUnderSiege(t *testing.T) {
	chain := gossipChain(t)
	txs, pool, _ := manyTxs(t, chain.NetworkID, siegeBlocks()*siegeTxs*honestRemotes, 0)
	blocks, err := peers.NewBlocks(chain)
	if err != nil {
		t.Fatal(err)
	}
	s := &siege{
		t: t, chain: chain, blocks: blocks, pool: pool, key: siegeKey(t),
		told: map[types.Hash]time.Time{}, whole: map[types.Hash]bool{}, heads: map[types.Hash]bool{},
	}
	heap := heapInUse()
	bubble.Test(t, func(t *testing.T) {
		s.t, s.lis = t, memnet.Listen()
		n := s.start()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- n.Run(ctx) }()
		synctest.Wait()
		s.joinInbound()
		time.Sleep(5 * time.Second) // for the node to dial the others

		attack, stop := context.WithCancel(t.Context())
		all := &peers.Siege{Chain: chain, Node: s.key.Public(), Honest: blocks, Big: 512, Open: s.open()}
		var over sync.WaitGroup
		over.Go(func() { all.Run(attack) })
		time.Sleep(2 * time.Second)
		s.beHonest(txs)
		time.Sleep(siegeFetch())
		if grown := heapInUse() - heap; grown > siegeCap {
			t.Errorf("the heap grew by %d MiB: the cap is %d", grown>>20, siegeCap>>20)
		}
		s.check(txs)
		began := time.Now()
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("the node took %v to stop", took)
		}
		stop()
		over.Wait()
		t.Logf("%d attackers began %d sessions and acted %d times", peers.Attackers(), all.Sessions.Load(), all.Acts.Load())
	})
}

func siegeKey(t *testing.T) *ecc.PrivateKey {
	t.Helper()
	key, err := ecc.NewPrivateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// honestIP returns an address in a network of its own.
func honestIP(i int) netip.Addr { return netip.AddrFrom4([4]byte{34, byte(i), 1, 1}) }

// start makes the node, which dials the first honest peers.
func (s *siege) start() *Node {
	s.t.Helper()
	secret := s.key.Bytes()
	cfg := Config{Chain: s.chain, Key: secret[:], Listen: "127.0.0.1:0", MaxPeers: 75, Record: s.record, Seals: work{s.blocks}}
	for i := range honestRemotes {
		key := siegeKey(s.t)
		s.keys = append(s.keys, key)
		if i < siegeDialed {
			cfg.Static = append(cfg.Static, enr.Node{Key: key.Public(), IP: honestIP(i), TCP: peers.Port})
		}
	}
	n, err := build(cfg, seams{listener: s.lis, dial: s.accept})
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

// work is a proof of work that only honest blocks have: the attackers have less computing power than all
// miners.
type work struct{ honest *peers.Blocks }

// Check implements chain.Seals.
func (w work) Check(h *types.Header) error {
	if b := w.honest.At(h.Number); b == nil || b.Hash != h.Hash() {
		return &rules.Error{Rule: rules.Nonce, Number: h.Number, Why: "no work"}
	}
	return nil
}

// accept runs an honest peer that the node dials.
func (s *siege) accept(_ context.Context, to netip.AddrPort) (net.Conn, error) {
	for i := range siegeDialed {
		if honestIP(i) != to.Addr() {
			continue
		}
		ours, theirs := memnet.Pipe()
		go func() {
			c, err := peers.Accept(theirs, s.keys[i], honestName(i), s.chain, honestVersion(i))
			if err != nil {
				s.t.Error(err)
				return
			}
			s.join(c)
		}()
		return ours, nil
	}
	return nil, memnet.ErrRefused
}

func honestVersion(i int) wire.Version { return wire.Version(66 + i%6) }

func (s *siege) joinInbound() {
	s.t.Helper()
	for i := siegeDialed; i < honestRemotes; i++ {
		stream, err := s.lis.Dial(netip.AddrPortFrom(honestIP(i), 1000))
		if err != nil {
			s.t.Fatal(err)
		}
		c, err := peers.Dial(stream, s.key.Public(), s.keys[i], honestName(i), s.chain, honestVersion(i))
		if err != nil {
			s.t.Fatal(err)
		}
		s.join(c)
	}
}

// join makes an honest peer of a connection.
func (s *siege) join(c *peers.Conn) {
	r := peers.NewRemote(c, s.pool, nil)
	r.Blocks = s.blocks
	go func() {
		if err := r.Serve(); err != nil {
			s.t.Error(err)
		}
	}()
	if err := r.Greet(); err != nil {
		s.t.Error(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remotes = append(s.remotes, r)
}

// open gives each network a /16.
func (s *siege) open() func(network int) (net.Conn, error) {
	var n atomic.Uint32
	return func(network int) (net.Conn, error) {
		i := n.Add(1)
		return s.lis.Dial(netip.AddrPortFrom(netip.AddrFrom4([4]byte{60, byte(network), byte(i >> 8), byte(i)}), 1000))
	}
}

// beHonest makes a block each second, which one peer sends and the others announce, and tells of transactions between.
func (s *siege) beHonest(txs []types.Tx) {
	s.mu.Lock()
	remotes := s.remotes
	s.mu.Unlock()
	if len(remotes) != honestRemotes {
		s.t.Fatalf("%d honest peers are up", len(remotes))
	}
	for n := range siegeBlocks() {
		b := s.blocks.Grow(time.Now())
		for i, r := range remotes {
			kind, payload := wire.KindNewBlockHashes, b.Announcement()
			if i == n%honestRemotes {
				kind, payload = wire.KindNewBlock, b.NewBlock()
			}
			if err := r.Tell(kind, payload); err != nil {
				s.t.Fatal(err)
			}
		}
		for i := range siegeTxs * honestRemotes {
			if err := tellOne(remotes[i%honestRemotes], &txs[n*siegeTxs*honestRemotes+i], i%2 == 0); err != nil {
				s.t.Fatal(err)
			}
			time.Sleep(time.Second / (siegeTxs * honestRemotes))
		}
	}
}
