// SPDX-License-Identifier: Apache-2.0

// in: messages and replies of one session · out: letters to the loop · goroutine: the session's
// reader and owner

package blockgossip

import (
	"bytes"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/owner"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// A listener is this role's side of one session.
type listener struct {
	// immutable
	session       *eth.Session
	source        event.Source
	hasRequestIDs bool // eth/66 and later (EIP-2481)
	slot          *owner.Slot[*machine]

	// owner: the loop
	gone    bool
	asking  bool     // for headers, where there are no request IDs
	waiting []func() // requests for headers that wait for that one
}

// Close implements [eth.Listener].
func (l *listener) Close(error) {
	l.slot.Post(0, func(m *machine, now time.Time) { m.onClose(now, l) })
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
		return l.put(refBytes*len(refs), func(m *machine, now time.Time) { m.onHashes(now, at, l, refs) })
	case *wire.BlockRangeUpdate:
		latest := chain.Ref{Number: m.Latest, Hash: m.LatestHash}
		return l.put(refBytes, func(m *machine, now time.Time) { m.onRange(now, at, l, latest) })
	}
	return nil
}

// About what the name of a block and a read header take in the inbox.
const (
	refBytes  = 40
	linkBytes = 240
)

// put leaves a message for the loop, on the session's reader.
func (l *listener) put(size int, do owner.Letter[*machine]) error {
	if !l.slot.Put(l.session.Done(), size, do) {
		return l.session.Cause()
	}
	return nil
}

// onNewBlock reads a whole block (devp2p/caps/eth.md#newblock-0x07). One whose body is not the one
// that its header names is ignored, as clients do: it may have been damaged on its way.
func (l *listener) onNewBlock(at time.Time, m *wire.NewBlock) error {
	b, err := types.DecodeBlock(m.Block)
	if err != nil {
		return p2p.Breach("new block: %w", err)
	}
	if !b.Body.Matches(&b.Header) {
		return nil
	}
	if err := chain.CheckHeader(&b.Header); err != nil {
		return p2p.Breach("new block: %w", err)
	}
	_, lists, _, err := rlp.Split(m.Block)
	if err != nil {
		return p2p.Breach("new block: %w", err)
	}
	link, td := chain.LinkOf(&b.Header), m.TD
	l.session.MarkHead(link.Number, link.Hash, &td)
	got := body{roots: link.Roots, txs: bytes.Clone(b.Body.Txs), count: b.Body.TxCount(), size: len(lists) - link.Size}
	return l.put(len(m.Block), func(m *machine, now time.Time) { m.onNewBlock(now, at, l, link, &td, got) })
}

// readHeaders reads the reply to a request for headers.
func readHeaders(list wire.List) ([]chain.Link, error) {
	all := make([]chain.Link, 0, list.Len())
	for raw := range list.Items() {
		h, err := types.DecodeHeader(raw)
		if err != nil {
			return nil, p2p.Breach("header: %w", err)
		}
		if err := chain.CheckHeader(&h); err != nil {
			return nil, p2p.Breach("header: %w", err)
		}
		all = append(all, chain.LinkOf(&h))
	}
	return all, nil
}

// readBodies reads the reply to a request for bodies, of which it keeps the
// transactions, and computes the roots of each.
func readBodies(list wire.List) ([]body, error) {
	all := make([]body, 0, list.Len())
	for raw := range list.Items() {
		b, err := types.DecodeBody(raw)
		if err != nil {
			return nil, p2p.Breach("body: %w", err)
		}
		_, lists, _, err := rlp.Split(raw)
		if err != nil {
			return nil, p2p.Breach("body: %w", err)
		}
		all = append(all, body{roots: chain.RootsOf(&b), txs: b.Txs, count: b.TxCount(), size: len(lists)})
	}
	return all, nil
}
