// SPDX-License-Identifier: Apache-2.0

// in: messages and replies · out: what the machine and the events need of them · owner: a
// reader

package blockgossip

import (
	"bytes"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// A content is a body that was received.
type content struct {
	txs   []byte // content of their RLP list
	count int    // of txs
	size  int    // bytes of the RLP of the body's lists
}

// onNewBlock reads a whole block. One whose body is not the one that its header names is
// ignored, as clients do: it may have been damaged on its way.
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
	h := header{Link: chain.LinkOf(&b.Header), size: len(b.Header.Raw)}
	td := m.TD
	got := content{txs: bytes.Clone(b.Body.Txs), count: b.Body.TxCount(), size: len(lists) - h.size}
	return l.put(len(m.Block), func(g *Gossip, now time.Time) {
		g.act(at, g.machine.onNewBlock(now, l.id, h, &td), []content{got})
	})
}

// readHeaders reads the answer to a request for headers.
func readHeaders(l wire.List) ([]header, error) {
	all := make([]header, 0, l.Len())
	for raw := range l.Items() {
		h, err := types.DecodeHeader(raw)
		if err != nil {
			return nil, p2p.Breach("header: %w", err)
		}
		if err := chain.CheckHeader(&h); err != nil {
			return nil, p2p.Breach("header: %w", err)
		}
		all = append(all, header{Link: chain.LinkOf(&h), size: len(raw)})
	}
	return all, nil
}

// readBodies reads the answer to a request for bodies, of which it keeps the
// transactions, and computes the roots of each.
func readBodies(l wire.List) ([]chain.Roots, []content, error) {
	roots := make([]chain.Roots, 0, l.Len())
	all := make([]content, 0, l.Len())
	for raw := range l.Items() {
		b, err := types.DecodeBody(raw)
		if err != nil {
			return nil, nil, p2p.Breach("body: %w", err)
		}
		roots = append(roots, chain.RootsOf(&b))
		_, lists, _, err := rlp.Split(raw)
		if err != nil {
			return nil, nil, p2p.Breach("body: %w", err)
		}
		all = append(all, content{txs: b.Txs, count: b.TxCount(), size: len(lists)})
	}
	return roots, all, nil
}

// contentOf returns the body that an action of the machine speaks of.
func contentOf(f *found, received []content) content {
	switch {
	case f.body >= 0:
		return received[f.body]
	case f.Roots.HasWithdrawals:
		return content{size: 3} // three empty lists
	default:
		return content{size: 2}
	}
}
