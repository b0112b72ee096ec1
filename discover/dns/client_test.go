// SPDX-License-Identifier: Apache-2.0

package dns

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/discover/dnstree"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

// fakeDNS is a resolver that takes its time, and remembers when it was asked.
type fakeDNS struct {
	zones zones
	delay time.Duration

	mu    sync.Mutex
	start time.Time
	asked []time.Duration
	log   []string
}

func (f *fakeDNS) LookupTXT(ctx context.Context, name string) ([]string, error) {
	f.mu.Lock()
	f.asked, f.log = append(f.asked, time.Since(f.start)), append(f.log, name)
	f.mu.Unlock()
	select {
	case <-time.After(f.delay):
		return f.zones.lookUp(name)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func newTestClient(t *testing.T, dns *fakeDNS, lists ...string) (*Client, *[]error) {
	t.Helper()
	dns.start = time.Now()
	troubles := new([]error)
	cfg := Config{Resolver: dns, Trouble: func(_ string, err error) { *troubles = append(*troubles, err) }}
	for _, list := range lists {
		cfg.Lists = append(cfg.Lists, listURL(t, list).String())
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c, troubles
}

// Checklist row 75. All nodes of a list and of those that it links to are found.
func TestClientFindsAllNodes(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		dns := &fakeDNS{zones: zones{}, delay: 20 * time.Millisecond}
		dns.zones.publish(t, "a.example", 1, nodes(t, 1, 40), "b.example")
		dns.zones.publish(t, "b.example", 1, nodes(t, 41, 60), "a.example")
		c, troubles := newTestClient(t, dns, "a.example")
		found := make(map[uint16]bool)
		for len(found) < 60 {
			n, ok := c.Next(t.Context())
			if !ok || n.Record == nil {
				t.Fatal("no node")
			}
			found[portOf(n.Record)] = true
			if err := c.machine.checkInvariants(); err != nil {
				t.Fatal(err)
			}
		}
		if len(*troubles) > 0 {
			t.Errorf("%v", *troubles)
		}
	})
}

// Checklist row 76. In any second there are at most 13 lookups: a burst of 10, and three.
func TestClientKeepsTheRate(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		dns := &fakeDNS{zones: zones{}}
		dns.zones.publish(t, "a.example", 1, nodes(t, 1, 100))
		c, _ := newTestClient(t, dns, "a.example")
		for time.Since(dns.start) < 30*time.Second {
			c.Next(t.Context())
		}
		for i := range dns.asked {
			if i >= 13 && dns.asked[i]-dns.asked[i-13] < time.Second {
				t.Fatalf("lookups %d to %d within %v", i-13, i, dns.asked[i]-dns.asked[i-13])
			}
		}
		if n := len(dns.asked); n < 90 || n > 101 {
			t.Errorf("%d lookups in 30 s", n)
		}
	})
}

// Checklist row 76. A resolver that is silent costs 5 s for each lookup, and the delay.
func TestClientTimeout(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		dns := &fakeDNS{delay: time.Hour}
		c, troubles := newTestClient(t, dns, "a.example")
		ctx, cancel := context.WithTimeout(t.Context(), 52*time.Second)
		defer cancel()
		if _, ok := c.Next(ctx); ok {
			t.Error("a node from nowhere")
		}
		synctest.Wait() // a lookup that was given up ends on its own
		want := "[0s 5s 10s 15s 20s 25s 35s 45s]"
		if got := fmt.Sprint(dns.asked); got != want {
			t.Errorf("asked at %s, want %s", got, want)
		}
		for _, err := range *troubles {
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v", err)
			}
		}
		// The last one was cut off by the caller, which is not the list's fault.
		if failures := c.machine.lists[0].rootFailures; failures != len(*troubles) {
			t.Errorf("%d failures, %d were told", failures, len(*troubles))
		}
		if _, ok := c.Next(ctx); ok || time.Since(dns.start) != 52*time.Second {
			t.Error("an ended context is waited with")
		}
	})
}

// If a call ends during a lookup, the client goes on.
func TestClientGoesOnAfterCancel(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		dns := &fakeDNS{zones: zones{}, delay: time.Second}
		dns.zones.publish(t, "a.example", 1, nodes(t, 1, 1))
		c, troubles := newTestClient(t, dns, "a.example")
		for range 9 {
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			if _, ok := c.Next(ctx); ok {
				t.Fatal("a node before there can be one")
			}
			cancel()
		}
		if _, ok := c.Next(t.Context()); !ok || len(*troubles) > 0 {
			t.Errorf("no node; %v", *troubles)
		}
	})
}

// Lists that link without end, each to two more, are followed 4 links deep and to 16 in all.
func TestLinksAreBounded(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		name := func(i int) string { return fmt.Sprintf("l%d.example", i) }
		dns := &fakeDNS{zones: zones{}}
		for i := 1; i < 128; i++ {
			dns.zones.publish(t, name(i), 1, nodes(t, i, i), name(2*i), name(2*i+1))
			dns.zones.publish(t, fmt.Sprintf("c%d.example", i), 1, nil, fmt.Sprintf("c%d.example", i+1))
		}
		for first, want := range map[string]int{name(1): maxLists, "c1.example": maxDepth + 1} {
			c, _ := newTestClient(t, dns, first)
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			for _, ok := c.Next(ctx); ok; _, ok = c.Next(ctx) {
				if err := c.machine.checkInvariants(); err != nil {
					t.Fatal(err)
				}
			}
			cancel()
			if got := len(c.machine.lists); got != want {
				t.Errorf("from %s: %d lists, want %d", first, got, want)
			}
		}
	})
}

// A list with more entries than a tree sync may have is cut, and still gives nodes.
func TestEntriesAreBounded(t *testing.T) {
	now := time.Unix(1e9, 0)
	dns := zones{}
	dns.publish(t, "a.example", 1, nodes(t, 1, 30))
	l := &list{url: listURL(t, "a.example")}
	if err := l.onRoot(now, dns["a.example"], nil); err != nil {
		t.Fatal(err)
	}
	small := newTreeSync(now, l.root.Nodes, 10)
	for !small.done() {
		h := small.missing[0].hash
		e, err := findEntry(dns, h, "a.example")
		if err != nil {
			t.Fatal(err)
		}
		small.onEntry(0, e)
	}
	if n := small.seen.Len(); n != 10 || small.leaves == 0 {
		t.Errorf("%d entries, %d leaves", n, small.leaves)
	}
}

// Lists that no builder makes: the same child many times, huge texts, strings of other kinds.
func TestHostileEntries(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		node := nodes(t, 7, 7)[0].Text()
		twice := branch(node, node, node)
		top := branch(twice, twice, node)
		dns := &fakeDNS{zones: zones{}}
		dns.zones.put(t, "a.example", 1, top, branch(), node, twice)
		for name, texts := range dns.zones {
			dns.zones[name] = append([]string{"", strings.Repeat("x", 1<<20), "enrtree-root:v9"}, texts...)
		}
		c, troubles := newTestClient(t, dns, "a.example")
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
		defer cancel()
		found := 0
		for _, ok := c.Next(ctx); ok; _, ok = c.Next(ctx) {
			found++
		}
		if found != 1 || len(dns.log) != 5 || len(*troubles) != 0 {
			t.Errorf("found %d times, by %d lookups, with %v", found, len(dns.log), *troubles)
		}
	})
}

func TestNewRefuses(t *testing.T) {
	good := listURL(t, "a.example").String()
	for _, lists := range [][]string{{"a.example"}, {good, ""}, {strings.Repeat("x", 5000)}, make([]string, maxLists+1)} {
		if _, err := New(Config{Lists: lists}); err == nil || len(err.Error()) > 300 {
			t.Errorf("%.100q: %v", lists, err)
		}
	}
	c, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := c.Next(t.Context()); ok {
		t.Error("a node without a list")
	}
}

// TestOldLinksStay: links that were read once and cannot be read again stay, each once, while there is room.
func TestOldLinksStay(t *testing.T) {
	url := func(i int) dnstree.URL { return dnstree.URL{Domain: fmt.Sprint(i, ".example")} }
	for failed, want := range []int{600, maxLinks} { // entries that could not be read
		l := list{links: &treeSync{failed: failed}}
		for i := range maxLinks {
			l.linked = append(l.linked, url(i))
		}
		for i := range 600 {
			l.found = append(l.found, url(maxLinks-300+i)) // half of them known
		}
		l.onLinksRead()
		each := map[string]bool{}
		for _, u := range l.linked {
			each[u.Domain] = true
		}
		if len(l.linked) != want || len(each) != want {
			t.Errorf("%d links of which %d differ, want %d, after %d failures", len(l.linked), len(each), want, failed)
		}
	}
}
