// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"fmt"
	"slices"
)

// checkInvariants says what must hold of the machine after every event.
func (m *machine) checkInvariants() error {
	if len(m.out)+len(m.faulty) != 0 || len(m.peers) != len(m.byID) {
		return fmt.Errorf("%d actions, %d faults left; %d peers, %d by ID", len(m.out), len(m.faulty), len(m.peers), len(m.byID))
	}
	counts := map[*peer]int{}
	if err := m.checkAnnouncements(counts); err != nil {
		return err
	}
	for _, p := range m.peers {
		switch {
		case m.byID[p.id] != p || p.gone:
			return fmt.Errorf("peer %d is not in its place", p.id)
		case p.announced != counts[p] || p.announced > maxAnnounced:
			return fmt.Errorf("peer %d announced %d, counts %d", p.id, counts[p], p.announced)
		case len(p.bodies) > maxAskBodies:
			return fmt.Errorf("peer %d is asked for %d bodies", p.id, len(p.bodies))
		case p.canAsk() && !p.wantLatest.IsZero():
			return fmt.Errorf("peer %d is idle, but is to be asked for its latest", p.id)
		case p.canAsk() && p.wantPoll && !m.wants.crowded():
			return fmt.Errorf("peer %d is idle, but is to be polled", p.id)
		}
	}
	return m.checkWants()
}

func (m *machine) checkAnnouncements(counts map[*peer]int) error {
	if s := &m.announcements; len(s.list) != len(s.byHash) || len(s.list) > maxAnnouncedAll {
		return fmt.Errorf("%d announcements, %d by hash", len(s.list), len(s.byHash))
	}
	for i, a := range m.announcements.list {
		switch {
		case m.announcements.byHash[a.hash] != a:
			return fmt.Errorf("announcement %v is not in its place", a.hash)
		case i > 0 && a.first.Before(m.announcements.list[i-1].first):
			return fmt.Errorf("announcement %v is out of order", a.hash)
		case len(a.from) == 0:
			return fmt.Errorf("announcement %v is nobody's", a.hash)
		case m.tracker.Recent.Has(a.hash):
			return fmt.Errorf("announcement %v is known", a.hash)
		case a.asked != nil && (a.asked.asking == nil || a.asked.asking.hash != a.hash):
			return fmt.Errorf("announcement %v is not being asked for", a.hash)
		}
		for _, from := range a.from {
			p := from.peer
			counts[p]++
			if p.gone {
				return fmt.Errorf("announcement %v is of a peer that is gone", a.hash)
			}
			if a.waited && a.asked == nil && p.canAsk() {
				return fmt.Errorf("announcement %v waits although peer %d is idle", a.hash, p.id)
			}
		}
	}
	return nil
}

func (m *machine) checkWants() error {
	if s := &m.wants; len(s.list) != len(s.byHash) || len(s.list) > maxWants {
		return fmt.Errorf("%d wants, %d by hash", len(s.list), len(s.byHash))
	}
	for _, w := range m.wants.list {
		asked := w.asked != nil && slices.ContainsFunc(w.asked.bodies, func(h header) bool { return h.Hash == w.Hash })
		switch {
		case m.wants.byHash[w.Hash] != w:
			return fmt.Errorf("want %v is not in its place", w.Hash)
		case w.asked != nil && (w.asked.gone || !asked):
			return fmt.Errorf("want %v is not being asked for", w.Hash)
		case w.tries >= maxTries || w.Roots.Empty():
			return fmt.Errorf("want %v is not to be wanted, after %d tries", w.Hash, w.tries)
		}
	}
	return nil
}
