// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/owner"
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
	record event.Recorder
	body   func(at time.Time, by event.Source, txs []byte)
	loop   *owner.Loop[*Gossip]
	lastID atomic.Uint64

	// owner: the loop
	machine   *machine
	listeners map[peerID]*listener
}

// A listener is this role's side of a session. It is immutable.
type listener struct {
	gossip  *Gossip
	id      peerID
	session *eth.Session
	slot    *owner.Slot[*Gossip]
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
		record:    cfg.Record,
		body:      cfg.Body,
		loop:      owner.NewLoop[*Gossip](cfg.Record),
		machine:   newMachine(genesis, cfg.Quorum, cfg.Choose),
		listeners: make(map[peerID]*listener),
	}
}

// Kinds implements [eth.Role].
func (g *Gossip) Kinds() []wire.Kind {
	return []wire.Kind{wire.KindNewBlock, wire.KindNewBlockHashes, wire.KindBlockRangeUpdate}
}

// Open implements [eth.Role].
func (g *Gossip) Open(s *eth.Session) eth.Listener {
	l := &listener{gossip: g, id: peerID(g.lastID.Add(1)), session: s, slot: g.loop.Open()}
	status := s.Status()
	hello := greeting{
		teller: s.Source(),
		latest: chain.Ref{Number: status.Latest, Hash: status.Head},
		td:     status.TD,
		ranged: s.Version() >= rangeVersion,
		exact:  s.Version().HasRequestIDs(),
	}
	l.slot.Post(func(g *Gossip, now time.Time) {
		g.listeners[l.id] = l
		g.act(now, g.machine.onPeerUp(now, l.id, hello), nil)
	})
	return l
}

// rangeVersion is the first one whose peers tell the range of their blocks (EIP-7642).
const rangeVersion = 69

// Close implements [eth.Listener].
func (l *listener) Close(error) {
	l.slot.Post(func(g *Gossip, now time.Time) {
		delete(g.listeners, l.id)
		g.act(now, g.machine.onPeerDown(now, l.id), nil)
	})
}

// On implements [eth.Listener].
func (l *listener) On(m wire.Message) error {
	at := time.Now()
	switch m := m.(type) {
	case *wire.NewBlock:
		return l.onNewBlock(at, m)
	case *wire.NewBlockHashes:
		refs := make([]chain.Ref, 0, m.Len())
		for hash, number := range m.All() {
			refs = append(refs, chain.Ref{Number: number, Hash: hash})
		}
		return l.put(refBytes*len(refs), func(g *Gossip, now time.Time) {
			g.act(at, g.machine.onHashes(now, l.id, refs), nil)
		})
	case *wire.BlockRangeUpdate:
		latest := chain.Ref{Number: m.Latest, Hash: m.LatestHash}
		return l.put(refBytes, func(g *Gossip, now time.Time) {
			g.act(at, g.machine.onRange(now, l.id, latest), nil)
		})
	}
	return nil
}

// refBytes is about what the name of a block takes in the inbox.
const refBytes = 40

// put leaves a message for the loop, on the session's reader.
func (l *listener) put(size int, do owner.Letter[*Gossip]) error {
	if !l.slot.Put(l.session.Done(), size, do) {
		return l.session.Cause()
	}
	return nil
}
