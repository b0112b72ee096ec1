// SPDX-License-Identifier: Apache-2.0

package discover

import (
	"context"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/discover/self"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/memnet"
	"github.com/ethpeer/ethpeer/nat"
	"github.com/ethpeer/ethpeer/nodedb"
)

func method(t *testing.T, spec string) nat.Method {
	t.Helper()
	m, err := nat.Parse(spec)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestHost: a Host publishes its endpoint, and finds another Host.
func TestHost(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		network := memnet.NewDatagrams()
		db, err := nodedb.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var told []event.Self
		var signed []uint64
		var hosts []*Host
		ctx, stop := context.WithCancel(t.Context())
		var loops sync.WaitGroup
		for i := range 2 {
			c := HostConfig{External: nodeOf(t, i+1).IP, Config: Config{
				Key: keyOf(t, i+1), V4: true, V5: true, Conn: network.Listen(netip.AddrPortFrom(nodeOf(t, i+1).IP, 30303)),
			}}
			if i == 1 {
				c.DB, c.Bootnodes = db, []enr.Node{hosts[0].Node()}
				c.Record = func(e event.Event) {
					if s, ok := e.(event.Self); ok {
						mu.Lock()
						defer mu.Unlock()
						told = append(told, s)
					}
				}
				c.Signed = func(r *enr.Record) { signed = append(signed, r.Seq()) }
			}
			h, err := NewHost(c)
			if err != nil {
				t.Fatal(err)
			}
			if err := h.Open(); err != nil {
				t.Fatal(err)
			}
			loops.Go(func() {
				if err := h.Run(ctx); err != nil {
					t.Error(err)
				}
			})
			hosts = append(hosts, h)
		}
		if found, ok := hosts[1].Finder().Next(ctx); !ok || found.Node.ID() != nodeOf(t, 1).ID() {
			t.Errorf("found %v", found)
		}
		stop()
		loops.Wait()
		n := hosts[1].Node()
		if len(told) != 1 || len(signed) != 1 || told[0].URL != n.URL() || told[0].Private || n.UDP != 30303 || n.IP != nodeOf(t, 2).IP {
			t.Errorf("%v, told as %v, signed %v", n, told, signed)
		}
		if seq := db.Sequence(); seq != hosts[1].Self().Record().Seq() {
			t.Errorf("sequence number %d is kept", seq)
		}
	})
}

// TestHostSaysTheOperatorsAddressFirst: no record with another address is ever signed.
func TestHostSaysTheOperatorsAddressFirst(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		for _, c := range []HostConfig{
			{NAT: method(t, "extip:34.1.1.1")},
			{External: netip.MustParseAddr("34.1.1.1")},
			{NAT: method(t, "extip:35.1.1.1"), External: netip.MustParseAddr("34.1.1.1")},
		} {
			c.Key, c.V4, c.Conn = keyOf(t, 1), true, memnet.NewDatagrams().Listen(netip.MustParseAddrPort("127.0.0.1:30303"))
			c.Signed = func(r *enr.Record) {
				if ip := r.Node().IP; ip != netip.MustParseAddr("34.1.1.1") {
					t.Errorf("the record says %v", ip)
				}
			}
			h, err := NewHost(c)
			if err != nil {
				t.Fatal(err)
			}
			if err := h.Open(); err != nil {
				t.Fatal(err)
			}
			h.Node()
			ctx, stop := context.WithTimeout(t.Context(), time.Minute)
			if err := h.Run(ctx); err != nil {
				t.Error(err)
			}
			stop()
		}
	})
}

// TestHostWithoutFinder keeps a record, waits for the TCP listener before it maps ports, and ends with its context.
func TestHostWithoutFinder(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		trouble := make(chan event.Trouble, 9)
		h, err := NewHost(HostConfig{
			NoFinder: true, TCP: "0.0.0.0:30303", NAT: method(t, "extip:192.168.1.1"),
			Config: Config{Key: keyOf(t, 1), Record: func(e event.Event) {
				if e, ok := e.(event.Trouble); ok {
					trouble <- e
				}
			}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Open(); err != nil || h.Finder() != nil {
			t.Error(err, h.Finder())
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- h.Run(ctx) }()
		time.Sleep(time.Minute)
		if len(trouble) != 0 {
			t.Error("it did not wait for the listener")
		}
		h.Self().SetTCP(30303)
		h.Listening()
		h.Listening()
		if e := <-trouble; e.Where != event.TroubleNAT || !strings.Contains(e.Err, "private") {
			t.Errorf("%+v", e)
		}
		if n := h.Node(); n.TCP != 30303 || n.IP != netip.MustParseAddr("192.168.1.1") {
			t.Errorf("%+v", n)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestWrongHostConfig(t *testing.T) {
	for name, c := range map[string]HostConfig{
		"no key":                    {},
		"a record":                  {Config: Config{Key: keyOf(t, 1), Self: self.New(self.Config{Key: keyOf(t, 1)})}},
		"no socket":                 {Config: Config{Key: keyOf(t, 1), V4: true}},
		"a wrong list":              {Config: Config{Key: keyOf(t, 1), Lists: []string{"enrtree://x"}}},
		"a wrong list of bootnodes": {Config: Config{Key: keyOf(t, 1), BootLists: []string{"enrtree://x"}}},
		"likewise without a Finder": {Config: Config{Key: keyOf(t, 1), BootLists: []string{"enrtree://x"}}, NoFinder: true},
	} {
		if _, err := NewHost(c); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
