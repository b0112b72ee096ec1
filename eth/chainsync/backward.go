// SPDX-License-Identifier: Apache-2.0

// in: believed heads, replies and imports, time · out: queries, heads and headers for the chain · owner: the loop

package chainsync

import (
	"errors"
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/types"
)

// How a chain is synchronised from a believed head downwards. A header is right if its child names its hash, so that any peer
// can give any of them.
const (
	ahead    = 32  // ranges of 512 headers that are asked for or held at once
	nearHead = 512 // blocks from our head to a believed one that are fetched before it becomes the head
)

// A target is a block that a source names as the head.
type target struct {
	chain.Ref        // Number may be 0: not known
	header    []byte // nil: peers are asked for it
	link      chain.Link
}

// A backward is a synchronisation from believed heads.
type backward[P comparable] struct {
	segments[P]
	next    *target    // believed, and not the chain's head yet
	tried   []*peer[P] // do not have the header of next
	asked   *peer[P]   // is asked for the header of next, or for those below it
	retry   time.Time  // when all that were tried are asked again; zero: none waits
	joined  bool       // the headers below next were asked for
	setting bool       // next is becoming the head
	gap     chain.Gap
	hasGap  bool
	bad     types.Hash // a believed block that breaks a rule: it is not tried again
	badGap  types.Hash // what is wanted next below a head whose ancestors break a rule
}

// onBelieve takes a believed head. While an earlier one is being synchronised, only what is above it is fetched anew.
func (m *machine[P]) onBelieve(now time.Time, t target) {
	b := &m.backward
	switch {
	case t.Hash == b.bad, b.next != nil && b.next.Hash == t.Hash:
		return
	case t.Hash == m.local.Hash:
		b.next = nil
		return
	}
	if m.forward != nil {
		m.endForward(now)
	}
	b.next, b.tried, b.asked, b.retry, b.joined = &t, nil, nil, time.Time{}, false
}

// onGap takes what is missing below the head.
func (m *machine[P]) onGap(g chain.Gap, ok bool) {
	b := &m.backward
	if ok = ok && g.Next.Hash != b.badGap; ok == b.hasGap && (!ok || g.Next == b.gap.Next) {
		return
	}
	b.gap, b.hasGap = g, ok
	if !ok || !b.continues(g.Next) {
		b.clear()
	}
}

// continues reports whether the ranges that are asked for begin with a header: the gap has only moved down by what was imported.
func (b *backward[P]) continues(next chain.Ref) bool {
	if len(b.all) == 0 {
		return true
	}
	first := b.all[0]
	if first.importing {
		lowest := &first.got[len(first.got)-1]
		return lowest.Number == next.Number+1 && lowest.Parent == next.Hash
	}
	return first.high() == next.Number && first.last == next.Hash
}

// stepBackward does what is to be done next.
func (m *machine[P]) stepBackward(now time.Time) {
	b := &m.backward
	if b.next != nil && !b.setting {
		m.stepTarget(now)
	}
	if !b.hasGap {
		return
	}
	b.extend()
	m.importBackward()
	m.askSegments(now, &b.segments)
}

// extend adds ranges downwards, to the end of the gap.
func (b *backward[P]) extend() {
	floor, below := max(1, b.gap.Floor), b.gap.Next.Number+1
	if n := len(b.all); n > 0 {
		below = b.all[n-1].low
	}
	for len(b.all) < ahead && below > floor {
		seg := &segment[P]{count: min(uint64(maxItems[headers]), below-floor), reverse: true}
		if seg.low = below - seg.count; len(b.all) == 0 {
			seg.last = b.gap.Next.Hash
		}
		b.all = append(b.all, seg)
		below = seg.low
	}
}

// stepTarget brings the header of the believed head, and those between it and our head if there are few.
func (m *machine[P]) stepTarget(now time.Time) {
	b := &m.backward
	if b.asked != nil {
		return
	}
	t := b.next
	switch {
	case t.header == nil:
		m.askAny(now, query{origin: wire.AtHash(t.Hash), amount: 1}, func(got []header) {
			t.header, t.link, t.Number = got[0].raw, got[0].Link, got[0].Number
		})
	case !b.joined && t.Number > m.local.Number+1 && t.Number-m.local.Number <= nearHead:
		m.askAny(now, query{origin: wire.AtHash(t.link.Parent), amount: t.Number - m.local.Number - 1, reverse: true}, func(got []header) {
			b.joined = true
			lowest := &got[len(got)-1]
			if lowest.Parent != m.local.Hash {
				return // the chain has forked, or the reply is short
			}
			raw := make([][]byte, 0, len(got))
			for i := range slices.Backward(got) {
				raw = append(raw, got[i].raw)
			}
			m.jobs = append(m.jobs, job[P]{do: insert, raw: raw, take: func(_ time.Time, r result) { m.onBelow(t, r.err) }})
			b.setting = true
		})
	default:
		m.setHead(t)
	}
}

// onBelow takes the result of holding the headers between our head and a believed one.
func (m *machine[P]) onBelow(t *target, err error) {
	m.backward.setting = false
	if isFault(err) {
		m.giveUp(t)
	}
}

// giveUp forgets a believed head that breaks a rule: it is the source that believes a wrong chain.
func (m *machine[P]) giveUp(t *target) {
	b := &m.backward
	if b.bad = t.Hash; b.next == t {
		b.next = nil
	}
	m.wrong++
}

func (m *machine[P]) setHead(t *target) {
	b := &m.backward
	b.setting = true
	m.jobs = append(m.jobs, job[P]{do: setHead, ref: t.Ref, raw: [][]byte{t.header}, take: func(_ time.Time, r result) {
		b.setting = false
		switch {
		case r.err != nil && !errors.Is(r.err, chain.ErrFuture):
			m.giveUp(t)
		case b.next == t:
			b.next = nil
		}
	}})
}

// askAny asks one peer after the other for what hangs on the believed head, until one has it.
func (m *machine[P]) askAny(now time.Time, q query, take func(got []header)) {
	b := &m.backward
	if !b.retry.IsZero() && now.Before(b.retry) {
		return
	}
	if !b.retry.IsZero() {
		b.retry, b.tried = time.Time{}, nil
	}
	idle := m.peers.idle(now, headers)
	at := slices.IndexFunc(idle, func(p *peer[P]) bool { return !slices.Contains(b.tried, p) })
	if at < 0 {
		if len(idle) > 0 {
			b.retry = now.Add(retryAfter)
		}
		return
	}
	p, t := idle[at], b.next
	q.amount = min(q.amount, uint64(p.maxHeaders())) //nolint:gosec // positive
	b.asked = p
	m.askHeaders(now, p, q, func(_ time.Time, got []header, err error) {
		if b.next != t || b.asked != p {
			return
		}
		b.asked = nil
		if isTimeout(err) {
			m.drop(p, useless, "it did not give headers in time")
		}
		if err != nil || len(got) == 0 {
			b.tried = append(b.tried, p)
			return
		}
		take(got)
	})
}

// importBackward gives the first range to the chain.
func (m *machine[P]) importBackward() {
	b := &m.backward
	seg := b.first()
	if seg == nil || b.setting {
		return
	}
	if !seg.last.IsZero() && seg.got[0].Hash != seg.last {
		by := seg.by
		seg.drop()
		m.stray(seg, by)
		return
	}
	seg.importing = true
	m.jobs = append(m.jobs, job[P]{do: insertBack, raw: seg.raw(), take: func(_ time.Time, r result) { m.onBack(seg, r) }})
}

// onBack takes the result of an import. Each header is an ancestor of the believed head: if one breaks a rule the head is
// wrong, and not the peer that gave the header.
func (m *machine[P]) onBack(seg *segment[P], r result) {
	b := &m.backward
	if len(b.all) == 0 || b.all[0] != seg {
		return
	}
	switch {
	case r.err == nil:
		if b.all = b.all[1:]; len(b.all) > 0 {
			b.all[0].last = seg.got[len(seg.got)-1].Parent
		}
	case isFault(r.err):
		b.badGap = b.gap.Next.Hash
		b.clear()
		b.hasGap = false
		m.giveUp(&target{Ref: m.local.Ref})
	default: // the gap is elsewhere by now
		b.clear()
	}
	seg.drop()
}

// isFault reports whether an error says that headers break a rule.
func isFault(err error) bool {
	_, ok := errors.AsType[*rules.Error](err)
	return ok
}
