// SPDX-License-Identifier: Apache-2.0

package discover

import (
	"context"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/discover/self"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/memnet"
)

// start runs a finder of node n until the returned function is called, which joins it.
func start(t *testing.T, network *memnet.Datagrams, n int, change func(*Config)) (stop func()) {
	t.Helper()
	at := nodeOf(t, n)
	record := self.New(self.Config{Key: keyOf(t, n), Start: time.Now()})
	record.SetExternal(at.IP, 0, 0)
	cfg := Config{Key: keyOf(t, n), Self: record, V4: true, V5: true, Conn: network.Listen(netip.AddrPortFrom(at.IP, 30303))}
	change(&cfg)
	f, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Open(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() {
		if err := f.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	return func() { cancel(); all.Wait() }
}

// asked reports whether a datagram arrives at an address within a time.
func asked(network *memnet.Datagrams, at string, within time.Duration) bool {
	socket := network.Listen(netip.MustParseAddrPort(at))
	defer socket.Close()
	timer := time.AfterFunc(within, func() { socket.Close() })
	defer timer.Stop()
	_, _, err := socket.ReadFromUDPAddrPort(make([]byte, 2000))
	return err == nil
}

func onlyV4(c *Config) { c.V5 = false }
func onlyV5(c *Config) { c.V4 = false }

func versions(t *testing.T, f func(t *testing.T, only func(*Config))) {
	for name, only := range map[string]func(*Config){"v4": onlyV4, "v5": onlyV5} {
		t.Run(name, func(t *testing.T) { bubble.Test(t, func(t *testing.T) { f(t, only) }) })
	}
}

func namedNode(t *testing.T, n int, host string) enr.Node {
	boot := nodeOf(t, n)
	boot.IP, boot.Host = netip.Addr{}, host
	return boot
}

// TestBootnodeMoves: the host name of a bootnode is looked up again while the table is empty.
func TestBootnodeMoves(t *testing.T) {
	versions(t, func(t *testing.T, only func(*Config)) {
		network := memnet.NewDatagrams()
		var mu sync.Mutex
		ip := netip.MustParseAddr("20.1.1.1")
		stop := start(t, network, 2, func(c *Config) {
			only(c)
			c.Bootnodes = []enr.Node{namedNode(t, 1, "boot.default.svc")}
			c.Lookup = func(context.Context, string) ([]netip.Addr, error) {
				mu.Lock()
				defer mu.Unlock()
				return []netip.Addr{ip}, nil
			}
		})
		defer stop()
		time.Sleep(10 * time.Second)
		mu.Lock()
		ip = netip.MustParseAddr("20.7.7.7") // nothing ever answered at the old address
		mu.Unlock()
		if !asked(network, "20.7.7.7:30303", time.Minute) {
			t.Error("a minute later the bootnode has not been asked at its new address")
		}
	})
}

// TestBootnodeWithTwoAddresses: the second is tried when the first does not answer.
func TestBootnodeWithTwoAddresses(t *testing.T) {
	versions(t, func(t *testing.T, only func(*Config)) {
		network := memnet.NewDatagrams()
		stop := start(t, network, 2, func(c *Config) {
			only(c)
			c.Bootnodes = []enr.Node{namedNode(t, 1, "boot.example.org")}
			c.Lookup = func(context.Context, string) ([]netip.Addr, error) {
				return []netip.Addr{netip.MustParseAddr("2a01:4f8::1"), netip.MustParseAddr("20.7.7.7")}, nil
			}
		})
		defer stop()
		if !asked(network, "20.7.7.7:30303", time.Minute) {
			t.Error("a minute later the bootnode has not been asked at its second address")
		}
	})
}

// TestNamedBootnodeIsAskedAtOnce, not only with the next refresh.
func TestNamedBootnodeIsAskedAtOnce(t *testing.T) {
	versions(t, func(t *testing.T, only func(*Config)) {
		network := memnet.NewDatagrams()
		stop := start(t, network, 2, func(c *Config) {
			only(c)
			c.Bootnodes = []enr.Node{namedNode(t, 1, "boot.example.org")}
			c.Lookup = func(context.Context, string) ([]netip.Addr, error) {
				time.Sleep(4 * time.Second) // the name server is slow
				return []netip.Addr{netip.MustParseAddr("20.7.7.7")}, nil
			}
		})
		defer stop()
		if !asked(network, "20.7.7.7:30303", 5*time.Second) {
			t.Error("a second after its name was looked up the bootnode has not been asked")
		}
	})
}

// TestAskedAgainWhenNoNodeIsLeft: all known nodes go away for a minute and come back, while nothing takes the
// results.
func TestAskedAgainWhenNoNodeIsLeft(t *testing.T) {
	versions(t, func(t *testing.T, only func(*Config)) {
		network := memnet.NewDatagrams()
		boot := func(c *Config) {
			only(c)
			c.Bootnodes = []enr.Node{nodeOf(t, 1)}
		}
		stopFirst := start(t, network, 1, only)
		stopSecond := start(t, network, 2, boot)
		time.Sleep(10 * time.Second)
		stop := start(t, network, 3, boot)
		defer stop()
		time.Sleep(30 * time.Second)
		stopFirst()
		stopSecond()
		time.Sleep(time.Minute)
		if !asked(network, netip.AddrPortFrom(nodeOf(t, 1).IP, 30303).String(), 15*time.Second) {
			t.Error("15 s after it was back the bootnode has not been asked")
		}
	})
}
