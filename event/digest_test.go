// SPDX-License-Identifier: Apache-2.0

package event

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func lossAt(s int, where string, count uint64) Loss {
	return Loss{At: At{start.Add(time.Duration(s) * time.Second)}, Where: where, Count: count}
}

func TestTheFirstLossIsShownAtOnceAndThenASumPerMinute(t *testing.T) {
	var d Digest
	if at := d.Next(); !at.IsZero() {
		t.Errorf("something is due at %v", at)
	}
	var got []string
	show := func(l Loss, ok bool) bool {
		if ok {
			got = append(got, fmt.Sprintf("%s %d at %v", l.Where, l.Count, l.Time.Sub(start)))
		}
		return ok
	}
	for s := range 121 { // one loss per second; at another site two in all
		show(d.Add(lossAt(s, "v4.send", 2)))
		if s == 10 || s == 20 {
			show(d.Add(lossAt(s, "v5.send", 1)))
		}
		if s == 20 {
			if at, want := d.Next(), start.Add(time.Minute); !at.Equal(want) {
				t.Errorf("the next is due at %v, want %v", at, want)
			}
		}
		if s == 60 {
			if at, want := d.Next(), start.Add(70*time.Second); !at.Equal(want) {
				t.Errorf("the next is due at %v, want %v", at, want)
			}
		}
		for show(d.Due(start.Add(time.Duration(s) * time.Second))) {
		}
	}
	want := []string{
		"v4.send 2 at 0s", "v5.send 1 at 10s", "v4.send 120 at 1m0s", "v5.send 1 at 20s", "v4.send 120 at 2m0s",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("shown (-want +got):\n%s", diff)
	}
	if _, ok := d.Add(lossAt(200, "v5.send", 0)); ok || !d.Next().IsZero() {
		t.Error("a loss of nothing is shown")
	}
}

// Whatever is lost, what was shown and what waits add up to it; nothing is shown too often.
func TestADigestLosesNoCount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var d Digest
		in, out, now := uint64(0), uint64(0), 0
		shown := map[string]int{}
		show := func(l Loss, ok bool) bool {
			if ok {
				out += l.Count
				if last, again := shown[l.Where]; again && now-last < 60 || l.Count == 0 {
					t.Fatalf("%+v is shown %d s after the last one", l, now-last)
				}
				shown[l.Where] = now
			}
			return ok
		}
		for range rapid.IntRange(0, 300).Draw(t, "steps") {
			now += rapid.IntRange(0, 20).Draw(t, "wait")
			n := rapid.Uint64Range(1, 5).Draw(t, "count")
			show(d.Add(lossAt(now, fmt.Sprint(rapid.IntRange(0, 80).Draw(t, "site")), n)))
			in += n
		}
		if len(d.sites) > maxSites+1 {
			t.Fatalf("%d sites are kept", len(d.sites))
		}
		now += 60
		for show(d.Due(start.Add(time.Duration(now) * time.Second))) {
		}
		if in != out || !d.Next().IsZero() {
			t.Fatalf("%d shown of %d", out, in)
		}
	})
}

func TestSitesOfADigestAreBounded(t *testing.T) {
	var d Digest
	for i := range maxSites + 10 {
		l, ok := d.Add(lossAt(0, fmt.Sprint("site ", i), 1))
		want, shown := fmt.Sprint("site ", i), true
		if i >= maxSites {
			want, shown = otherSite, i == maxSites
		}
		if ok != shown || ok && l.Where != want {
			t.Errorf("loss %d is shown %v as %q, want %v as %q", i, ok, l.Where, shown, want)
		}
	}
	if l, ok := d.Due(start.Add(time.Minute)); !ok || l != lossAt(0, otherSite, 9) {
		t.Errorf("%+v is due, want the 9 others", l)
	}
}
