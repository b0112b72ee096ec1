// SPDX-License-Identifier: Apache-2.0

package v5

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/discover/v5wire"
	"github.com/ethpeer/ethpeer/enr"
)

// message shows a message as the scripts write it.
func (p *player) message(m v5wire.Message) string {
	id := p.requestID(m.RequestID())
	switch m := m.(type) {
	case *v5wire.Ping:
		return fmt.Sprintf("ping %s, we are #%d", id, m.ENRSeq)
	case *v5wire.Pong:
		return fmt.Sprintf("pong %s %d %v", id, m.ENRSeq, netip.AddrPortFrom(m.IP, m.Port))
	case *v5wire.Findnode:
		return "findnode " + id + " " + strings.Join(strings.Fields(strings.Trim(fmt.Sprint(m.Distances), "[]")), ",")
	case *v5wire.Nodes:
		out := fmt.Sprintf("nodes %s %d", id, m.Total)
		for _, raw := range m.Records {
			if r, err := enr.Decode(raw); err == nil {
				out += fmt.Sprintf(" %s#%d", p.name(r.ID()), r.Seq())
			} else {
				out += " forged"
			}
		}
		return out
	case *v5wire.TalkReq:
		return fmt.Sprintf("talk %s %s %q", id, m.Protocol, m.Data)
	case *v5wire.TalkResp:
		return fmt.Sprintf("answer %s %q", id, m.Data)
	}
	return "unknown"
}

// requestID names the IDs that engines draw, which have 8 bytes.
func (p *player) requestID(id v5wire.RequestID) string {
	s := id.String()
	switch {
	case s == "":
		return "–"
	case len(s) < 16:
		return s
	case p.ids[id] == "":
		p.ids[id] = "r" + strconv.Itoa(len(p.ids)+1)
	}
	return p.ids[id]
}

func (p *player) parseID(s string) v5wire.RequestID {
	for id, name := range p.ids {
		if name == s {
			return id
		}
	}
	if s == "–" {
		return v5wire.RequestID{}
	}
	b, err := hex.DecodeString(s)
	if err != nil {
		p.t.Fatal(err)
	}
	return v5wire.RequestIDOf(b)
}

// parse reads a message to a node.
func (p *player) parse(to *actor, words []string) v5wire.Message {
	id, args := p.parseID(words[1]), append(words[2:], "", "")
	number, _ := strconv.ParseUint(args[0], 10, 64)
	switch words[0] {
	case "ping":
		return &v5wire.Ping{ID: id, ENRSeq: number}
	case "pong":
		at := netip.MustParseAddrPort(args[1])
		return &v5wire.Pong{ID: id, ENRSeq: number, IP: at.Addr(), Port: at.Port()}
	case "findnode":
		return &v5wire.Findnode{ID: id, Distances: p.distances(to.id, args[0])}
	case "nodes":
		nodes := &v5wire.Nodes{ID: id, Total: uint8(number)}
		for _, word := range words[3:] {
			nodes.Records = append(nodes.Records, p.record(word))
		}
		return nodes
	case "talk":
		return &v5wire.TalkReq{ID: id, Protocol: []byte(args[0]), Data: []byte(args[1])}
	case "answer":
		return &v5wire.TalkResp{ID: id, Data: []byte(args[0])}
	}
	p.t.Fatalf("unknown message %q", words)
	return nil
}

func (p *player) distances(from enr.ID, list string) (dists []uint16) {
	for word := range strings.SplitSeq(list, ",") {
		d, err := strconv.Atoi(word)
		if err != nil {
			d = kad.LogDist(from, p.node(word).id)
		}
		dists = append(dists, uint16(d))
	}
	return dists
}

func (p *player) record(word string) []byte {
	word, address, moved := strings.Cut(word, "@")
	word, number, newer := strings.Cut(word, "#")
	word, forged := strings.CutPrefix(word, "forged:")
	a := p.node(word)
	r := a.record
	if moved || newer {
		seq, at := r.Seq(), a.addrs[0]
		if newer {
			seq, _ = strconv.ParseUint(number, 10, 64)
		}
		if moved {
			at = netip.MustParseAddrPort(address)
		}
		r = testRecord(p.t, testKey(p.t, a.key), seq, at)
	}
	raw := append([]byte(nil), r.Raw()...)
	if forged {
		raw[20] ^= 1 // within the signature
	}
	return raw
}
