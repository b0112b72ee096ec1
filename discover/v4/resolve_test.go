// SPDX-License-Identifier: Apache-2.0

package v4

import (
	"context"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/discover/v4wire"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/memnet"
)

// TestResolveBelievesNoRecord: if a record states an address where the node does not respond, or one of a
// LAN, the node stays where it has responded. It moves to a stated address where it responds.
func TestResolveBelievesNoRecord(t *testing.T) {
	for stated, want := range map[string]string{
		"34.9.9.9:30303": "20.2.1.1:30303", "192.168.1.1:30303": "20.2.1.1:30303", "169.254.169.254:80": "20.2.1.1:30303",
		"44.4.4.4:30304": "44.4.4.4:30304",
	} {
		bubble.Test(t, func(t *testing.T) {
			network, us, them := memnet.NewDatagrams(), remoteOf(t, 1), remoteOf(t, 2)
			at := netip.MustParseAddrPort(stated)
			var b enr.Builder
			b.SetIP(at.Addr())
			b.SetUDP(at.Port())
			record, err := b.Sign(keyOf(t, 2), 7)
			if err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancel(t.Context())
			var all sync.WaitGroup
			run := func(cfg Config, at netip.AddrPort) *Node {
				socket := network.Listen(at)
				cfg.Conn = socket
				n, err := New(cfg)
				if err != nil {
					t.Fatal(err)
				}
				context.AfterFunc(ctx, func() { socket.Close() })
				all.Go(func() { _ = n.Run(ctx) })
				all.Go(func() {
					b := make([]byte, v4wire.MaxSize)
					for {
						size, from, err := socket.ReadFromUDPAddrPort(b)
						if err != nil {
							return
						}
						n.Deliver(from, b[:size])
					}
				})
				return n
			}
			n := run(Config{Key: keyOf(t, 1), Self: func() *enr.Record { return us.record }}, us.addr)
			for _, at := range []netip.AddrPort{them.addr, netip.MustParseAddrPort("44.4.4.4:30304")} {
				run(Config{Key: keyOf(t, 2), Self: func() *enr.Record { return record }}, at)
			}
			found, ok := n.Resolve(ctx, them.contact.Node)
			if at, _ := found.UDPAddr(); !ok || at.String() != want || found.Record.Seq() != 7 {
				t.Errorf("%s: resolved to %v, %v, want %s", stated, found, ok, want)
			}
			stop()
			all.Wait()
		})
	}
}

// TestResolveBelievesNoStranger: an endpoint from another node counts only if the resolved node responds there.
func TestResolveBelievesNoStranger(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		network := memnet.NewDatagrams()
		victim := remoteOf(t, 77)                         // a static node of ours, which is down for a while
		evil := netip.MustParseAddrPort("66.6.6.6:30303") // no node is there
		attacker, us := remoteOf(t, 1), remoteOf(t, 2)    // the attacker is one of the nodes that we know
		ap, up := network.Listen(attacker.addr), network.Listen(us.addr)
		done := make(chan struct{})
		go func() {
			defer close(done)
			b := make([]byte, v4wire.MaxSize)
			say := func(to netip.AddrPort, m v4wire.Message) {
				p, _, _ := v4wire.Append(nil, keyOf(t, 1), m)
				_, _ = ap.WriteToUDPAddrPort(p, to)
			}
			for {
				n, from, err := ap.ReadFromUDPAddrPort(b)
				if err != nil {
					return
				}
				p, err := v4wire.Decode(b[:n])
				if err != nil {
					continue
				}
				exp := time.Now().Unix() + 20
				switch m := p.Message.(type) {
				case *v4wire.Ping:
					say(from, &v4wire.Pong{To: v4wire.EndpointOf(from, 0), PingHash: p.Hash, Expiration: exp})
					say(from, &v4wire.Ping{Version: 4, From: v4wire.EndpointOf(attacker.addr, 30303), To: v4wire.EndpointOf(from, 0), Expiration: exp})
				case *v4wire.Findnode:
					_ = m
					lie := victim.contact.Node
					lie.IP, lie.UDP, lie.TCP = evil.Addr(), evil.Port(), evil.Port()
					say(from, &v4wire.Neighbors{Nodes: []v4wire.Node{v4wire.NodeOf(lie)}, Expiration: exp})
				}
			}
		}()
		n, err := New(Config{Key: keyOf(t, 2), Conn: up, Self: func() *enr.Record { return us.record }, Bootnodes: []enr.Node{attacker.contact.Node}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ran := make(chan struct{})
		go func() { _ = n.Run(ctx); close(ran) }()
		go func() {
			b := make([]byte, v4wire.MaxSize)
			for {
				size, from, err := up.ReadFromUDPAddrPort(b)
				if err != nil {
					return
				}
				n.Deliver(from, b[:size])
			}
		}()
		time.Sleep(5 * time.Second)
		moved := 0
		for range 10 {
			limit, stop := context.WithTimeout(ctx, 5*time.Second) // as the server has it
			found, ok := n.Resolve(limit, victim.contact.Node)
			stop()
			if ok && found.IP == evil.Addr() {
				moved++
			}
			time.Sleep(time.Minute)
		}
		cancel()
		<-ran
		ap.Close()
		up.Close()
		<-done
		if moved > 0 {
			t.Errorf("%d of 10 searches bring an address that nothing has proven", moved)
		}
	})
}
