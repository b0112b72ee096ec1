// SPDX-License-Identifier: Apache-2.0

package txgossip

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/types"
)

// Config says what a Gossip does with what it hears. The zero Config is useful only to
// those who want to know nothing.
type Config struct {
	Record event.Recorder

	// Rand chooses among peers; nil = at random. Tests inject.
	Rand *rand.Rand
}

// Bounds of what is remembered.
const (
	maxHeard  = 1 << 17
	maxTasks  = 1 << 16
	maxBlocks = 16
)

// A Gossip is the role that hears transactions. It is made for one eth.Protocol.
type Gossip struct {
	record  event.Recorder
	inbox   *bounded.Inbox[step]
	ledger  *ledger
	scans   sync.Pool // of *types.Scan
	sources sync.Map  // of *eth.Session to *teller
	lastID  atomic.Uint64
	blocks  chan blockBody
	ended   chan struct{} // closed when Run has ended

	// owner: the loop
	fetch   *fetch
	tellers map[peerID]*teller
	losses  losses
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
	if cfg.Rand == nil {
		cfg.Rand = rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	}
	g := &Gossip{
		record:  cfg.Record,
		inbox:   bounded.NewInbox[step](),
		ledger:  newLedger(maxHeard),
		blocks:  make(chan blockBody, maxBlocks),
		ended:   make(chan struct{}),
		fetch:   newFetch(maxTasks, cfg.Rand),
		tellers: make(map[peerID]*teller),
	}
	g.scans.New = func() any { return new(types.Scan) }
	return g
}

// Messages implements [eth.Role].
func (g *Gossip) Messages() []wire.Kind {
	return []wire.Kind{wire.KindTransactions, wire.KindNewPooledTransactionHashes}
}

// PeerUp implements [eth.Role].
func (g *Gossip) PeerUp(s *eth.Session) {
	t := &teller{id: peerID(g.lastID.Add(1)), session: s, slot: g.inbox.Open()}
	g.sources.Store(s, t)
	t.slot.Post(func(time.Time) {
		g.tellers[t.id] = t
		g.fetch.onPeerUp(t.id)
	})
}

// PeerDown implements [eth.Role].
func (g *Gossip) PeerDown(s *eth.Session, _ error) {
	t := g.teller(s)
	g.sources.Delete(s)
	t.slot.Post(func(now time.Time) {
		delete(g.tellers, t.id)
		g.act(now, g.fetch.onPeerDown(t.id))
	})
}

// On implements [eth.Role].
func (g *Gossip) On(s *eth.Session, m wire.Message) error {
	at := time.Now()
	t := g.teller(s)
	var put step
	var size int
	switch m := m.(type) {
	case *wire.Transactions:
		heard, err := g.hear(s.Version(), m.List, event.ViaBroadcast)
		if err != nil {
			return err
		}
		size = heardBytes * len(heard)
		put = func(now time.Time) { g.arrived(now, at, t, event.ViaBroadcast, heard) }
	case *wire.NewPooledTransactionHashes:
		items := make([]item, 0, m.Len())
		for a := range m.All() {
			items = append(items, item{hash: a.Hash, typed: a.Typed, kind: a.Type, size: a.Size})
		}
		size = itemBytes * len(items)
		put = func(now time.Time) { g.announced(now, at, t, items) }
	default:
		return nil
	}
	if !t.slot.Put(s.Done(), size, put) {
		return s.Cause()
	}
	return nil
}

// About what an item of an announcement and a whole transaction take in the inbox.
const (
	itemBytes  = 56
	heardBytes = 230
)

func (g *Gossip) teller(s *eth.Session) *teller {
	t, _ := g.sources.Load(s)
	return t.(*teller) // PeerUp comes before On, and PeerDown after
}
