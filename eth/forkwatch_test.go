// SPDX-License-Identifier: Apache-2.0

package eth

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/params"
)

func hoodi(t *testing.T) *params.Chain {
	t.Helper()
	c, ok := params.ByName("hoodi")
	if !ok {
		t.Fatal("no hoodi")
	}
	return c
}

// at returns the address of host n of the wide network 203.n.
func peerAt(network, host int) netip.Addr {
	return netip.MustParseAddr(fmt.Sprintf("203.%d.%d.%d", network, host/200, 1+host%200))
}

// Three unrelated peers with one and the same unknown fork are told, once, whatever is said in between.
func TestUnknownForkIsToldOnce(t *testing.T) {
	c := hoodi(t)
	ours := c.ForkID(0, 1<<62)
	hash, next := params.ForkID{Hash: [4]byte{1, 2, 3, 4}}, params.ForkID{Hash: ours.Hash, Next: 1_793_000_000}
	classic, _ := params.ByName("classic")
	for _, test := range []struct {
		name  string
		words []params.ForkID // of peers, each in a network of its own
		want  string
	}{
		{"two", []params.ForkID{hash, hash}, ""},
		{"three", []params.ForkID{hash, ours, hash, hash, hash}, "0x01020304"},
		{"three that name the next fork", []params.ForkID{next, next, ours, next, next}, "fork at 1793000000 (2026-10-26 07:33:20 UTC)"},
		{"of each two", []params.ForkID{hash, next, hash, next, {Hash: [4]byte{9}}, {Hash: [4]byte{8}}}, ""},
		{"what is known", []params.ForkID{ours, ours, ours, c.ForkID(0, 0), c.ForkID(0, 0), c.ForkID(0, 0)}, ""},
		{"another network", []params.ForkID{classic.ForkID(1<<40, 0), classic.ForkID(1<<40, 0), classic.ForkID(1<<40, 0)}, ""},
	} {
		var w forkWatch
		var told []string
		for i, id := range test.words {
			if f, ok := w.see(c, peerAt(i, 1), id); ok {
				told = append(told, f.advice())
			}
		}
		if len(told) > 1 || (len(told) == 1) != (test.want != "") || test.want != "" && !strings.Contains(told[0], test.want) {
			t.Errorf("%s: told %q, want %q", test.name, told, test.want)
		}
	}
}

// Any number of peers of one wide network have one voice, those at local addresses none, and all of it is bounded.
func TestForkWatchIsBounded(t *testing.T) {
	c := hoodi(t)
	lie := params.ForkID{Hash: [4]byte{1}}
	var w forkWatch
	for i := range 1000 {
		for _, from := range []netip.Addr{
			peerAt(7, i), peerAt(8, i), netip.MustParseAddr(fmt.Sprintf("127.0.%d.1", i%250)), netip.MustParseAddr(fmt.Sprintf("10.%d.0.1", i%250)), {},
		} {
			if f, ok := w.see(c, from, lie); ok {
				t.Fatalf("two networks are told: %+v", f)
			}
		}
	}
	if len(w.voices) != 2 {
		t.Errorf("%d voices", len(w.voices))
	}
	told := 0
	for i := range 3000 {
		if _, ok := w.see(c, netip.MustParseAddr(fmt.Sprintf("%d.%d.1.1", 20+i/250, i%250)), params.ForkID{Hash: [4]byte{2, byte(i / 3 % 256), byte(i / 768)}}); ok {
			told++
		}
	}
	if len(w.voices) != forkGroups || told != forksTold {
		t.Errorf("%d voices, %d told", len(w.voices), told)
	}
	// A voice that corrects itself does not count.
	w = forkWatch{}
	for i := range 2 {
		w.see(c, peerAt(i, 1), lie)
	}
	w.see(c, peerAt(0, 1), c.ForkID(0, 0))
	if _, ok := w.see(c, peerAt(2, 1), lie); ok {
		t.Error("a network that took its word back counts")
	}
}

// The Status of a peer that is refused counts, and the trouble says what to do.
func TestUnknownForkOfRefusedPeers(t *testing.T) {
	var told []event.Event
	c := hoodi(t)
	p, err := New(Config{Chain: c, Record: func(e event.Event) { told = append(told, e) }})
	if err != nil {
		t.Fatal(err)
	}
	id := params.ForkID{Hash: [4]byte{0xde, 0xad, 0xbe, 0xef}}
	if p.CheckForkID(id) == nil {
		t.Fatal("such a peer is not refused")
	}
	for i := range 5 {
		p.watchForks(time.Unix(1, 0), peerAt(i, 1), id)
	}
	if len(told) != 1 {
		t.Fatalf("told %v", told)
	}
	trouble := told[0].(event.Trouble)
	if trouble.Where != event.TroubleFork || !strings.Contains(trouble.Err, "0xdeadbeef") || !strings.Contains(trouble.Err, "--fork") {
		t.Errorf("told %+v", trouble)
	}
}
