// SPDX-License-Identifier: Apache-2.0

package self

import (
	"bytes"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
)

var start = time.UnixMilli(1_700_000_000_000)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func newRecord(t interface{ Fatal(...any) }, cfg Config) *Record {
	key, err := ecc.NewPrivateKey(bytes.NewReader(bytes.Repeat([]byte{7}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Key = key
	if cfg.Start.IsZero() {
		cfg.Start = start
	}
	return New(cfg)
}

// says is the record in short: its place, without what is the key's.
func says(r *enr.Record) string {
	n := r.Node()
	tcp, _ := r.TCP()
	udp, _ := r.UDP()
	s := fmt.Sprintf("%v tcp %d udp %d", n.IP, tcp, udp)
	if ip6, ok := r.IP6(); ok {
		tcp6, _ := r.TCP6()
		udp6, _ := r.UDP6()
		s += fmt.Sprintf(" · %v tcp %d udp %d", ip6, tcp6, udp6)
	}
	if hash, next, ok := r.Eth(); ok {
		s += fmt.Sprintf(" · %x %d", hash, next)
	}
	return s
}

func TestSequence(t *testing.T) {
	var saved []uint64
	signed := 0
	r := newRecord(t, Config{Save: func(n uint64) { saved = append(saved, n) }, Signed: func(*enr.Record) { signed++ }})
	first := uint64(start.UnixMilli()) + 1
	steps := []struct {
		name   string
		change func()
		seq    uint64
	}{
		{"the first", func() { r.SetTCP(30303); r.SetUDP(30303); r.SetFallback(addr("127.0.0.1")) }, first},
		{"nothing", func() {}, first},
		{"equal values", func() { r.SetTCP(30303); r.SetFallback(addr("::ffff:127.0.0.1")) }, first},
		{"one value", func() { r.SetEth([4]byte{1, 2, 3, 4}, 5) }, first + 1},
		{"the same fork", func() { r.SetEth([4]byte{1, 2, 3, 4}, 5) }, first + 1},
		{"two values at once", func() { r.SetUDP(30301); r.SetExternal(addr("203.0.113.7"), 0, 0) }, first + 2},
		{"what is hidden by something better", func() { r.SetFallback(addr("10.0.0.1")) }, first + 2},
		{"there and back", func() { r.SetTCP(1); r.SetTCP(30303) }, first + 2},
	}
	for _, s := range steps {
		s.change()
		if got := r.Record().Seq(); got != s.seq {
			t.Errorf("%s: sequence %d, want %d", s.name, got-first, s.seq-first)
		}
	}
	if len(saved) != 3 || saved[2] != first+2 || signed != 3 {
		t.Errorf("saved %v, signed %d times", saved, signed)
	}

	again := newRecord(t, Config{Sequence: first + 2})
	if got := again.Record().Seq(); got != first+3 {
		t.Errorf("after a restart: sequence %d, want 3", got-first)
	}
}

// TestSequenceAfterALostWrite: the sequence of a run that was killed before it could save it is below
// that of the next run, whose clock is later; and a clock that was set back does not lower it.
func TestSequenceAfterALostWrite(t *testing.T) {
	saved := uint64(start.UnixMilli())
	killed := newRecord(t, Config{Sequence: saved, Save: func(uint64) {}})
	var published uint64
	for port := range uint16(500) { // a change each other millisecond
		killed.SetTCP(port + 1)
		published = killed.Record().Seq()
	}
	next := newRecord(t, Config{Sequence: saved, Start: start.Add(time.Second)})
	if seq := next.Record().Seq(); seq <= published {
		t.Errorf("sequence %d after a kill, and %d was published", seq, published)
	}
	back := newRecord(t, Config{Sequence: published, Start: start.Add(-time.Hour)})
	if seq := back.Record().Seq(); seq != published+1 {
		t.Errorf("sequence %d with the clock set back, want %d", seq, published+1)
	}
}

func TestWhatIsSaid(t *testing.T) {
	for _, test := range []struct {
		name string
		set  func(*Record)
		want string
	}{
		{"nothing", func(*Record) {}, "invalid IP tcp 0 udp 0"},
		{"ports alone", func(r *Record) { r.SetTCP(1); r.SetUDP(2) }, "invalid IP tcp 1 udp 2"},
		{"a fallback", func(r *Record) { r.SetTCP(1); r.SetUDP(2); r.SetFallback(addr("127.0.0.1")) }, "127.0.0.1 tcp 1 udp 2"},
		{"an external address", func(r *Record) {
			r.SetTCP(1)
			r.SetUDP(2)
			r.SetFallback(addr("127.0.0.1"))
			r.SetExternal(addr("203.0.113.7"), 0, 0)
		}, "203.0.113.7 tcp 1 udp 2"},
		{"external ports", func(r *Record) { r.SetTCP(1); r.SetUDP(2); r.SetExternal(addr("203.0.113.7"), 11, 12) }, "203.0.113.7 tcp 11 udp 12"},
		{"external ports of what is not bound", func(r *Record) { r.SetUDP(2); r.SetExternal(addr("203.0.113.7"), 11, 0) }, "203.0.113.7 tcp 0 udp 2"},
		{"a withdrawn address", func(r *Record) {
			r.SetTCP(1)
			r.SetUDP(2)
			r.SetFallback(addr("127.0.0.1"))
			r.SetExternal(addr("203.0.113.7"), 11, 12)
			r.SetExternal(addr("2001:db8::1"), 11, 12)
			r.SetExternal(netip.Addr{}, 0, 0)
		}, "127.0.0.1 tcp 1 udp 2"},
		{"both kinds", func(r *Record) {
			r.SetTCP(1)
			r.SetUDP(2)
			r.SetFallback(addr("127.0.0.1"))
			r.SetExternal(addr("2001:db8::1"), 0, 12)
		}, "127.0.0.1 tcp 1 udp 2 · 2001:db8::1 tcp 1 udp 12"},
		{
			"IPv6 alone", func(r *Record) { r.SetTCP(1); r.SetUDP(2); r.SetExternal(addr("2001:db8::1"), 11, 12) },
			"2001:db8::1 tcp 11 udp 12 · 2001:db8::1 tcp 11 udp 12",
		},
		{"a fork", func(r *Record) { r.SetEth([4]byte{0xfc, 0x64, 0xec, 4}, 1150000) }, "invalid IP tcp 0 udp 0 · fc64ec04 1150000"},
	} {
		r := newRecord(t, Config{})
		test.set(r)
		if got := says(r.Record()); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

// TestEachChangeIsSeen by the next reader of the record; what changes nothing costs no signature.
func TestEachChangeIsSeen(t *testing.T) {
	signed := 0
	r := newRecord(t, Config{Signed: func(*enr.Record) { signed++ }})
	for i, test := range []struct {
		name string
		set  func()
		want string
	}{
		{"TCP", func() { r.SetTCP(1) }, "invalid IP tcp 1 udp 0"},
		{"UDP", func() { r.SetUDP(2) }, "invalid IP tcp 1 udp 2"},
		{"a fallback", func() { r.SetFallback(addr("127.0.0.1")) }, "127.0.0.1 tcp 1 udp 2"},
		{"an external address", func() { r.SetExternal(addr("203.0.113.7"), 0, 0) }, "203.0.113.7 tcp 1 udp 2"},
		{"its TCP port", func() { r.SetExternal(addr("203.0.113.7"), 11, 0) }, "203.0.113.7 tcp 11 udp 2"},
		{"its UDP port", func() { r.SetExternal(addr("203.0.113.7"), 11, 12) }, "203.0.113.7 tcp 11 udp 12"},
		{"of the other kind", func() { r.SetExternal(addr("2001:db8::1"), 11, 12) }, "203.0.113.7 tcp 11 udp 12 · 2001:db8::1 tcp 11 udp 12"},
		{"withdrawn", func() { r.SetExternal(netip.Addr{}, 0, 0) }, "127.0.0.1 tcp 1 udp 2"},
		{"one kind", func() { r.SetExternal(addr("2001:db8::1"), 0, 0) }, "127.0.0.1 tcp 1 udp 2 · 2001:db8::1 tcp 1 udp 2"},
		{"withdrawn, too", func() { r.SetExternal(netip.Addr{}, 0, 0) }, "127.0.0.1 tcp 1 udp 2"},
		{"others' word", func() { hosts(r, start, 0, enoughStatements, "203.0.113.9:9") }, "203.0.113.9 tcp 1 udp 9"},
		{"a fork", func() { r.SetEth([4]byte{1}, 5) }, "203.0.113.9 tcp 1 udp 9 · 01000000 5"},
		{"the next fork", func() { r.SetEth([4]byte{1}, 6) }, "203.0.113.9 tcp 1 udp 9 · 01000000 6"},
	} {
		for range 2 {
			test.set()
			if got := says(r.Record()); got != test.want || signed != i+1 {
				t.Errorf("%s: %s, want %s; signed %d times, want %d", test.name, got, test.want, signed, i+1)
			}
		}
	}
}

// hosts states an endpoint by as many hosts, each in a network of its own, of the endpoint's family and scope.
func hosts(r *Record, now time.Time, first, n int, seen string) {
	at := netip.MustParseAddrPort(seen)
	for i := range n {
		by := netip.AddrFrom4([4]byte{80, byte(first + i), 0, 1})
		switch local := Private(at.Addr()); {
		case at.Addr().Is6() && local:
			by = netip.AddrFrom16([16]byte{0xfd, 15: byte(first + i)})
		case at.Addr().Is6():
			by = netip.AddrFrom16([16]byte{0x2a, byte(first + i), 15: 1})
		case local:
			by = netip.AddrFrom4([4]byte{10, 0, 0, byte(first + i)})
		}
		r.OnStatement(now, by, at)
	}
}

func TestPrediction(t *testing.T) {
	for _, test := range []struct {
		name  string
		state func(*Record)
		want  string
	}{
		{"nine are not enough", func(r *Record) { hosts(r, start, 0, 9, "203.0.113.7:40000") }, "127.0.0.1 tcp 1 udp 2"},
		{"ten are, and name the port", func(r *Record) { hosts(r, start, 0, 10, "203.0.113.7:40000") }, "203.0.113.7 tcp 1 udp 40000"},
		{"ten of one network are one", func(r *Record) {
			hosts(r, start, 100, 8, "203.0.113.7:40000")
			for i := range 100 {
				r.OnStatement(start, netip.AddrFrom4([4]byte{80, 1, 1, byte(i)}), netip.MustParseAddrPort("203.0.113.7:40000"))
			}
		}, "127.0.0.1 tcp 1 udp 2"},
		{"who states twice counts once", func(r *Record) {
			hosts(r, start, 0, 9, "203.0.113.7:40000")
			hosts(r, start, 0, 9, "203.0.113.7:40000")
		}, "127.0.0.1 tcp 1 udp 2"},
		{"the majority counts", func(r *Record) {
			hosts(r, start, 0, 10, "203.0.113.7:40000")
			hosts(r, start, 100, 11, "203.0.113.8:40000")
		}, "203.0.113.8 tcp 1 udp 40000"},
		{"a draw changes nothing", func(r *Record) {
			hosts(r, start, 0, 10, "203.0.113.7:40000")
			hosts(r, start, 100, 10, "203.0.113.8:40000")
		}, "203.0.113.7 tcp 1 udp 40000"},
		{"whoever spoke last", func(r *Record) {
			hosts(r, start, 0, 10, "203.0.113.7:40000")
			hosts(r, start, 100, 10, "203.0.113.8:40000")
			hosts(r, start, 0, 10, "203.0.113.7:40000")
		}, "203.0.113.7 tcp 1 udp 40000"},
		{"what was said long ago does not count", func(r *Record) {
			hosts(r, start, 0, 10, "203.0.113.7:40000")
			hosts(r, start.Add(5*time.Minute), 100, 1, "203.0.113.8:40000")
		}, "127.0.0.1 tcp 1 udp 2"},
		{"what was said just less than five minutes ago does", func(r *Record) {
			hosts(r, start, 0, 10, "203.0.113.7:40000")
			hosts(r, start.Add(5*time.Minute-time.Second), 100, 1, "203.0.113.8:40000")
		}, "203.0.113.7 tcp 1 udp 40000"},
		{"who changes its mind counts for the new", func(r *Record) {
			hosts(r, start, 0, 10, "203.0.113.7:40000")
			hosts(r, start, 0, 10, "203.0.113.8:40000")
		}, "203.0.113.8 tcp 1 udp 40000"},
		{"the operator knows better", func(r *Record) {
			hosts(r, start, 0, 10, "203.0.113.7:40000")
			r.SetExternal(addr("198.51.100.1"), 0, 0)
		}, "198.51.100.1 tcp 1 udp 2"},
		{"nonsense is no statement", func(r *Record) {
			for _, seen := range []string{"0.0.0.0:1", "203.0.113.7:0", "224.0.0.1:1", "[ff02::1]:1"} {
				hosts(r, start, 0, 10, seen)
			}
		}, "127.0.0.1 tcp 1 udp 2"},
		{
			"IPv6 has its own", func(r *Record) { hosts(r, start, 0, 10, "[2001:db8::7]:40000") },
			"127.0.0.1 tcp 1 udp 2 · 2001:db8::7 tcp 1 udp 40000",
		},
	} {
		r := newRecord(t, Config{})
		r.SetTCP(1)
		r.SetUDP(2)
		r.SetFallback(addr("127.0.0.1"))
		test.state(r)
		if got := says(r.Record()); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestStatementsAreBounded(t *testing.T) {
	r := newRecord(t, Config{})
	for i := range 10 * 512 {
		r.OnStatement(start, netip.AddrFrom4([4]byte{80 + byte(i>>8), byte(i), 0, 1}), netip.MustParseAddrPort("203.0.113.7:1"))
	}
	if n := r.v4.statements.by.Len(); n != 512 {
		t.Errorf("%d statements, want %d", n, 512)
	}
}

func TestPrivate(t *testing.T) {
	for ip, want := range map[string]bool{
		"127.0.0.1": true, "::1": true, "10.1.2.3": true, "192.168.0.1": true, "172.31.255.255": true, "100.64.0.1": true,
		"169.254.1.1": true, "fe80::1%eth0": true, "fd00::1": true, "::ffff:10.0.0.1": true, "0.0.0.0": true,
		"8.8.8.8": false, "100.128.0.1": false, "172.32.0.1": false, "2001:db8::1": false,
	} {
		if got := Private(addr(ip)); got != want {
			t.Errorf("%s: %v", ip, got)
		}
	}
}

// TestAnySequenceOfChanges: the sequence rises exactly when what is said changes, and the
// record is always one that others accept.
func TestAnySequenceOfChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := newRecord(t, Config{})
		last, now := r.Record(), start
		ips := rapid.SampledFrom([]netip.Addr{addr("127.0.0.1"), addr("203.0.113.7"), addr("2001:db8::1"), addr("::1")})
		port := rapid.Uint16Range(0, 3)
		for range rapid.IntRange(1, 15).Draw(t, "steps") {
			switch rapid.IntRange(0, 5).Draw(t, "step") {
			case 0:
				r.SetTCP(port.Draw(t, "tcp"))
			case 1:
				r.SetUDP(port.Draw(t, "udp"))
			case 2:
				r.SetFallback(ips.Draw(t, "fallback"))
			case 3:
				r.SetExternal(ips.Draw(t, "external"), port.Draw(t, "tcp"), port.Draw(t, "udp"))
			case 4:
				r.SetEth([4]byte{byte(port.Draw(t, "hash"))}, 7)
			case 5:
				now = now.Add(time.Minute)
				hosts(r, now, 0, 10, netip.AddrPortFrom(ips.Draw(t, "seen"), 1+port.Draw(t, "port")).String())
			}
			next := r.Record()
			if changed := !same(last, next); changed != (next.Seq() == last.Seq()+1) || !changed && next != last {
				t.Fatalf("%s (%d) became %s (%d)", says(last), last.Seq(), says(next), next.Seq())
			}
			if _, err := enr.Decode(next.Raw()); err != nil {
				t.Fatal(err)
			}
			last = next
		}
	})
}
