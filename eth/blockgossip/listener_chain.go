// SPDX-License-Identifier: Apache-2.0

// in: blocks, headers and bodies of one session · out: what the importer takes · goroutine: the session's reader

package blockgossip

import (
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// onNewBlockHashes notes which blocks the peer has, and which of them the chain holds, too.
func (l *listener) onNewBlockHashes(at time.Time, m *wire.NewBlockHashes) error {
	refs := make([]chain.Ref, 0, m.Len())
	var held map[types.Hash]bool
	for hash, number := range m.All() {
		refs = append(refs, chain.Ref{Number: number, Hash: hash})
		l.session.MarkBlock(hash)
		if l.follower != nil && l.follower.chain.Header(hash) != nil {
			if held == nil {
				held = make(map[types.Hash]bool)
			}
			held[hash] = true
		}
	}
	return l.put(refBytes*len(refs), func(m *machine, now time.Time) { m.onHashes(now, at, l, refs, held) })
}

// near reports whether a number is at a distance from the chain's head at which gossip is listened to.
func (im *importer) near(number uint64) bool { return head.Near(im.chain.Head().Number, number) }

// worth reports whether a whole block is worth the work of computing its roots: see window. It is, too, if it is near
// the head of the chain that is held, whatever peers say.
func (l *listener) worth(link *chain.Link) bool {
	if l.window.Load().worth(link) {
		return true
	}
	if l.follower == nil {
		return false
	}
	return l.follower.near(link.Number) && chain.GasLimitFits(l.follower.chain.Head().GasLimit, link.GasLimit)
}

// imports reports whether the peer's blocks are imported: where blocks are gossiped.
func (l *listener) imports() bool { return l.follower != nil && l.follower.gossips }

// importBlock imports a block that was sent whole, and whose body is its header's. The error ends the session.
func (l *listener) importBlock(now time.Time, link *chain.Link, m *wire.NewBlock) error {
	if l.follower == nil || !l.imports() && link.Difficulty.IsZero() {
		return nil
	}
	lists := [][]byte{m.Txs, m.Uncles}
	if m.HasWithdrawals {
		lists = append(lists, m.Withdrawals)
	}
	dst, list := rlp.OpenList(make([]byte, 0, len(m.Block)))
	for _, item := range lists {
		dst = append(dst, item...)
	}
	return l.importWhole(now, link, m.Header, rlp.CloseList(dst, list))
}

// importWhole imports a block. It copies the header, and the body is the importer's from then on.
func (l *listener) importWhole(now time.Time, link *chain.Link, header, body []byte) error {
	err := l.follower.take(now, &wholeBlock{
		hash: link.Hash, parent: link.Parent, number: link.Number, time: link.Time,
		header: append([]byte(nil), header...), body: body, from: l,
	})
	if err != nil {
		return p2p.Breach("block: %w", err)
	}
	return nil
}

// checkHeaders checks headers that the peer was asked for, by the rules and their seals, as far as their parents are
// held, and imports those whose body is empty.
func (l *listener) checkHeaders(now time.Time, hs headers) error {
	if !l.imports() {
		return nil
	}
	for i, raw := range hs.raw {
		link := &hs.links[i]
		if l.follower.chain.Header(link.Hash) != nil || !l.worth(link) {
			continue
		}
		if link.Roots.Empty() {
			if err := l.importWhole(now, link, raw, emptyBodyOf(link)); err != nil {
				return err
			}
		} else if _, err := l.follower.chain.CheckHeader(now, raw, true); isFault(err) {
			return p2p.Breach("header: %w", err)
		}
	}
	return nil
}

// emptyBodyOf returns the body of a block without transactions, uncles and withdrawals, as BlockBodies has it.
func emptyBodyOf(link *chain.Link) []byte {
	return (&types.Body{HasWithdrawals: link.Roots.HasWithdrawals}).Append(nil)
}

// A wantedBody is a block whose body is asked for.
type wantedBody struct {
	chain.Link
	header []byte // nil: not kept
}

// wanted returns the blocks of a request for bodies; nil if no chain holds them.
func (m *machine) wanted(a bodiesAsk[*listener]) (all []wantedBody) {
	if m.importer == nil {
		return nil
	}
	for _, link := range a.links {
		all = append(all, wantedBody{link, m.rawHeader(link.Hash)})
	}
	return all
}

// importBodies imports the blocks whose bodies the peer gave. Where blocks are not gossiped, bodies are stored of those
// blocks whose header the chain holds.
func (l *listener) importBodies(now time.Time, wanted []wantedBody, got []body) error {
	for _, b := range got {
		for i := range wanted {
			w := &wanted[i]
			if w.Roots != b.roots {
				continue
			}
			switch {
			case !l.imports():
				_ = l.follower.chain.PutBody(w.Hash, b.raw) // a block that the chain does not hold is no fault
			case w.header != nil && l.worth(&w.Link):
				if err := l.importWhole(now, &w.Link, w.header, b.raw); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
