// SPDX-License-Identifier: Apache-2.0

package v4

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/discover/v4wire"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/memnet"
)

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
