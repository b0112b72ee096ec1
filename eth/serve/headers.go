// SPDX-License-Identifier: Apache-2.0

package serve

import (
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// maxSideSteps is how many headers beside the canonical chain a query may step over, as in go-ethereum: each is read
// from the store.
const maxSideSteps = 100

// headers produces BlockHeaders (devp2p/caps/eth.md#getblockheaders-0x03): up to the first header that is not held.
func (l *listener) headers(out *p2p.Out, reply wire.Reply, q *wire.GetBlockHeaders) {
	items := l.list(out, reply.Kind)
	p := position{listener: l, query: q, steps: maxSideSteps}
	for ok := q.Amount > 0 && p.begin(); ok; {
		item := l.chunk(p.hash, headerOf)
		if item == nil || !items.add(item) || items.full() || uint64(items.items) == q.Amount {
			break
		}
		ok = p.next()
	}
	items.finish(reply, l.version)
}

// A position moves from header to header of a query. It belongs to the writer that produces the reply.
type position struct {
	*listener
	query *wire.GetBlockHeaders
	steps int // beside the canonical chain, that are left

	hash   types.Hash // of the header
	number uint64
}

// begin goes to the first header.
func (p *position) begin() (ok bool) {
	origin := &p.query.Origin
	if !origin.ByHash {
		p.number = origin.Number
		p.hash, ok = p.chain.Canonical(p.number)
		return ok
	}
	p.hash = origin.Hash
	item := p.chunk(p.hash, headerOf)
	if item == nil {
		return false
	}
	h, err := types.DecodeHeader(item.Bytes())
	p.number = h.Number
	return err == nil
}

// next goes to the next header: skip+1 blocks further. It reports false if that is before the genesis block, beyond
// the largest number, or not held; and, if the query names a hash, if that is no ancestor or no descendant.
func (p *position) next() (ok bool) {
	q := p.query
	step := q.Skip + 1 // 0 = 2^64
	switch to := p.number + step; {
	case step == 0, q.Reverse && step > p.number, !q.Reverse && to < p.number:
		return false
	case q.Reverse && q.Origin.ByHash:
		p.hash, ok = p.ancestor(p.hash, p.number, step)
		p.number -= step
	case q.Reverse:
		p.number -= step
		p.hash, ok = p.chain.Canonical(p.number)
	default:
		from := p.hash
		if p.hash, ok = p.chain.Canonical(to); ok && q.Origin.ByHash {
			back, held := p.ancestor(p.hash, to, step)
			ok = held && back == from
		}
		p.number = to
	}
	return ok
}

// ancestor returns the hash of the block that is step blocks before the one with hash and number. A step to the parent
// counts as none; longer ones jump along the canonical chain, and count where they are beside it.
func (p *position) ancestor(hash types.Hash, number, step uint64) (types.Hash, bool) {
	if step == 1 {
		return p.parent(hash)
	}
	for ; step > 0; step-- {
		if at, ok := p.chain.Canonical(number); ok && at == hash {
			before, ok := p.chain.Canonical(number - step)
			if at, still := p.chain.Canonical(number); still && at == hash { // no reorganisation came between
				return before, ok
			}
		}
		if p.steps == 0 {
			return types.Hash{}, false
		}
		p.steps--
		parent, ok := p.parent(hash)
		if !ok {
			return types.Hash{}, false
		}
		hash, number = parent, number-1
	}
	return hash, true
}

// parent returns the parent hash of a header that is held.
func (p *position) parent(hash types.Hash) (types.Hash, bool) {
	item := p.chunk(hash, headerOf)
	if item == nil {
		return types.Hash{}, false
	}
	return parentOf(item.Bytes())
}

// parentOf reads the first item of a header, its parent hash, and nothing else.
func parentOf(header []byte) (parent types.Hash, ok bool) {
	_, content, _, err := rlp.Split(header)
	if err != nil {
		return parent, false
	}
	kind, first, _, err := rlp.Split(content)
	if err != nil || kind == rlp.List || len(first) != len(parent) {
		return parent, false
	}
	return types.Hash(first), true
}
