// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/discover/v4wire"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
)

// clockedNode answers pings of discovery v4 by a clock that is off, until the test ends.
func clockedNode(t *testing.T, off time.Duration) enr.Node {
	t.Helper()
	key, err := ecc.ParsePrivateKey([]byte{31: 1})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	var reader sync.WaitGroup
	t.Cleanup(reader.Wait)
	t.Cleanup(func() { _ = conn.Close() })
	reader.Go(func() {
		b := make([]byte, 1280)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(b)
			if err != nil {
				return
			}
			p, err := v4wire.Decode(b[:n])
			if err != nil {
				continue
			}
			if ping, ok := p.Message.(*v4wire.Ping); ok {
				pong := &v4wire.Pong{To: v4wire.EndpointOf(from, ping.From.TCP), PingHash: p.Hash, Expiration: time.Now().Add(off + 20*time.Second).Unix()}
				if b, _, err := v4wire.Append(nil, key, pong); err == nil {
					_, _ = conn.WriteToUDPAddrPort(b, from)
				}
			}
		}
	})
	at := conn.LocalAddr().(*net.UDPAddr).AddrPort()
	return enr.Node{Key: key.Public(), IP: at.Addr(), UDP: at.Port(), TCP: at.Port()}
}

// TestClocksThatDiffer: ping says by how much our clock is ahead of a node's or behind it, whether the
// answer counts or has expired by our clock.
func TestClocksThatDiffer(t *testing.T) {
	for _, c := range []struct {
		off  time.Duration
		code int
		want []string // on a terminal, on a pipe
	}{
		{-time.Hour, exitFailed, []string{"our clock is about 1h0m0s ahead of the node's", `"clock":{"ahead":36`}},
		{time.Hour, exitOK, []string{"our clock is about 1h0m0s behind the node's", `"clock":{"ahead":-36`}},
		{10 * time.Second, exitOK, nil},
	} {
		n := clockedNode(t, c.off)
		for i, people := range []bool{true, false} {
			var out, stderr text
			p := program{out: &out, err: &stderr, signals: func() <-chan os.Signal { return nil }}
			if people {
				p.screen = &screen{width: func() int { return 80 }}
			}
			code := p.run([]string{"ping", "--addr", "127.0.0.1", n.URL()})
			if code != c.code || c.want == nil && strings.Contains(out.String(), "clock") || c.want != nil && !strings.Contains(roundHour(out.String()), c.want[i]) {
				t.Errorf("%v: exit %d, %s%s", c.off, code, out.String(), stderr.String())
			}
		}
	}
}

// roundHour takes back the second that may pass between the node's answer and our reading of it.
func roundHour(s string) string {
	return strings.NewReplacer("1h0m1s", "1h0m0s", "59m59s", "1h0m0s", "-3599", "-3600").Replace(s)
}

// TestClockGap: the difference in words, to the second.
func TestClockGap(t *testing.T) {
	for ahead, want := range map[float64]string{60: "1m0s ahead of the node's", -90.4: "1m30s behind the node's"} {
		if got := (clockGap{ahead}).String(); !strings.Contains(got, "our clock is about "+want) {
			t.Errorf("%v: %s", ahead, got)
		}
	}
}

// TestAskerIsBounded: the asker keeps what the first hosts say, and drops what hosts beyond the bound say.
func TestAskerIsBounded(t *testing.T) {
	a := &asker{seen: map[netip.Addr]netip.AddrPort{}, off: map[netip.Addr]time.Duration{}}
	host := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}) }
	for i := range maxSeen + 1 {
		a.stated(time.Time{}, host(i), netip.AddrPortFrom(host(i), 1))
		a.clock(time.Time{}, host(i), time.Hour)
	}
	for i, want := range map[int]bool{0: true, maxSeen - 1: true, maxSeen: false} {
		_, seen := a.seenAt(host(i))
		gap, off := a.clockOf(host(i))
		if seen != want || off != want || off && gap.Ahead != 3600 {
			t.Errorf("host %d: %v, %v, %v", i, seen, off, gap)
		}
	}
}
