// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/crawl"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/probe"
)

// aVisit is a visit with every field.
func aVisit(t *testing.T) *crawl.Visit {
	t.Helper()
	key, err := ecc.ParsePrivateKey([]byte{31: 1})
	if err != nil {
		t.Fatal(err)
	}
	var b enr.Builder
	b.SetIP(netip.MustParseAddr("203.0.113.7"))
	b.SetTCP(30303)
	b.SetUDP(30301)
	b.SetEth([4]byte{0xfc, 0x64, 0xec, 4}, 1150000)
	r, err := b.Sign(key, 7)
	if err != nil {
		t.Fatal(err)
	}
	return &crawl.Visit{
		Node: r.Node(), Answered: true, Told: make([]enr.Node, 3),
		Probe: &probe.Answer{
			Addr: netip.MustParseAddrPort("203.0.113.7:30303"), Stage: "eth", Client: "Geth/v1.17.8\x1b[2J/linux",
			Took: probe.Times{Dial: 1500 * time.Microsecond, RLPx: 2 * time.Millisecond, Hello: 3 * time.Millisecond},
			Caps: []p2p.Cap{{Name: "eth", Version: 69}, {Name: "snap", Version: 1}}, Eth: 69,
			Status: &wire.Status{NetworkID: 1, Latest: 9, Earliest: 2},
		},
	}
}

// TestVisitsAreLines: the output has the fields of docs/crawl.md.
func TestVisitsAreLines(t *testing.T) {
	var b strings.Builder
	silent := *aVisit(t)
	silent.Node.Record, silent.Node.IP, silent.Node.Host, silent.Answered, silent.Told = nil, netip.Addr{}, "boot.example.org", false, nil
	silent.Probe = &probe.Answer{Stage: "dial", Err: errors.New("connection refused"), Reason: ""}
	full := *aVisit(t)
	full.Probe.Reason = "too many peers"
	full.Probe.Eth, full.Probe.Status = 0, nil
	alone := *aVisit(t)
	alone.Probe = nil
	p := program{out: &b}
	unnamed := crawl.Visit{Node: silent.Node, Err: errors.New("lookup boot.example.org: no such host")}
	for _, v := range []*crawl.Visit{aVisit(t), &full, &silent, &alone, &unnamed} {
		if err := p.show(&settings{}, visitFields(v)); err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "crawl-lines.golden", strings.ReplaceAll(b.String(), aKey, "KEY"))
}

// TestReportIsTables: at most twenty rows each, and nothing that moves a terminal's cursor.
func TestReportIsTables(t *testing.T) {
	many := map[string]int{"evil\x1b[2J": 100}
	for i := range 25 {
		many[fmt.Sprintf("client %02d", i)] = 30 - i
	}
	r := &crawl.Report{
		Known: 120_000, Visited: 30, Answered: 20, Reached: 10, Beyond: 7,
		Clients: many, Eth: map[string]int{"69 68": 2}, Forks: map[string]int{"no record": 4, "no eth entry": 5},
		Networks: map[string]int{"1 mainnet": 6}, Reach: map[string]int{"silent": 1},
	}
	var b strings.Builder
	for _, probed := range []bool{true, false} {
		if err := printReport(&b, r, probed); err != nil {
			t.Fatal(err)
		}
		r.Beyond = 0
		b.WriteString("\n----\n")
	}
	golden(t, "crawl-tables.golden", b.String())
}

// TestProgress: one line of the terminal that standard error goes to, no wider than it, drawn
// five times a second at most and wiped at the end; nothing anywhere else.
func TestProgress(t *testing.T) {
	now := crawl.Progress{Known: 1000, Visited: 100, Answered: 50, Reached: 25}
	for name, c := range map[string]struct {
		people bool
		width  int // 0 = no terminal
		term   string
		want   string
	}{
		"wide":       {true, 80, "xterm", "\r\x1b[K1000 nodes known, 100 asked, 50 answer, 25 shake hands; 100 a second"},
		"exact":      {true, 69, "xterm", "\r\x1b[K1000 nodes known, 100 asked, 50 answer, 25 shake hands; 100 a second"},
		"one less":   {true, 68, "xterm", "\r\x1b[K1000 nodes known, 100 asked, 50 answer, 25 shake hands; 100 a secon"},
		"narrow":     {true, 10, "xterm", "\r\x1b[K1000 node"},
		"unknown":    {true, -1, "xterm", "\r\x1b[K1000 nodes known, 100 asked, 50 answer, 25 shake hands; 100 a second"},
		"dumb":       {true, 80, "dumb", ""},
		"redirected": {true, 0, "xterm", ""},
		"lines":      {false, 80, "xterm", ""},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Test(t, func(t *testing.T) {
				var out strings.Builder
				p := program{err: &out, env: map[string]string{"TERM": c.term}}
				if c.width != 0 {
					p.errs = &screen{width: func() int { return max(c.width, 0) }}
				}
				l := p.progressLine(c.people)
				l.clear() // of an empty line
				time.Sleep(time.Second)
				l.draw(now)
				time.Sleep(redraw - 1)
				l.draw(crawl.Progress{}) // too soon
				if out.String() != c.want {
					t.Errorf("%q, want %q", out.String(), c.want)
				}
				l.clear()
				l.clear()
				if want := c.want + strings.Repeat("\r\x1b[K", min(len(c.want), 1)); out.String() != want {
					t.Errorf("wiped: %q, want %q", out.String(), want)
				}
				time.Sleep(time.Nanosecond)
				if l.draw(now); c.want != "" && strings.Count(out.String(), "1000 node") != 2 {
					t.Errorf("drawn again: %q", out.String())
				}
			})
		})
	}
}

// TestOneOfEach: numbers and their words agree.
func TestOneOfEach(t *testing.T) {
	var b strings.Builder
	if err := printReport(&b, &crawl.Report{Known: 1, Visited: 1, Answered: 1, Reached: 1, Beyond: 1}, false); err != nil {
		t.Fatal(err)
	}
	got, _, _ := strings.Cut(b.String(), "\n\n")
	if want := "1 node known, 1 asked, 1 answers discovery, 1 shakes hands\n1 more was too many"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	got = progressText(crawl.Progress{Known: 1, Visited: 1, Answered: 1, Reached: 1}, time.Second)
	if want := "1 node known, 1 asked, 1 answers, 1 shakes hands; 1 a second"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// crawls runs a crawl of the embedded network inside the test, on a terminal or a pipe.
func crawls(t *testing.T, out io.Writer, on func(*program), args ...string) (code int, stderr string) {
	t.Helper()
	var errs text
	p := program{out: out, err: &errs, signals: func() <-chan os.Signal { return nil }}
	on(&p)
	code = p.run(append([]string{"crawl", "--chain", "dev"}, args...))
	return code, errs.String()
}

// TestCrawlOnATerminal ends with tables; a disk that is full, and a reader that leaves, end it.
func TestCrawlOnATerminal(t *testing.T) {
	var out strings.Builder
	terminal := func(p *program) {
		p.screen = &screen{width: func() int { return 40 }}
		p.errs = p.screen
	}
	code, stderr := crawls(t, &out, terminal)
	if code != exitOK || !strings.Contains(out.String(), "says its Status") || !strings.Contains(out.String(), "   nodes  client") || strings.Contains(out.String(), "\x1b") {
		t.Errorf("exit %d, %s, %s", code, out.String(), stderr)
	}
	for line := range strings.SplitSeq(stderr, "\r\x1b[K") {
		if len(line) >= 40 {
			t.Errorf("%d columns of progress: %q", len(line), line)
		}
	}
	for _, c := range endsOfOutput {
		for _, on := range []func(*program){terminal, func(*program) {}} {
			code, stderr := crawls(t, failing{c.err}, on)
			if said := strings.Split(stderr, "\r\x1b[K"); code != c.code || said[len(said)-1] != c.stderr {
				t.Errorf("%v: exit %d, %q; want %d, %q", c.err, code, stderr, c.code, c.stderr)
			}
		}
	}
}
