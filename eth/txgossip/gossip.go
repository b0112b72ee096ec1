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
	"github.com/ethpeer/ethpeer/internal/owner"
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
	record event.Recorder
	loop   *owner.Loop[*machine]
	ledger *ledger
	scans  sync.Pool // of *types.Scan
	lastID atomic.Uint64
	blocks chan blockBody
	ended  chan struct{} // closed when Run has ended

	machine *machine // owner: the loop
}

// New returns a role that is ready for sessions. Its Run must be running for as long as
// there are any.
func New(cfg Config) *Gossip {
	if cfg.Rand == nil {
		cfg.Rand = rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	}
	g := &Gossip{
		record: cfg.Record,
		loop:   owner.NewLoop[*machine](cfg.Record),
		ledger: newLedger(maxHeard),
		blocks: make(chan blockBody, maxBlocks),
		ended:  make(chan struct{}),
	}
	g.machine = newMachine(g, cfg.Rand)
	g.scans.New = func() any { return new(types.Scan) }
	return g
}

// Kinds implements [eth.Role].
func (g *Gossip) Kinds() []wire.Kind {
	return []wire.Kind{wire.KindTransactions, wire.KindNewPooledTransactionHashes}
}

// Open implements [eth.Role].
func (g *Gossip) Open(s *eth.Session) eth.Listener {
	l := &listener{gossip: g, id: peerID(g.lastID.Add(1)), session: s, slot: g.loop.Open()}
	l.slot.Post(func(m *machine, _ time.Time) { m.onOpen(l) })
	return l
}

// A listener is this role's side of a session. It is immutable.
type listener struct {
	gossip  *Gossip
	id      peerID
	session *eth.Session
	slot    *owner.Slot[*machine]
}

// Close implements [eth.Listener].
func (l *listener) Close(error) {
	l.slot.Post(func(m *machine, now time.Time) { m.onClose(now, l) })
}

// On implements [eth.Listener].
func (l *listener) On(m wire.Message) error {
	at := time.Now()
	var put owner.Letter[*machine]
	var size int
	switch m := m.(type) {
	case *wire.Transactions:
		heard, err := l.gossip.hear(l.session.Version(), m.List, event.ViaBroadcast)
		if err != nil {
			return err
		}
		size = heardBytes * len(heard)
		put = func(m *machine, now time.Time) { m.onTxs(now, at, l, heard) }
	case *wire.NewPooledTransactionHashes:
		items := make([]item, 0, m.Len())
		for a := range m.All() {
			items = append(items, item{hash: a.Hash, typed: a.Typed, kind: a.Type, size: a.Size})
		}
		size = itemBytes * len(items)
		put = func(m *machine, now time.Time) { m.onAnnounce(now, at, l, items) }
	default:
		return nil
	}
	if !l.slot.Put(l.session.Done(), size, put) {
		return l.session.Cause()
	}
	return nil
}

// About what an item of an announcement and a whole transaction take in the inbox.
const (
	itemBytes  = 56
	heardBytes = 230
)
