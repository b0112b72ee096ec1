// SPDX-License-Identifier: Apache-2.0

package nat

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

var lo = netip.MustParsePrefix("127.0.0.1/8")

func TestParseAnswer(t *testing.T) {
	const good = "HTTP/1.1 200 OK\r\nST: x\r\nLOCATION: http://127.0.0.1:5000/desc.xml\r\n\r\n"
	for text, want := range map[string]string{
		good: "http://127.0.0.1:5000/desc.xml",
		strings.Replace(good, "http:", "https:", 1):              "",
		strings.Replace(good, "http:", "file:", 1):               "",
		strings.Replace(good, "127.0.0.1", "127.0.0.2", 1):       "",
		strings.Replace(good, "127.0.0.1", "localhost", 1):       "",
		strings.Replace(good, "127.0.0.1", "a@127.0.0.1:1@b", 1): "",
		strings.Replace(good, "LOCATION", "Elsewhere", 1):        "",
		strings.Replace(good, "http://", "http://%zz", 1):        "",
		strings.Replace(good, "200 OK", "404 Not Found", 1):      "",
		"":                                    "",
		"NOTIFY * HTTP/1.1\r\n\r\n":           "",
		"HTTP/1.1 200 OK\r\n" + good[:20]:     "",
		"\x00\x01\x02":                        "",
		good + "and a body that nobody wants": "http://127.0.0.1:5000/desc.xml",
	} {
		u, err := parseAnswer([]byte(text), loopback, lo)
		if want == "" && err == nil || want != "" && (err != nil || u.String() != want) {
			t.Errorf("%q: %v, %v; want %q", text, u, err, want)
		}
	}
	if u, err := parseAnswer([]byte(good), loopback, netip.MustParsePrefix("192.168.1.7/24")); err == nil {
		t.Errorf("%v is in another network", u)
	}
}

func FuzzParseAnswer(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nLOCATION: http://127.0.0.1:5000/desc.xml\r\n\r\n"))
	f.Add([]byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"))
	f.Fuzz(func(t *testing.T, datagram []byte) {
		if u, err := parseAnswer(datagram, loopback, lo); err == nil && (u.Hostname() != "127.0.0.1" || u.Scheme != "http") {
			t.Errorf("%v", u)
		}
	})
}

// TestSearch finds a device on loopback, among answers that lead nowhere, and has it tell
// its address.
func TestSearch(t *testing.T) {
	d := newIGD(t, map[string]string{ip1: "34.1.1.1"})
	g, err := surroundings{networks: []netip.Prefix{lo}, group: d.listen()}.findUPnP(t.Context())
	if err != nil || g.String() != "the UPnP gateway 127.0.0.1" {
		t.Fatal(g, err)
	}
	if ip, err := g.ExternalIP(t.Context()); err != nil || ip.String() != "34.1.1.1" {
		t.Errorf("%v, %v", ip, err)
	}
}

// listen answers searches, and has others answer, too.
func (d *igd) listen() netip.AddrPort {
	return serve(d.t, "127.0.0.1:0", func(r []byte) [][]byte {
		text := string(r)
		if !strings.HasPrefix(text, "M-SEARCH * HTTP/1.1\r\n") || !strings.HasSuffix(text, "\r\n\r\n") {
			d.t.Errorf("searched by %q", text)
		}
		if !strings.Contains(text, "WANPPP") {
			return nil
		}
		return [][]byte{
			[]byte("garbage"),
			[]byte("HTTP/1.1 200 OK\r\nLocation: http://127.0.0.9:1/\r\n\r\n"),
			[]byte("HTTP/1.1 200 OK\r\nLocation: http://127.0.0.1:1/\r\n\r\n"),
			fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nLocation: %v\r\n\r\n", d.location()),
		}
	})
}

// TestSearchBounds: however many devices answer, few are looked at, each once.
func TestSearchBounds(t *testing.T) {
	t.Parallel()
	const all = 3 * maxLocations
	group := serve(t, "127.0.0.1:0", func([]byte) (answers [][]byte) {
		for i := range all {
			answers = append(answers, fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nLocation: http://127.0.0.1:%d/\r\n\r\n", 1+i))
		}
		return answers
	})
	looked := map[string]int{}
	g, err := search(t.Context(), lo, group, func(u *url.URL) (Gateway, error) {
		looked[u.Host]++
		return nil, errors.New("none")
	})
	if g != nil || err == nil || len(looked) != maxLocations {
		t.Errorf("%v, %v; looked at %v", g, err, looked)
	}
	for host, n := range looked {
		if n != 1 {
			t.Errorf("looked at %s %d times", host, n)
		}
	}
}

// TestSearchEnds with ctx, whatever it is at: the first of three datagrams ends it, so that
// some of these searches are still sending and others listen already.
func TestSearchEnds(t *testing.T) {
	for range 100 {
		t.Run("", func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			group := serve(t, "127.0.0.1:0", func([]byte) [][]byte { cancel(); return nil })
			g, err := search(ctx, lo, group, func(*url.URL) (Gateway, error) { return nil, errors.New("none") })
			if g != nil || !errors.Is(err, context.Canceled) {
				t.Errorf("%v, %v", g, err)
			}
		})
	}
}

// TestSearchWithoutAnswer ends by itself, with what was wrong last.
func TestSearchWithoutAnswer(t *testing.T) {
	t.Parallel()
	group := serve(t, "127.0.0.1:0", func([]byte) [][]byte {
		return [][]byte{[]byte("HTTP/1.1 200 OK\r\nLocation: http://127.0.0.1:1/\r\n\r\n")}
	})
	tried := 0
	g, err := search(t.Context(), lo, group, func(*url.URL) (Gateway, error) {
		tried++
		return nil, errors.New("it is a lamp")
	})
	if g != nil || err == nil || err.Error() != "it is a lamp" || tried != 1 {
		t.Errorf("%v, %v after %d", g, err, tried)
	}
}
