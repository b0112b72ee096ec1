// SPDX-License-Identifier: Apache-2.0

package nat

import (
	"context"
	"net/netip"
	"strings"
	"testing"
)

// TestFinders: each method finds its own kind of gateway in surroundings that have both,
// and says what to do where there is none.
func TestFinders(t *testing.T) {
	t.Parallel() // with nothing else that serves NAT-PMP
	d := newIGD(t, map[string]string{ip1: "34.2.2.2"})
	servePMP(t)
	both := surroundings{networks: []netip.Prefix{lo}, gateways: []netip.Addr{netip.MustParseAddr("127.83.51.2"), netip.MustParseAddr(pmpAt)}, group: d.listen()}
	nothing := surroundings{networks: []netip.Prefix{lo}, gateways: []netip.Addr{netip.MustParseAddr("127.83.51.2")}, group: serve(t, "127.0.0.1:0", func([]byte) [][]byte { return nil })}
	for _, test := range []struct {
		spec string
		in   surroundings
		want string
	}{
		{"upnp", both, "the UPnP gateway 127.0.0.1"},
		{"pmp", both, "the NAT-PMP gateway " + pmpAt},
		{"any", both, "gateway 127."}, // whichever is first
		{"any", surroundings{gateways: both.gateways}, "the NAT-PMP gateway " + pmpAt},
		{"any", surroundings{networks: both.networks, group: both.group}, "the UPnP gateway 127.0.0.1"},
		{"pmp:" + pmpAt, surroundings{}, "the NAT-PMP gateway " + pmpAt},
		{"stun", surroundings{}, "STUN"},
		{"stun:127.0.0.1:9", surroundings{}, "the STUN server 127.0.0.1:9"},
		{"upnp", nothing, "no UPnP gateway answers); switch UPnP on there, or forward the port there and use --nat extip:IP"},
		{"upnp", surroundings{}, "in no network that could be searched"},
		{"pmp", nothing, "no gateway answers NAT-PMP; switch it on there, or write pmp:GATEWAY"},
		{"pmp", surroundings{}, "no gateway is known; write pmp:GATEWAY"},
		{"pmp:127.83.51.2", surroundings{}, "connection refused"},
		{"any", nothing, "no gateway answers UPnP or NAT-PMP; switch one of them on there"},
		{"none", both, "there is no gateway"},
	} {
		m, err := Parse(test.spec)
		if err != nil {
			t.Fatal(err)
		}
		g, err := m.finder(func() surroundings { return test.in })(t.Context())
		got := because(err)
		if err == nil {
			got = g.String()
		}
		if !strings.Contains(got, test.want) {
			t.Errorf("%s: %s, want %s", test.spec, got, test.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if g, err := both.findAny(ctx); err == nil {
		t.Errorf("found %v after the end", g)
	}
}

// TestHere: whatever this machine's networks are, few are searched, and loopback is not one.
func TestHere(t *testing.T) {
	h := here()
	if len(h.networks) > maxNetworks || len(h.gateways) > maxNetworks || h.group != ssdpGroup {
		t.Errorf("%+v", h)
	}
	for _, n := range h.networks {
		if n.Addr().IsLoopback() || !n.Addr().Is4() {
			t.Errorf("%v is searched", n)
		}
	}
}
