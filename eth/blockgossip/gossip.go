// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/params"
)

// Config says which chain a Gossip follows, and what it does with what it hears.
type Config struct {
	Record event.Recorder
	Chain  *params.Chain

	// Body is called by the loop with the transactions of each new block that has any: the
	// content of the RLP list of them, Body's to keep. While it waits, so do we. May be
	// nil.
	Body func(at time.Time, by event.Source, txs []byte)

	// Quorum is how many peers are enough for any head; see chain.Tracker. 0 means 3.
	Quorum int

	// Choose returns a number from 0 to n-1, to choose among peers; nil = at random. Tests
	// inject.
	Choose func(n int) int
}

// defaultQuorum is a compromise between a head that one liar can move and one that waits
// for slow peers.
const defaultQuorum = 3

// A Gossip is the role that hears of blocks. It is made for one eth.Protocol.
type Gossip struct {
	record  event.Recorder
	body    func(at time.Time, by event.Source, txs []byte)
	inbox   *bounded.Inbox[step]
	tellers sync.Map // of *eth.Session to *teller
	lastID  atomic.Uint64

	// owner: the loop
	machine *machine
	byID    map[peerID]*teller
	losses  lossCounts
}

// A step is what the loop does with a message.
type step func(now time.Time)

// A teller is a session, as this role sees it.
type teller struct {
	id      peerID
	session *eth.Session
	slot    *bounded.Slot[step]
}

// New returns a role that is ready for sessions. Its Run must be running for as long as
// there are any.
func New(cfg Config) *Gossip {
	if cfg.Quorum == 0 {
		cfg.Quorum = defaultQuorum
	}
	if cfg.Choose == nil {
		cfg.Choose = rand.IntN
	}
	if cfg.Body == nil {
		cfg.Body = func(time.Time, event.Source, []byte) {}
	}
	genesis := chain.Link{
		Hash: cfg.Chain.GenesisHash, Time: cfg.Chain.GenesisTime, Difficulty: cfg.Chain.GenesisDifficulty,
	}
	return &Gossip{
		record:  cfg.Record,
		body:    cfg.Body,
		inbox:   bounded.NewInbox[step](),
		machine: newMachine(genesis, cfg.Quorum, cfg.Choose),
		byID:    make(map[peerID]*teller),
	}
}

// Messages implements [eth.Role].
func (g *Gossip) Messages() []wire.Kind {
	return []wire.Kind{wire.KindNewBlock, wire.KindNewBlockHashes, wire.KindBlockRangeUpdate}
}

// PeerUp implements [eth.Role].
func (g *Gossip) PeerUp(s *eth.Session) {
	t := &teller{id: peerID(g.lastID.Add(1)), session: s, slot: g.inbox.Open()}
	g.tellers.Store(s, t)
	status := s.Status()
	hello := greeting{
		teller: s.Source(),
		latest: chain.Ref{Number: status.Latest, Hash: status.Head},
		td:     status.TD,
		ranged: s.Version() >= rangeVersion,
		exact:  s.Version().HasRequestIDs(),
	}
	t.slot.Post(func(now time.Time) {
		g.byID[t.id] = t
		g.act(now, g.machine.onPeerUp(now, t.id, hello), nil)
	})
}

// rangeVersion is the first one whose peers tell the range of their blocks (EIP-7642).
const rangeVersion = 69

// PeerDown implements [eth.Role].
func (g *Gossip) PeerDown(s *eth.Session, _ error) {
	t := g.teller(s)
	g.tellers.Delete(s)
	t.slot.Post(func(now time.Time) {
		delete(g.byID, t.id)
		g.act(now, g.machine.onPeerDown(now, t.id), nil)
	})
}

// On implements [eth.Role].
func (g *Gossip) On(s *eth.Session, m wire.Message) error {
	at := time.Now()
	t := g.teller(s)
	switch m := m.(type) {
	case *wire.NewBlock:
		return g.onNewBlock(at, t, m)
	case *wire.NewBlockHashes:
		refs := make([]chain.Ref, 0, m.Len())
		for hash, number := range m.All() {
			refs = append(refs, chain.Ref{Number: number, Hash: hash})
		}
		return t.put(refBytes*len(refs), func(now time.Time) {
			g.act(at, g.machine.onHashes(now, t.id, refs), nil)
		})
	case *wire.BlockRangeUpdate:
		latest := chain.Ref{Number: m.Latest, Hash: m.LatestHash}
		return t.put(refBytes, func(now time.Time) {
			g.act(at, g.machine.onRange(now, t.id, latest), nil)
		})
	}
	return nil
}

// refBytes is about what the name of a block takes in the inbox.
const refBytes = 40

// put leaves a message for the loop, on the session's reader.
func (t *teller) put(size int, do step) error {
	if !t.slot.Put(t.session.Done(), size, do) {
		return t.session.Cause()
	}
	return nil
}

func (g *Gossip) teller(s *eth.Session) *teller {
	t, _ := g.tellers.Load(s)
	return t.(*teller) // PeerUp comes before On, and PeerDown after
}
