// SPDX-License-Identifier: Apache-2.0

// in: hashes that a session told of · out: requests, then transactions and blocks

package devnet

import (
	"slices"

	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/types"
)

// onAnnounced notes the new hashes of an announcement, and requests them
// (devp2p/caps/eth.md#transaction-exchange).
func (l *listener) onAnnounced(m *wire.NewPooledTransactionHashes) {
	for a := range m.All() {
		l.session.MarkTx(a.Hash)
		if a.Typed && a.Type == types.BlobTx || l.pool.tx(a.Hash) != nil {
			continue
		}
		l.want(a.Hash)
	}
	l.askTxs()
}

func (l *listener) want(h types.Hash) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wants.Add(h)
}

// askTxs asks a session for the transactions that are wanted of it, unless it is about to
// answer already.
func (l *listener) askTxs() {
	hashes := l.takeWants()
	if len(hashes) == 0 {
		return
	}
	err := eth.Ask(l.session, wire.PooledRequest{Hashes: hashes}, func(reply wire.PooledTxs, err error) {
		l.asked()
		if err != nil {
			return
		}
		if err := l.onTxs(l.session, reply.List); err != nil {
			l.session.Fail(err)
			return
		}
		l.askTxs()
	})
	if err != nil {
		l.asked()
	}
}

// takeWants returns what to ask a session for, which is then being asked.
func (l *listener) takeWants() (hashes []types.Hash) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.asking {
		return nil
	}
	for h := range l.wants.All() {
		if len(hashes) == wire.KindGetPooledTransactions.Row().SendItems {
			break
		}
		hashes = append(hashes, h)
	}
	for _, h := range hashes {
		l.wants.Delete(h)
	}
	hashes = slices.DeleteFunc(hashes, func(h types.Hash) bool { return l.pool.tx(h) != nil })
	l.asking = len(hashes) > 0
	return hashes
}

func (l *listener) asked() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asking = false
}

// maxAncestors is how many blocks are fetched at once: more than a session lags behind, unless
// the machine stood still.
const maxAncestors = 64

// distance is how many blocks there are from our head up to a number, as far as it makes
// sense to ask for them.
func (p *peer) distance(number uint64) uint64 {
	head := p.store.head().Header.Number
	if number <= head {
		return 1
	}
	return min(number-head, maxAncestors)
}

// missing fetches a block that a session has, if we have not, with up to amount-1 ancestors.
// If it fails, the next announced block is the next attempt.
func (p *peer) missing(s *eth.Session, h types.Hash, amount uint64) {
	if p.store.block(h) != nil || !p.begin(h) {
		return
	}
	q := wire.HeadersRequest{Origin: wire.AtHash(h), Amount: amount, Reverse: true}
	err := eth.Ask(s, q, func(reply wire.Headers, err error) {
		if err != nil || !p.onHeaders(s, h, reply) {
			p.end(h)
		}
	})
	if err != nil {
		p.end(h)
	}
}

func (p *peer) begin(h types.Hash) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fetching.Add(h)
}

func (p *peer) end(h types.Hash) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fetching.Delete(h)
}

// onHeaders takes the headers from h downwards and asks for the bodies of those above our
// head. It reports false if they do not lead there.
func (p *peer) onHeaders(s *eth.Session, h types.Hash, reply wire.Headers) bool {
	var above []types.Header
	next, linked := h, false
	for item := range reply.Items() {
		header, err := types.DecodeHeader(item)
		if err != nil || header.Hash() != next {
			return false
		}
		above = append(above, header)
		next = header.ParentHash
		if linked = p.store.block(next) != nil; linked {
			break
		}
	}
	if !linked {
		return false
	}
	slices.Reverse(above)
	hashes := make([]types.Hash, len(above))
	for i := range above {
		hashes[i] = above[i].Hash()
	}
	err := eth.Ask(s, wire.BodiesRequest{Hashes: hashes}, func(reply wire.Bodies, err error) {
		p.end(h)
		if err != nil {
			return
		}
		if err := p.onBodies(s, above, reply); err != nil {
			s.Fail(err)
		}
	})
	return err == nil
}

// onBodies puts headers and bodies together, up to the first that is left out.
func (p *peer) onBodies(s *eth.Session, headers []types.Header, reply wire.Bodies) error {
	for item := range reply.Items() {
		body, err := types.DecodeBody(item)
		switch {
		case err != nil:
			return p2p.Breach("body: %w", err)
		case len(headers) == 0 || !body.Matches(&headers[0]):
			return nil
		}
		b, err := readBlock(types.AppendBlock(nil, &headers[0], &body))
		if err != nil {
			return p2p.Breach("block: %w", err)
		}
		if err := p.onBlock(s, b); err != nil {
			return err
		}
		headers = headers[1:]
	}
	return nil
}
