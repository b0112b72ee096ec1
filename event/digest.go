// SPDX-License-Identifier: Apache-2.0

package event

import "time"

// DigestEvery is the least time between two lines of a [Digest] about one site.
const DigestEvery = time.Minute

// A Digest thins out losses for people: the first loss of a site is worth a line at once,
// those that follow one line a minute with their sum. It keeps 64 sites; further ones count
// as "other". The zero value is ready. It has one owner, which passes the time.
type Digest struct {
	sites []digested
}

type digested struct {
	shown time.Time // when the last line was due
	sum   Loss      // of what had no line yet
}

// Add takes a loss. It returns the sum to show, and false if there is nothing to show now.
func (d *Digest) Add(l Loss) (Loss, bool) {
	s := d.site(l)
	s.sum.Time = l.Time
	s.sum.Count += l.Count
	return s.take(l.Time)
}

// Due returns a sum that has waited long enough, and false if there is none. A caller asks
// until there is none.
func (d *Digest) Due(now time.Time) (Loss, bool) {
	for i := range d.sites {
		if l, ok := d.sites[i].take(now); ok {
			return l, true
		}
	}
	return Loss{}, false
}

// Next returns when a sum is due; the zero time = none waits.
func (d *Digest) Next() (next time.Time) {
	for i := range d.sites {
		s := &d.sites[i]
		if at := s.shown.Add(DigestEvery); s.sum.Count > 0 && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next
}

func (d *Digest) site(l Loss) *digested {
	where := l.Where
	for i := range d.sites {
		if d.sites[i].sum.Where == where {
			return &d.sites[i]
		}
		if i == maxSites-1 { // what stands behind is otherSite
			where = otherSite
		}
	}
	if len(d.sites) >= maxSites {
		where = otherSite
	}
	d.sites = append(d.sites, digested{sum: Loss{Where: where}})
	return &d.sites[len(d.sites)-1]
}

func (s *digested) take(now time.Time) (Loss, bool) {
	if s.sum.Count == 0 || !s.shown.IsZero() && now.Sub(s.shown) < DigestEvery {
		return Loss{}, false
	}
	s.shown = now
	l := s.sum
	s.sum.Count = 0
	return l, true
}
