// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/memnet"
)

func addrs(texts ...string) (all []netip.Addr) {
	for _, text := range texts {
		all = append(all, netip.MustParseAddr(text))
	}
	return all
}

// The host name of a static node has several addresses, and the node is at one of them. One dial tries all,
// and the next dial begins with the address that worked.
func TestHostNameWithSeveralAddresses(t *testing.T) {
	for _, test := range []struct {
		name    string
		other   string // the result at the other addresses
		lookup  []netip.Addr
		at      string
		dialled []string
	}{
		{"the second", "nothing", addrs("2a01:4f8::1", "9.9.9.2"), "9.9.9.2", []string{"2a01:4f8::1", "9.9.9.2", "9.9.9.2"}},
		{"the second, and another server at the first", "server", addrs("2a01:4f8::1", "9.9.9.2"), "9.9.9.2", []string{"2a01:4f8::1", "9.9.9.2", "9.9.9.2"}},
		{"the second, and no route to the first", "no route", addrs("2a01:4f8::1", "9.9.9.2"), "9.9.9.2", []string{"2a01:4f8::1", "9.9.9.2", "9.9.9.2"}},
		{"the first", "nothing", addrs("9.9.9.2", "2a01:4f8::1"), "9.9.9.2", []string{"9.9.9.2", "9.9.9.2"}},
		{
			"the sixth: the next dial goes on", "nothing", addrs("9.9.9.1", "9.9.9.2", "9.9.9.3", "9.9.9.4", "9.9.9.5", "9.9.9.6"), "9.9.9.6",
			[]string{"9.9.9.1", "9.9.9.2", "9.9.9.3", "9.9.9.4", "9.9.9.5", "9.9.9.6", "9.9.9.6"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble.Test(t, func(t *testing.T) {
				other := newBench(t, nil)
				static, streets := nodeAt(t, 1, ""), newStreets()
				static.Key, static.Host = other.key.Public(), "boot.example.org"
				streets.answer = func(_ context.Context, at netip.AddrPort) (net.Conn, error) {
					switch {
					case at.Addr().String() == test.at:
						return other.connect("127.0.0.9:30303"), nil
					case test.other == "server":
						ours, theirs := memnet.Pipe()
						theirs.Close()
						return ours, nil
					case test.other == "no route":
						return nil, errNoRoute
					}
					return nil, memnet.ErrRefused
				}
				b := newBench(t, func(c *Config) {
					c.Key, c.Static, c.Dial = aloneKey(t, static), []enr.Node{static}, streets.dial
					c.Lookup = func(context.Context, string) ([]netip.Addr, error) { return slices.Clone(test.lookup), nil }
				})
				time.Sleep(redialAfter + 2*time.Second) // in a bubble
				if n := len(b.Peers()); n != 1 {
					t.Fatalf("%d peers; dialled %v", n, streets.hosts())
				}
				other.RemovePeer(enr.IDOf(b.key.Public()))
				time.Sleep(redialAfter + 2*time.Second)
				got := streets.hosts()
				for len(got) > len(test.dialled) && got[len(got)-1] == test.at {
					got = got[:len(got)-1] // it came back before the other side noticed its end
				}
				if !slices.Equal(got, test.dialled) {
					t.Errorf("dialled %v, want %v", got, test.dialled)
				}
			})
		})
	}
}

// A record with addresses of both IP versions has two endpoints.
func TestStaticNodeWithTwoAddressesInItsRecord(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		var b enr.Builder
		b.SetIP(netip.MustParseAddr("9.9.9.1"))
		b.SetIP(netip.MustParseAddr("2a01:4f8::1"))
		b.SetTCP(30303)
		record, err := b.Sign(keyOf(t, 1), 1)
		if err != nil {
			t.Fatal(err)
		}
		streets := newStreets()
		newBench(t, func(c *Config) { c.Static, c.Dial = []enr.Node{record.Node()}, streets.dial })
		time.Sleep(time.Second) // in a bubble
		if got := streets.hosts(); len(got) != 2 || !slices.Contains(got, "9.9.9.1") || !slices.Contains(got, "2a01:4f8::1") {
			t.Errorf("dialled %v", got)
		}
	})
}

// onceFalse finds a node once, where it is not.
type onceFalse struct{ asked int }

func (r *onceFalse) Resolve(_ context.Context, n enr.Node) (enr.Node, bool) {
	if r.asked++; r.asked > 1 {
		return enr.Node{}, false
	}
	n.IP = netip.MustParseAddr("66.6.6.6")
	return n, true
}

// A wrong answer of the resolver does not replace the address that the operator gave.
func TestStaticNodeKeepsItsAddress(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		static, streets := nodeAt(t, 1, "9.9.9.9"), newStreets()
		newBench(t, func(c *Config) { c.Static, c.Dial, c.Resolver = []enr.Node{static}, streets.dial, &onceFalse{} })
		time.Sleep(time.Hour) // in a bubble
		home := 0
		for _, host := range streets.hosts() {
			if host == "9.9.9.9" {
				home++
			}
		}
		if home < 10 {
			t.Errorf("in an hour the operator's address was dialled %d times", home)
		}
	})
}

// A silent name server does not delay the end of the server, even if the system's resolver ignores its
// context.
func TestEndDuringALookup(t *testing.T) {
	silent, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	old := net.DefaultResolver
	defer func() { net.DefaultResolver = old }()
	asked := make(chan net.Conn, 100)
	over := make(chan struct{})
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		select {
		case <-over:
			return nil, net.ErrClosed
		default:
		}
		// A net.Dialer would read net.DefaultResolver, perhaps while the test puts the old one back.
		c, err := net.DialUDP("udp4", nil, silent.LocalAddr().(*net.UDPAddr))
		asked <- c
		return c, err
	}}
	static := nodeAt(t, 1, "")
	static.Host = "boot.example.org"
	s, err := New(Config{Key: keyOf(t, 2), Static: []enr.Node{static}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	first := <-asked
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(3 * time.Second): // a lookup takes 5 s and more
		t.Error("the lookup holds up the end")
	}
	close(over) // so that the system's resolver ends too
	first.Close()
	for len(asked) > 0 {
		(<-asked).Close()
	}
}

// 0.0.0.0 is all IPv4 addresses; [::] and an empty host are all addresses.
func TestListenNetwork(t *testing.T) {
	for listen, want := range map[string]string{
		"0.0.0.0:30303": "tcp4", "127.0.0.1:0": "tcp4", "[::]:30303": "tcp", "[::1]:0": "tcp", ":30303": "tcp", "localhost:1": "tcp",
	} {
		if got := tcpNetwork(listen); got != want {
			t.Errorf("%s: %s, want %s", listen, got, want)
		}
	}
	s, err := New(Config{Key: keyOf(t, 1), Listen: "0.0.0.0:0"})
	if err != nil {
		t.Fatal(err)
	}
	l, err := s.open()
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if at := l.Addr().(*net.TCPAddr); at.IP.To4() == nil {
		t.Errorf("listens at %v", at)
	}
}
