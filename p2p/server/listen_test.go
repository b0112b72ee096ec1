// SPDX-License-Identifier: Apache-2.0

package server

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/memnet"
	"github.com/ethpeer/ethpeer/p2p"
)

// closedAtOnce reports whether the server closed a stream without sending a byte.
func closedAtOnce(c net.Conn) bool {
	synctest.Wait()
	_ = c.SetReadDeadline(time.Now().Add(time.Millisecond))
	_, err := c.Read(make([]byte, 1))
	return errors.Is(err, io.EOF)
}

// Checklist row 16. An address is let in once in 30 s; attempts in between change nothing.
func TestWANIsThrottled(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		b.peer(wan, mustKey(t))
		for range 2 {
			time.Sleep(throttleTime / 3) // in a bubble
			if !closedAtOnce(b.connect("8.8.8.8:1001")) {
				t.Error("let in too soon")
			}
		}
		if closedAtOnce(b.connect("8.8.4.4:1001")) {
			t.Error("another address is not let in")
		}
		time.Sleep(throttleTime/3 - 2*time.Millisecond) // in a bubble
		if !closedAtOnce(b.connect(wan)) {
			t.Error("let in too soon")
		}
		time.Sleep(2 * time.Millisecond) // in a bubble
		b.peer(wan, mustKey(t))
	})
}

// Checklist row 17.
func TestLANIsNotThrottled(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		for range 4 {
			for _, ip := range []string{
				"127.0.0.1", "0.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "[::1]", "[fe80::1]", "[fd00::1]",
				"[::ffff:127.0.0.1]",
			} {
				if closedAtOnce(b.connect(ip + ":7")) {
					t.Errorf("%s is throttled", ip)
				}
			}
		}
	})
}

// TestThrottleOfNetworks: with any number of addresses, a network gets in as often as its share says, in 30 s.
func TestThrottleOfNetworks(t *testing.T) {
	for _, test := range []struct {
		format string
		want   int
	}{
		{"34.1.2.%d", 10},          // a /24
		{"34.1.%d.2", 40},          // a /16
		{"2a01:4f8:1:2::%x", 10},   // a /64
		{"2a01:4f8:1:%x::1", 10},   // a /56
		{"2a01:4f8:1:%x00::1", 40}, // a /48
		{"2a01:4f8:%x::1", 40},     // a /32
		{"10.0.0.%d", 255},         // a local network
	} {
		th, now := newThrottle(), time.Unix(1000, 0)
		in := func(now time.Time) (in int) {
			for n := range 255 {
				if th.onAttempt(now.Add(time.Duration(n)*time.Millisecond), netip.MustParseAddr(fmt.Sprintf(test.format, n+1))) {
					in++
				}
			}
			return in
		}
		if n := in(now); n != test.want {
			t.Errorf("%s: of 255 connections in a quarter of a second %d are let in, want %d", test.format, n, test.want)
		}
		if !th.onAttempt(now, netip.MustParseAddr("99.1.2.3")) {
			t.Errorf("%s: another network is turned away", test.format)
		}
		if n := in(now.Add(throttleTime + time.Second)); n != test.want {
			t.Errorf("%s: later %d are let in, want %d", test.format, n, test.want)
		}
		if th.purge(now.Add(3 * throttleTime)); th.seen.Len() != 0 || th.nets.Len() != 0 || th.dropped() != 0 {
			t.Errorf("%s: %d addresses and %d networks are kept in vain", test.format, th.seen.Len(), th.nets.Len())
		}
	}
}

func TestThrottle(t *testing.T) {
	th, now := newThrottle(), time.Unix(1000, 0)
	for _, ip := range []string{"172.32.0.1", "169.254.1.1", "100.64.0.1", "2001:db8::1", "fec0::1"} {
		if addr := netip.MustParseAddr(ip); !th.onAttempt(now, addr) || th.onAttempt(now, addr) {
			t.Errorf("%s is exempt", ip)
		}
	}
	if th.onAttempt(now, netip.MustParseAddr("::ffff:172.32.0.1")) {
		t.Error("an address in its other form is let in")
	}
	for range 2 {
		if !th.onAttempt(now, netip.Addr{}) {
			t.Error("what has no address is throttled")
		}
	}
	th.purge(now.Add(throttleTime))
	if th.seen.Len() != 0 {
		t.Errorf("%d addresses are kept in vain", th.seen.Len())
	}
	for n := range 2 * throttleTable { // a flood costs a bounded table
		th.onAttempt(now, netip.AddrFrom4([4]byte{byte(50 + n%40), byte(n / 40), byte(n / 40 >> 8), 1}))
	}
	if a, n := th.seen.Len(), th.nets.Len(); a != throttleTable || n != throttleTable || th.dropped() == 0 {
		t.Errorf("%d addresses and %d networks", a, n)
	}
}

// Checklist row 18.
func TestNetRestrictInbound(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		b := newBench(t, func(c *Config) { c.NetRestrict = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} })
		if !closedAtOnce(b.connect(lan)) {
			t.Error("an address from outside is let in")
		}
		b.peer("10.0.0.1:5", mustKey(t))
		if n := b.count(event.PeerFailed, event.StageAdmit); n != 1 {
			t.Errorf("%d refusals recorded", n)
		}
	})
}

// Checklist row 19. With 50 handshakes under way the next connection is not even
// accepted, until one of them ends.
func TestPendingInboundIsBounded(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		var silent []net.Conn
		for range 50 {
			silent = append(silent, b.connect(lan))
			synctest.Wait()
		}
		if _, ok := b.connects(lan); ok {
			t.Fatal("a 51st connection was accepted")
		}
		silent[7].Close()
		synctest.Wait()
		b.peer(lan, mustKey(t))
		if _, ok := b.connects(lan); !ok {
			t.Error("a peer holds a slot of handshakes")
		}
	})
}

// One network may take few of the slots, unless it is local.
func TestPendingInboundPerNetwork(t *testing.T) {
	for _, net := range []struct{ format, other string }{
		{"9.9.9.%d:1", "9.9.8.1:1"},
		{"[2001:db8:1:2::%d]:1", "[2001:db8:1:100::1]:1"}, // a /64
		{"[2001:db8:1:%d::1]:1", "[2001:db8:1:100::1]:1"}, // a /56
	} {
		bubble.Test(t, func(t *testing.T) {
			b := newBench(t, nil)
			from := func(n int) string { return fmt.Sprintf(net.format, n) }
			first := b.connect(from(1))
			for n := 2; n <= pendingPerNet; n++ {
				if closedAtOnce(b.connect(from(n))) {
					t.Errorf("number %d is turned away", n)
				}
			}
			if !closedAtOnce(b.connect(from(6))) || closedAtOnce(b.connect(net.other)) {
				t.Error("not the network is bounded, but something else")
			}
			first.Close()
			synctest.Wait()
			if closedAtOnce(b.connect(from(6))) { // a refused connection does not count for the throttle
				t.Error("a slot that is free again is not given")
			}
		})
	}
}

// Checklist rows 20 and 21: RLPx and Hello together have one deadline of 5 s. The baseline waits 30 s for a
// Hello.
func TestSilenceEndsAfter5Seconds(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		began := time.Now()
		c := b.connect(lan)
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, io.EOF) || time.Since(began) != setupTimeout {
			t.Errorf("before the handshake: %v after %v", err, time.Since(began))
		}

		began = time.Now()
		r := b.join(lan, mustKey(t))
		time.Sleep(2 * time.Second) // in a bubble
		code, _, err := r.Conn.Read(time.Now().Add(time.Minute))
		if code != 0 || err != nil {
			t.Fatalf("message %#x, %v; want their Hello", code, err)
		}
		if _, _, err := r.Conn.Read(time.Now().Add(time.Minute)); !errors.Is(err, io.EOF) || time.Since(began) != setupTimeout {
			t.Errorf("before the Hello: %v after %v", err, time.Since(began))
		}
	})
}

// stubborn is a listener whose Accept fails for a while.
type stubborn struct {
	*memListener
	fails atomic.Int32
}

func (s *stubborn) Accept() (net.Conn, error) {
	if s.fails.Add(-1) >= 0 {
		return nil, errors.New("too many open files")
	}
	return s.memListener.Accept()
}

// An accept that fails is tried again after a pause.
func TestAcceptIsTriedAgain(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		began := time.Now()
		b := newBench(t, func(c *Config) {
			l := &stubborn{memListener: c.Listener.(*memListener)}
			l.fails.Store(3)
			c.Listener = l
		})
		b.join(lan, mustKey(t)).hello(p2p.Cap{Name: "nod", Version: 1})
		if took := time.Since(began); took != 3*acceptPause {
			t.Errorf("accepted after %v", took)
		}
	})
}

// Entries that a full table forgets are reported.
func TestForgottenAddressesAreALoss(t *testing.T) {
	var losses []event.Loss
	s, err := New(Config{Key: mustKey(t), Record: func(e event.Event) { losses = append(losses, e.(event.Loss)) }})
	if err != nil {
		t.Fatal(err)
	}
	s.lost("server.throttle", 0)
	s.lost("server.throttle", 3)
	if len(losses) != 1 || losses[0].Where != "server.throttle" || losses[0].Count != 3 || losses[0].Time.IsZero() {
		t.Errorf("%+v", losses)
	}
}

// Attack: thousands of slow handshakes. They take turns, 50 at a time, and have no other effect.
func TestSlowHandshakesByTheThousand(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		began := time.Now()
		var now, most atomic.Int32
		var attackers sync.WaitGroup
		for n := range 1000 {
			attackers.Go(func() {
				ours, theirs := memnet.Pipe()
				from := net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(n >> 8), byte(n)}), 9))
				b.lis.conns <- addressed{ours, from}
				if at := now.Add(1); at > most.Load() {
					most.Store(at)
				}
				for {
					if _, err := theirs.Write([]byte{4}); err != nil {
						break
					}
					time.Sleep(time.Second) // in a bubble
				}
				now.Add(-1)
			})
			if n%100 == 0 {
				synctest.Wait()
			}
		}
		attackers.Wait()
		synctest.Wait()
		// Each attacker notices its end up to a second late.
		if most.Load() > 2*50 || time.Since(began) > 1000/50*setupTimeout+2*time.Second {
			t.Errorf("%d at once, %v in all", most.Load(), time.Since(began))
		}
		if n := b.count(event.PeerFailed, event.StageRLPx); n != 1000 {
			t.Errorf("%d failures recorded", n)
		}
		b.peer(lan, mustKey(t))
	})
}

// TestPendingKeepsItsBooks: a connection that leaves makes room for one of its network, and no count remains.
func TestPendingKeepsItsBooks(t *testing.T) {
	p := newPending(50)
	ip, other := netip.MustParseAddr("8.8.8.8"), netip.MustParseAddr("8.8.9.8")
	for range pendingPerNet {
		if !p.enter(ip) {
			t.Fatal("no room")
		}
	}
	for range 3 {
		if p.enter(ip) || !p.enter(other) {
			t.Error("room for one more of a network, or none for another")
		}
		p.leave(other)
		if p.leave(ip); !p.enter(ip) {
			t.Error("no room for who takes the place of another")
		}
	}
	for range pendingPerNet {
		p.leave(ip)
	}
	if len(p.groups) != 0 {
		t.Errorf("still counted: %v", p.groups)
	}
}

// TestPendingOfOneProvider: one IPv6 /48 or /32, or IPv4 /16, never takes more than half of the slots.
func TestPendingOfOneProvider(t *testing.T) {
	for _, format := range []string{"2a01:4f8:1:%x00::1", "2a01:4f8:%x::1", "34.1.%d.1"} {
		p, in := newPending(50), 0
		for i := range 200 {
			if p.enter(netip.MustParseAddr(fmt.Sprintf(format, i))) {
				in++
			}
		}
		if in != 25 {
			t.Errorf("%s: %d of 50 slots", format, in)
		}
		if !p.enter(netip.MustParseAddr("198.18.0.1")) {
			t.Errorf("%s: no slot for another network", format)
		}
	}
}
