// SPDX-License-Identifier: Apache-2.0

package discover

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/discover/dnstree"
	"github.com/ethpeer/ethpeer/discover/self"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/memnet"
)

// publish returns a list of nodes at some addresses, and the DNS that has it. Node i has key 10+i.
func publish(t *testing.T, at ...string) (url string, texts zone) {
	t.Helper()
	var records []*enr.Record
	for i, at := range at {
		a := netip.MustParseAddrPort(at)
		var b enr.Builder
		b.SetIP(a.Addr())
		b.SetTCP(a.Port())
		b.SetUDP(a.Port())
		r, err := b.Sign(keyOf(t, 10+i), 1)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	list, zone := dnstree.Build(1, records, nil).Publish(keyOf(t, 1), "nodes.example.org")
	return list.String(), zone
}

// TestListsAreBootnodes: an empty table is offered nodes of BootLists, but none of our own network.
func TestListsAreBootnodes(t *testing.T) {
	list, texts := publish(t, "20.7.7.7:30303", "192.168.1.1:30303", "169.254.169.254:30303", "127.0.0.1:30303")
	versions(t, func(t *testing.T, only func(*Config)) {
		network := memnet.NewDatagrams()
		stop := start(t, network, 2, func(c *Config) {
			only(c)
			c.BootLists, c.TXT = []string{list}, texts
		})
		defer stop()
		if !asked(network, "20.7.7.7:30303", 20*time.Second) {
			t.Error("the node of the list has not been asked")
		}
		for _, local := range []string{"192.168.1.1:30303", "169.254.169.254:30303", "127.0.0.1:30303"} {
			if asked(network, local, 2*time.Minute) {
				t.Errorf("%s has been asked", local)
			}
		}
	})
}

// TestListsAreReadAgain while no node answers, and no more than 16 nodes of them are seeds at a time.
func TestListsAreReadAgain(t *testing.T) {
	var at []string
	for i := range 40 {
		at = append(at, netip.AddrPortFrom(netip.AddrFrom4([4]byte{20, byte(i), 7, 7}), 30303).String())
	}
	list, texts := publish(t, at...)
	bubble.Test(t, func(t *testing.T) {
		f, err := New(Config{Key: keyOf(t, 1), Self: self.New(self.Config{Key: keyOf(t, 1)}), BootLists: []string{list}, TXT: texts})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Minute)
		defer stop()
		seen := map[enr.ID]bool{}
		most := 0
		seed := f.seeder()
		f.boot.run(ctx, func() {
			nodes := seed(time.Now())
			most = max(most, len(nodes))
			for _, n := range nodes {
				seen[n.ID()] = true
			}
		})
		if len(seen) != 40 || most != listedAtOnce {
			t.Errorf("%d nodes were seeds, at most %d at a time", len(seen), most)
		}
	})
}

// TestListed reads each node of the lists once, without those of our own network, and ends with its context.
func TestListed(t *testing.T) {
	list, texts := publish(t, "20.7.7.7:30303", "20.8.8.8:30303", "192.168.1.1:30303", "20.9.9.9:30303", "100.64.1.1:30303")
	for name, test := range map[string]struct {
		lists    []string
		restrict []netip.Prefix
		most     int
		within   time.Duration
		want     int
	}{
		"all":      {[]string{list}, nil, 100, time.Hour, 3},
		"some":     {[]string{list}, nil, 2, time.Hour, 2},
		"none":     {[]string{list}, nil, 0, time.Hour, 0},
		"local":    {[]string{list}, []netip.Prefix{netip.MustParsePrefix("192.168.0.0/16")}, 100, time.Hour, 4},
		"no lists": {nil, nil, 100, time.Hour, 0},
		"ended":    {[]string{list}, nil, 100, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Test(t, func(t *testing.T) {
				h, err := NewHost(HostConfig{NoFinder: true, Config: Config{Key: keyOf(t, 1), BootLists: test.lists, TXT: texts, Restrict: test.restrict}})
				if err != nil {
					t.Fatal(err)
				}
				ctx, stop := context.WithTimeout(t.Context(), test.within)
				defer stop()
				began := time.Now()
				seen := map[enr.ID]bool{}
				for _, n := range h.Listed(ctx, test.most) {
					seen[n.ID()] = true
				}
				if took := time.Since(began); len(seen) != test.want || took > 20*time.Second {
					t.Errorf("%d nodes within %v, want %d", len(seen), took, test.want)
				}
			})
		})
	}
}
