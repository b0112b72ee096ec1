// SPDX-License-Identifier: Apache-2.0

// in: jobs · out: their results, and that the chain has changed · goroutine: run's own

package chainsync

import (
	"context"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/types"
)

// A worker does what takes long with the chain: it checks and writes headers, and looks for what is missing. It does one job at a
// time, and the loop does not wait for it.
type worker struct {
	chain *chain.Chain
	jobs  chan job[*listener] // holds one
	tell  func(do func(m *looper, now time.Time))
}

func (w *worker) run(ctx context.Context) {
	changes := w.chain.Follow()
	defer changes.Close()
	for {
		select {
		case <-ctx.Done():
			return
		case j := <-w.jobs:
			r := w.do(&j)
			w.tell(func(m *looper, now time.Time) { m.onDone(now, &j, r) })
		case <-changes.C():
			moved := false
			for {
				change, ok := changes.Take()
				if !ok {
					break
				}
				moved = moved || change.Reset || len(change.Removed) > 0
			}
			w.tell(func(m *looper, _ time.Time) { m.onChange(moved) })
		}
	}
}

func (w *worker) do(j *job[*listener]) (r result) {
	switch j.do {
	case insert:
		_, r.err = w.chain.InsertHeaders(time.Now(), j.raw)
	case insertBack:
		_, r.err = w.chain.InsertBack(j.raw)
	case setHead:
		r.err = w.chain.SetHead(j.ref, j.raw[0])
	case weigh:
		r.td, r.hasTD = w.chain.TD(j.ref.Hash)
	case scan:
		r.parts = w.scan(j.ref.Number)
	}
	return r
}

// scan returns canonical blocks of which something is missing that is kept, from the head down, if the chain is to end at target.
func (w *worker) scan(target uint64) (found []part) {
	head := w.chain.Head().Number
	_, low := w.chain.Kept()
	if target > head && low > 0 {
		low += target - head // it will not be kept
	}
	low = max(low, w.chain.Tail(), 1)
	found = w.scanLists(low, head)
	full := w.chain.Full()
	for n := head; n >= low && len(found) < scanMost; n-- {
		for len(full) > 0 && full[len(full)-1][0] > n {
			full = full[:len(full)-1]
		}
		if k := len(full) - 1; k >= 0 && full[k][1] >= n {
			if n = full[k][0]; n <= low {
				break
			}
			continue
		}
		if p, ok := w.part(n); ok && (p.lacks[bodies] || p.lacks[receipts]) {
			found = append(found, p)
		}
	}
	return found
}

// listWindow is how many blocks below the head are looked through for missing access lists.
const listWindow = 8192

// scanLists looks for missing access lists (EIP-7928), which are beside what the chain counts as full.
func (w *worker) scanLists(low, head uint64) (found []part) {
	h, err := w.chain.Params().DecodeHeader(w.chain.HeaderAt(head))
	if err != nil || h.Optional < types.AmsterdamFields {
		return nil
	}
	low = max(low, head-min(head, listWindow))
	for n := head; n >= low && len(found) < scanMost/2; n-- {
		p, ok := w.part(n)
		if !ok || !p.lacks[accessLists] && w.chain.AccessList(p.Hash) == nil {
			break // before Amsterdam
		}
		if p.lacks[accessLists] {
			found = append(found, p)
		}
	}
	return found
}

// part returns what is missing of a canonical block.
func (w *worker) part(n uint64) (p part, ok bool) {
	hash, ok := w.chain.Canonical(n)
	if !ok {
		return p, false
	}
	h, err := w.chain.Params().DecodeHeader(w.chain.Header(hash))
	if err != nil {
		return p, false
	}
	l := chain.LinkOf(&h)
	p = part{
		Ref: chain.Ref{Number: n, Hash: hash}, roots: l.Roots, receipts: h.ReceiptRoot, list: h.BlockAccessListHash,
		maxTxs: l.MaxTxs, gasUsed: h.GasUsed,
	}
	p.lacks[bodies] = w.chain.Body(hash) == nil
	p.lacks[receipts] = w.chain.Receipts(hash) == nil
	p.lacks[accessLists] = h.Optional >= types.AmsterdamFields && w.chain.AccessList(hash) == nil
	return p, true
}
