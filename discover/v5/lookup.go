// SPDX-License-Identifier: Apache-2.0

package v5

import (
	"time"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/discover/v5wire"
	"github.com/ethpeer/ethpeer/enr"
)

// maxLookups is how many lookups others than ourselves may have at once.
const maxLookups = 16

// A lookup asks whom a kad.Lookup says.
type lookup struct {
	target enr.ID
	pause  func() bool                             // holds questions back; nil: no
	cancel func() bool                             // ends the lookup; nil: no
	heard  func(now time.Time, told []kad.Contact) // hears of each answer; nil: nobody
	done   func(now time.Time, closest []kad.Contact)

	plan  *kad.Lookup
	next  []kad.Contact // to be asked
	ended bool
}

func (m *machine) lookUp(now time.Time, k *lookup) {
	k.plan, k.next = kad.NewLookup(m.self, k.target, m.table.Closest(k.target))
	m.advance(now, k)
}

// advance asks those who are to be asked, and ends a lookup for which nobody is left.
func (m *machine) advance(now time.Time, k *lookup) {
	for len(k.next) > 0 && !k.ended && !k.canceled() {
		if k.pause != nil && k.pause() {
			return
		}
		to := k.next[0]
		k.next = k.next[1:]
		m.askNear(now, k, to)
	}
	if !k.ended && (k.plan.Done() || k.canceled()) {
		k.ended = true
		k.done(now, k.plan.Closest())
	}
}

func (k *lookup) canceled() bool { return k.cancel != nil && k.cancel() }

func (m *machine) askNear(now time.Time, k *lookup, to kad.Contact) {
	var dists []uint16
	for _, d := range kad.AskDists(to.ID, k.target) {
		dists = append(dists, uint16(d))
	}
	request := &v5wire.Findnode{ID: m.newRequestID(), Distances: dists}
	m.call(now, to, request, func(now time.Time, r reply) {
		good := m.onNeighbors(now, to, r.found)
		if r.err != nil {
			k.next = append(k.next, k.plan.OnSilence(to.ID)...)
		} else {
			if k.heard != nil {
				k.heard(now, append(good, to))
			}
			k.next = append(k.next, k.plan.OnReply(to.ID, good)...)
		}
		m.advance(now, k)
	})
}

// seek is a lookup for others than ourselves. If the table is empty it begins when it has
// been refreshed. It reports whether there is room for it.
func (m *machine) seek(now time.Time, k *lookup) bool {
	if m.seeking == maxLookups {
		return false
	}
	m.seeking++
	done := k.done
	k.done = func(now time.Time, closest []kad.Contact) {
		m.seeking--
		done(now, closest)
	}
	if m.table.Len() > 0 {
		m.lookUp(now, k)
		return true
	}
	m.upkeep.refreshed = append(m.upkeep.refreshed, func(now time.Time) { m.lookUp(now, k) })
	m.act(now, m.table.WantRefresh(now))
	return true
}
