// SPDX-License-Identifier: Apache-2.0

package v5

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/discover/v5wire"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/test/script"
)

// TestScripts plays testdata/*.txt: dialogues between engines, which are what is tested, and
// clients, which are a codec each and do what the script says.
//
//	engine NAME ADDRESS [BOOTNODE…]    begins
//	client NAME ADDRESS [ADDRESS2]     its record says ADDRESS; NAME@2 is the client at the other one
//	nowhere NAME ADDRESS               a client with a record that has no address
//	records NAME COUNT                 records of NAME1, NAME2, …; none of them runs
//	record NAME SEQ [ADDRESS]          a new record
//	CLIENT say|prove NODE MESSAGE      in the session, or as the answer to the challenge that came last
//	auto CLIENT                        answers pings, and other requests with its record, from now on
//	CLIENT challenge NODE              says that it cannot read the packet that came last
//	CLIENT lose NODE                   likewise, but that is lost on the way
//	CLIENT forge NODE                  a challenge that names no packet
//	CLIENT noise|mangle NODE           what is no packet, or no message
//	ENGINE ping|record|find|talk NODE … and ENGINE lookup NODE, ENGINE next, ENGINE enough
//	ENGINE table, ENGINE sessions
//	at TIME                            the clock moves; what is due happens
//
// Messages: ping ID; pong ID SEQ ENDPOINT; findnode ID DISTANCES; nodes ID TOTAL RECORD…; talk
// ID PROTOCOL [DATA]; answer ID [DATA]. An ID is hexadecimal, – for none, r1, r2, … for those
// that engines drew. A distance is a number or a node. A record is NODE[#SEQ][@ADDRESS], or
// forged. Nonces are n1, n2, … in the order in which packets were sent.
func TestScripts(t *testing.T) {
	script.Run(t, "testdata/*.txt", func(t *testing.T) func([]string) string { return newPlayer(t).run })
}

func newPlayer(t *testing.T) *player {
	return &player{
		t: t, now: epoch, nodes: make(map[string]*actor), at: make(map[netip.AddrPort]*actor),
		nonces: make(map[v5wire.Nonce]string), ids: make(map[v5wire.RequestID]string),
	}
}

var epoch = time.Unix(1e9, 0)

type player struct {
	t      *testing.T
	now    time.Time
	nodes  map[string]*actor
	line   []*actor // in the order in which they came
	at     map[netip.AddrPort]*actor
	flying []flight // datagrams on their way
	flown  []flight // all that have arrived
	nonces map[v5wire.Nonce]string
	ids    map[v5wire.RequestID]string
	out    strings.Builder
}

type flight struct {
	from, to netip.AddrPort
	b        []byte
}

// An actor is an engine, a client, or only a record.
type actor struct {
	name   string
	key    int
	id     enr.ID
	addrs  []netip.AddrPort
	record *enr.Record
	m      *machine      // of an engine
	codec  *v5wire.Codec // of an engine or a client

	challenge *v5wire.Challenge // that came last
	bytes     string            // of it
	auto      bool              // answers pings, and with its record
	last      v5wire.Packet     // that came and is no challenge
	lastFrom  netip.AddrPort    // where it came from
}

func (p *player) run(words []string) string {
	p.t.Helper()
	p.out.Reset()
	p.command(words)
	p.deliver()
	for _, a := range p.line {
		if a.m != nil {
			if err := a.m.checkInvariants(); err != nil {
				p.t.Fatalf("after %v: %v", words, err)
			}
		}
	}
	return p.out.String()
}

func (p *player) printf(format string, args ...any) {
	if d := p.now.Sub(epoch); d > 0 {
		fmt.Fprintf(&p.out, "%v ", d)
	}
	fmt.Fprintf(&p.out, format+"\n", args...)
}

func (p *player) command(words []string) {
	switch words[0] {
	case "engine", "client", "nowhere":
		p.join(words[0], words[1], words[2:])
	case "records":
		count, _ := strconv.Atoi(words[2])
		for i := range count {
			p.join("record", words[1]+strconv.Itoa(i+1), []string{fmt.Sprintf("34.9.%d.1:30303", i)})
		}
	case "record":
		a := p.node(words[1])
		seq, _ := strconv.ParseUint(words[2], 10, 64)
		a.record = testRecord(p.t, testKey(p.t, a.key), seq, p.address(a, words[3:]))
		if a.m == nil {
			a.codec.SetRecord(a.record)
		}
	case "auto":
		p.node(words[1]).auto = true
	case "at":
		p.clock(words[1])
	default:
		name, port, other := strings.Cut(words[0], "@")
		a := p.node(name)
		if a.m != nil {
			p.engine(a, words[1], words[2:])
			return
		}
		from := a.addrs[0]
		if n, _ := strconv.Atoi(port); other {
			from = a.addrs[n-1]
		}
		p.client(a, from, words[1], words[2:])
	}
}

func (p *player) address(a *actor, words []string) netip.AddrPort {
	if len(words) > 0 {
		return netip.MustParseAddrPort(words[0])
	}
	return a.addrs[0]
}

func (p *player) node(name string) *actor {
	p.t.Helper()
	a := p.nodes[name]
	if a == nil {
		p.t.Fatalf("nobody is named %q", name)
	}
	return a
}

func (p *player) join(kind, name string, args []string) {
	a := &actor{name: name, key: len(p.line) + 1, addrs: []netip.AddrPort{netip.MustParseAddrPort(args[0])}}
	key, random := testKey(p.t, a.key), rand.NewChaCha8([32]byte{byte(a.key)})
	a.id = enr.IDOf(key.Public())
	p.nodes[name], p.line = a, append(p.line, a)
	var stated netip.AddrPort
	if kind != "nowhere" {
		stated = a.addrs[0]
	}
	a.record = testRecord(p.t, key, 1, stated)
	switch kind {
	case "engine":
		cfg := Config{Key: key, Rand: random, Self: func() *enr.Record { return a.record }, Conn: flyer{p, a}}
		for _, b := range args[1:] {
			cfg.Bootnodes = append(cfg.Bootnodes, p.node(b).record.Node())
		}
		cfg.Stated = func(_ time.Time, by netip.Addr, at netip.AddrPort) {
			p.printf("%s hears that it is at %v, by %v", name, at, by)
		}
		cfg.Stored = func(_ time.Time, n enr.Node) { p.printf("%s stores %s", name, p.name(n.ID())) }
		cfg.Talk = map[string]TalkHandler{"echo": func(_ enr.ID, _ netip.AddrPort, data []byte) []byte { return data }}
		a.m = newMachine(p.now, cfg)
		a.codec = a.m.codec
		a.m.onTick(p.now)
	case "client", "nowhere":
		a.codec = v5wire.NewCodec(random, key, a.record)
		for _, other := range args[1:] {
			a.addrs = append(a.addrs, netip.MustParseAddrPort(other))
		}
	}
	if a.codec != nil {
		for _, at := range a.addrs {
			p.at[at] = a
		}
	}
}

// A flyer is an engine's socket.
type flyer struct {
	p *player
	a *actor
}

// WriteToUDPAddrPort implements Conn.
func (f flyer) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	f.p.flying = append(f.p.flying, flight{f.a.addrs[0], to, append([]byte(nil), b...)})
	return len(b), nil
}

// deliver brings what was sent to where it was sent to, and so on.
func (p *player) deliver() {
	for len(p.flying) > 0 {
		f := p.flying[0]
		p.flying, p.flown = p.flying[1:], append(p.flown, f)
		from, to := p.at[f.from], p.at[f.to]
		if to == nil {
			p.printf("%s > nobody at %v", p.endpoint(f.from), f.to)
			continue
		}
		packet, err := to.codec.Decode(p.now, f.from, f.b)
		what := p.show(from, to, f, packet, err)
		p.printf("%s > %s %s", p.endpoint(f.from), p.endpoint(f.to), what)
		if to.m != nil && err == nil {
			to.m.sync()
			to.m.onPacket(p.now, f.from, packet)
		}
		if to.auto && err == nil {
			p.reply(to, from, f, packet.Message)
		}
	}
}

func (p *player) show(from, to *actor, f flight, packet v5wire.Packet, err error) (what string) {
	switch {
	case err != nil:
		return "dropped: " + err.Error()
	case packet.Challenge != nil:
		what = fmt.Sprintf("who are you? about %s, we have #%d", p.nonce(packet.Nonce), packet.Challenge.ENRSeq)
		if to.bytes == string(f.b) {
			what += ", the same bytes"
		}
		to.challenge, to.bytes = packet.Challenge, string(f.b)
		return what
	}
	to.last, to.lastFrom = packet, f.from
	if packet.Message == nil {
		return "unreadable " + p.nonce(packet.Nonce)
	}
	what = p.message(packet.Message)
	if packet.Record != nil {
		what += fmt.Sprintf(", and proves to be %s#%d", p.name(packet.From), packet.Record.Seq())
	}
	if packet.From != from.id {
		what += ", as " + p.name(packet.From)
	}
	return what
}

func (p *player) nonce(n v5wire.Nonce) string {
	if p.nonces[n] == "" {
		p.nonces[n] = "n" + strconv.Itoa(len(p.nonces)+1)
	}
	return p.nonces[n]
}

func (p *player) name(id enr.ID) string {
	for _, a := range p.line {
		if a.id == id {
			return a.name
		}
	}
	return id.Short()
}

// endpoint names the actor that is at an address.
func (p *player) endpoint(at netip.AddrPort) string {
	a := p.at[at]
	for i, other := range a.addrs[1:] {
		if other == at {
			return fmt.Sprintf("%s@%d", a.name, i+2)
		}
	}
	return a.name
}

func (p *player) clock(to string) {
	d, err := time.ParseDuration(to)
	if err != nil {
		p.t.Fatal(err)
	}
	end := epoch.Add(d)
	for {
		next := end
		for _, a := range p.line {
			if a.m != nil {
				if at := a.m.deadline(); !at.IsZero() && at.Before(next) {
					next = at
				}
			}
		}
		p.now = next
		for _, a := range p.line {
			if a.m != nil {
				a.m.onTick(p.now)
			}
		}
		p.deliver()
		if !p.now.Before(end) {
			return
		}
	}
}
