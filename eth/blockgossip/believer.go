// SPDX-License-Identifier: Apache-2.0

// in: the head that peers name, time · out: heads to believe by peers · owner: the loop; tell is called by the
// importer's goroutine, too

package blockgossip

import (
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/types"
)

// confirmEvery is the least time between two calls of Believe for one head.
const confirmEvery = 4 * time.Second

// A believer decides which of the heads that peers name is believed.
type believer struct {
	// immutable
	tell    func(head.Believed)
	events  bool // nothing believes: each change is an event
	quorum  int
	chain   *chain.Chain // nil: none is held
	gossips bool
	syncing func() bool

	last chain.Ref // that was told
	at   time.Time
}

func newBeliever(cfg *Config) *believer {
	b := &believer{
		tell: cfg.Believe, quorum: cfg.Quorum, chain: cfg.Chain, gossips: cfg.Params.Terminal == nil, syncing: cfg.Syncing,
	}
	if b.quorum == 0 {
		b.quorum = DefaultQuorum
	}
	if b.tell == nil {
		b.events = true
		b.tell = func(h head.Believed) {
			cfg.Record.Record(event.Head{
				At: event.At{Time: h.At}, Number: h.Number, Hash: h.Hash, By: h.By, Supporters: h.Supporters, Proved: h.Proved,
			})
		}
	}
	return b
}

// onHead takes the head that peers name, by says why; changed reports whether it is another one than before. raw is
// its header, nil if that is not held.
func (b *believer) onHead(now, at time.Time, h *head.Head, changed bool, by string, raw []byte) {
	if b.verified(h) {
		return
	}
	if !b.events {
		again := h.Ref() == b.last && now.Sub(b.at) < confirmEvery
		changed = h.Unrelated >= b.quorum && !again && !b.contradicts(h)
	}
	if !changed {
		return
	}
	b.last, b.at = h.Ref(), now
	if b.chain != nil {
		by = event.HeadByPeers
	}
	b.tell(head.Believed{Ref: h.Ref(), Header: raw, By: by, Supporters: h.Supporters, At: at})
}

// verified reports whether the head is known by gossip: the blocks are gossiped, and the chain that is held reaches
// about as far, or is about to.
func (b *believer) verified(h *head.Head) bool {
	if b.chain == nil || !b.gossips {
		return false
	}
	held := b.chain.Head().Number
	return held > 0 && held+head.Depth >= h.Number || b.syncing != nil && b.syncing()
}

// contradicts reports whether a head cannot follow from what is final in the chain that is held.
func (b *believer) contradicts(h *head.Head) bool {
	if b.chain == nil {
		return false
	}
	final := b.chain.Final()
	if h.Number > final.Number {
		return false
	}
	at, ok := b.chain.Canonical(h.Number)
	return h.Number < final.Number && (!ok || at != h.Hash) || h.Number == final.Number && h.Hash != final.Hash
}

// Bounds of the headers that are kept as they came, of blocks that the tracker holds.
const (
	maxRawHeaders = recentBlocks
	maxRawHeader  = 8 << 10 // bytes: a checkpoint of 400 signers (EIP-225)
)

// noteRaw keeps headers as they came, if their blocks are held.
func (m *machine) noteRaw(hs headers) {
	if m.raws == nil {
		return
	}
	for i := range hs.raw {
		if h := hs.links[i].Hash; len(hs.raw[i]) <= maxRawHeader && m.heads.Has(h) {
			m.raws.Put(h, hs.raw[i])
		}
	}
}

// rawHeader returns a header as it came, nil if it is not kept.
func (m *machine) rawHeader(h types.Hash) []byte {
	if m.raws == nil {
		return nil
	}
	raw, _ := m.raws.Get(h)
	return raw
}
