// SPDX-License-Identifier: Apache-2.0

// in: messages and replies of one session · out: letters to the loop · goroutine: the session's
// reader and owner

package blockgossip

import (
	"bytes"
	"errors"
	"sync/atomic"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/owner"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
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
	window        *atomic.Pointer[window]
	follower      *follower // nil: no chain is held

	// owner: the session's reader
	mismatched bool // the peer has sent a whole block with another body than its header names

	// owner: the loop
	gone    bool
	forks   allowance
	asking  bool     // for headers, where there are no request IDs
	waiting []func() // requests for headers that wait for that one
}

// Close implements [eth.Listener].
func (l *listener) Close(error) {
	if f := l.follower; f != nil {
		f.relay.close(l.session)
		f.ranges.close(l.session)
		f.importer.close(l)
	}
	l.slot.Post(0, func(m *machine, now time.Time) { m.onClose(now, l) })
}

// On implements [eth.Listener].
func (l *listener) On(m wire.Message) error {
	at := time.Now()
	switch m := m.(type) {
	case *wire.NewBlock:
		return l.onNewBlock(at, m)
	case *wire.NewBlockHashes:
		return l.onNewBlockHashes(at, m)
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

// A window says which whole blocks are worth the work of computing their roots on the reader. The loop
// writes it, and readers read a copy that does not change.
type window struct {
	number, gasLimit uint64 // of the head
}

// worth reports whether a block is near the head and of a gas limit like the head's, which bounds its
// transactions (chain.MaxTxs). Without a head every block is.
func (w *window) worth(l *chain.Link) bool {
	return w == nil || head.Near(w.number, l.Number) && chain.GasLimitFits(w.gasLimit, l.GasLimit)
}

// onNewBlock reads a whole block (devp2p/caps/eth.md#newblock-0x07), cheap checks first: the header, its
// distance from the head, the number of transactions, and the roots last. Of a block that is not worth
// its roots only the header counts. A block whose body is not the one that its header names is ignored,
// as clients do, and of the same peer's whole blocks only the headers count from then on.
func (l *listener) onNewBlock(at time.Time, m *wire.NewBlock) error {
	link, err := readHeader(l.session.Chain(), m.Header)
	if err != nil {
		return p2p.Breach("new block: %w", err)
	}
	l.session.MarkBlock(link.Hash)
	if l.mismatched || !l.worth(&link) {
		one := headers{links: []chain.Link{link}, raw: [][]byte{bytes.Clone(m.Header)}}
		return l.put(one.size(), func(m *machine, now time.Time) {
			m.onNewHeader(now, at, l, link)
			m.noteRaw(one)
		})
	}
	b, err := l.session.Chain().DecodeBlock(m.Block)
	if err != nil {
		return p2p.Breach("new block: %w", err)
	}
	count := b.Body.TxCount()
	if chain.CheckTxs(count, &link) != nil || !b.Body.Matches(&b.Header) {
		l.mismatched = true
		return l.put(linkBytes, func(m *machine, _ time.Time) { m.mismatched++ })
	}
	if err := l.importBlock(at, &link, m); err != nil {
		return err
	}
	td := m.TD
	l.session.MarkHead(link.Number, link.Hash, &td)
	got := body{roots: link.Roots, txs: bytes.Clone(b.Body.Txs), count: count, size: len(m.Txs) + len(m.Uncles) + len(m.Withdrawals)}
	return l.put(len(m.Block), func(m *machine, now time.Time) { m.onNewBlock(now, at, l, link, got) })
}

// readHeader reads a header and checks what it shows by itself.
func readHeader(c *params.Chain, raw []byte) (chain.Link, error) {
	h, err := c.DecodeHeader(raw)
	if err != nil {
		return chain.Link{}, err
	}
	if err := chain.CheckHeader(&h); err != nil {
		return chain.Link{}, err
	}
	return chain.LinkOf(&h), nil
}

// headers are what a reply to a request for headers has.
type headers struct {
	links []chain.Link
	raw   [][]byte // of each; none if they are not kept
}

// size is about what they take in the inbox.
func (hs headers) size() (n int) {
	for _, raw := range hs.raw {
		n += len(raw)
	}
	return n + linkBytes*len(hs.links)
}

// readHeaders reads the reply to a request for headers. keep says that they are wanted as they came.
func readHeaders(c *params.Chain, list wire.List, keep bool) (hs headers, err error) {
	hs.links = make([]chain.Link, 0, list.Len())
	for raw := range list.Items() {
		link, err := readHeader(c, raw)
		if err != nil {
			return headers{}, p2p.Breach("header: %w", err)
		}
		hs.links = append(hs.links, link)
		if keep {
			hs.raw = append(hs.raw, bytes.Clone(raw))
		}
	}
	return hs, nil
}

// errTooManyTxs is the fault of a reply to a request for bodies.
var errTooManyTxs = errors.New("a body has more transactions than the gas used of any block that was asked for allows")

// readBodies reads the reply to a request for bodies, of which it keeps the
// transactions. It counts the transactions of each before it computes the roots. Package wire has refused
// a reply of more bodies than were asked for.
func readBodies(list wire.List, maxTxs uint64) ([]body, error) {
	all := make([]body, 0, list.Len())
	for raw := range list.Items() {
		b, err := types.DecodeBody(raw)
		if err != nil {
			return nil, p2p.Breach("body: %w", err)
		}
		count := b.TxCount()
		if uint64(count) > maxTxs { //nolint:gosec // not negative
			return nil, p2p.Breach("%w: %d", errTooManyTxs, count)
		}
		_, lists, _, err := rlp.Split(raw)
		if err != nil {
			return nil, p2p.Breach("body: %w", err)
		}
		all = append(all, body{roots: chain.RootsOf(&b), txs: b.Txs, raw: raw, count: count, size: len(lists)})
	}
	return all, nil
}
