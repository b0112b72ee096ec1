// SPDX-License-Identifier: Apache-2.0

package v5

import (
	"net/netip"
	"strconv"
	"time"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/discover/v5wire"
	"github.com/ethpeer/ethpeer/enr"
)

// mangled is a message of an undefined kind.
type mangled struct{ v5wire.Message }

func (mangled) Kind() v5wire.Kind { return 9 }

// reply returns the message of a client that responds automatically.
func (p *player) reply(a, to *actor, f flight, message v5wire.Message) {
	var m v5wire.Message
	switch request := message.(type) {
	case *v5wire.Ping:
		m = &v5wire.Pong{ID: request.ID, ENRSeq: a.record.Seq(), IP: f.from.Addr(), Port: f.from.Port()}
	case *v5wire.Findnode:
		m = &v5wire.Nodes{ID: request.ID, Total: 1, Records: [][]byte{a.record.Raw()}}
	default:
		return
	}
	packet, nonce, err := a.codec.AppendMessage(nil, to.id, f.from, m)
	if err != nil {
		p.t.Fatal(err)
	}
	p.nonce(nonce)
	p.flying = append(p.flying, flight{f.to, f.from, packet})
}

func (p *player) client(a *actor, from netip.AddrPort, verb string, args []string) {
	to := p.node(args[0])
	var packet []byte
	var nonce v5wire.Nonce
	var err error
	switch verb {
	case "say":
		packet, nonce, err = a.codec.AppendMessage(nil, to.id, to.addrs[0], p.parse(to, args[1:]))
	case "prove":
		if a.challenge == nil {
			return
		}
		packet, nonce, err = a.codec.AppendHandshake(nil, to.record.Node(), to.addrs[0], a.challenge, p.parse(to, args[1:]))
	case "challenge":
		packet, err = a.codec.AppendWhoareyou(nil, p.now, to.id, a.lastFrom, a.last.Nonce, nil)
	case "lose":
		if _, err = a.codec.AppendWhoareyou(nil, p.now, to.id, a.lastFrom, a.last.Nonce, nil); err == nil {
			return
		}
	case "mangle":
		packet, nonce, err = a.codec.AppendMessage(nil, to.id, to.addrs[0], mangled{&v5wire.Ping{}})
	case "noise":
		packet = make([]byte, 100)
	case "forge":
		packet, err = a.codec.AppendWhoareyou(nil, p.now, to.id, to.addrs[0], v5wire.Nonce{1}, nil)
	default:
		p.t.Fatalf("unknown verb %q", verb)
	}
	if err != nil {
		p.printf("cannot: %v", err)
		return
	}
	if nonce != (v5wire.Nonce{}) {
		p.nonce(nonce)
	}
	p.flying = append(p.flying, flight{from, to.addrs[0], packet})
}

func (p *player) engine(a *actor, verb string, args []string) {
	m := a.m
	m.sync()
	told := func(_ time.Time, r response) {
		if r.err != nil {
			p.printf("%s: no answer to %s: %v", a.name, verb, r.err)
			return
		}
		p.printf("%s: answer to %s: seq %d, found%s, data %q", a.name, verb, r.seq, p.contacts(r.found), r.data)
	}
	var to kad.Contact
	if len(args) > 0 {
		to = kad.NewContact(p.node(args[0]).record.Node())
	}
	switch verb {
	case "ping":
		m.requestExternal(p.now, to, &v5wire.Ping{ID: m.newRequestID(), ENRSeq: m.record.Seq()}, told)
	case "talk":
		m.requestExternal(p.now, to, p.parse(nil, append([]string{"talk", m.newRequestID().String()}, args[1:]...)), told)
	case "find":
		m.findnode(p.now, to, p.distances(to.ID, args[1]), told)
	case "record":
		m.requestRecord(p.now, to, m.requestExternal, func(_ time.Time, r *enr.Record, err error) {
			p.printf("%s: record: %v, %v", a.name, r != nil, err)
		})
	case "lookup":
		m.seek(p.now, kad.Query{
			Target: kad.Target{ID: to.ID},
			Done:   func(_ time.Time, cs []kad.Contact) { p.printf("%s: lookup:%s", a.name, p.contacts(cs)) },
		})
	case "next":
		m.onWant(p.now, func(n enr.Node) { p.printf("%s: next: %s", a.name, p.name(n.ID())) })
	case "enough":
		m.onEnough()
	case "table":
		for c, checks := range m.table.All() {
			p.printf("%s passed %d", p.contact(c), checks)
		}
	case "sessions":
		p.printf("%d", m.codec.Sessions())
	default:
		p.t.Fatalf("unknown verb %q", verb)
	}
}

func (p *player) contact(c kad.Contact) string {
	s := p.name(c.ID)
	if c.Node.Record != nil {
		s += "#" + strconv.FormatUint(c.Node.Record.Seq(), 10)
	}
	return s
}

func (p *player) contacts(cs []kad.Contact) (out string) {
	for _, c := range cs {
		out += " " + p.contact(c)
	}
	return out
}
