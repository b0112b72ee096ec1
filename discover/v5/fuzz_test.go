// SPDX-License-Identifier: Apache-2.0

package v5

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/discover/v5wire"
)

// steps are what a fuzzed script is made of.
var steps = [][]string{
	{"x", "say", "a", "ping", "01"},
	{"x", "say", "a", "findnode", "02", "0,254,255,256"},
	{"x", "say", "a", "talk", "03", "echo", "hello"},
	{"x@2", "say", "a", "ping", "04"},
	{"x", "prove", "a", "ping", "05"},
	{"x", "prove", "a", "findnode", "06", "b"},
	{"x", "challenge", "a"},
	{"x", "forge", "a"},
	{"x", "noise", "a"},
	{"x", "mangle", "a"},
	{"y", "say", "a", "ping", "07"},
	{"y", "prove", "a", "ping", "08"},
	{"y", "challenge", "a"},
	{"record", "x", "2"},
	{"record", "x", "3", "34.5.5.5:30303"},
	{"a", "ping", "x"},
	{"a", "find", "x", "0,253,254,255,256"},
	{"a", "record", "x"},
	{"a", "talk", "y", "echo", "hello"},
	{"a", "ping", "b"},
	{"a", "lookup", "x"},
	{"a", "lookup", "b"},
	{"a", "next"},
	{"a", "enough"},
	{"auto", "y"},
	{"later", "1ms"},
	{"later", "300ms"},
	{"later", "1s"},
	{"later", "10s"},
	{"answer", "pong"},
	{"answer", "nodes"},
	{"answer", "more nodes"},
	{"answer", "talk"},
	{"again"},
	{"damage"},
}

// FuzzDialogue plays scripts in which every event may come at every time; the player checks
// the engines' invariants after each.
func FuzzDialogue(f *testing.F) {
	all := make([]byte, len(steps))
	for i := range all {
		all[i] = byte(i)
	}
	f.Add(all)
	slices.Reverse(all)
	f.Add(all)
	f.Add([]byte{15, 6, 29, 16, 30, 31, 30, 29, 26, 26, 26, 26, 33, 20, 22, 28, 28})
	f.Add([]byte{0, 4, 0, 27, 27, 27, 6, 29, 20, 6, 31, 31, 31, 31, 31, 22, 28, 23, 28})
	f.Fuzz(play)
}

// play plays the steps that the bytes name, at most 100.
func play(t *testing.T, script []byte) {
	p := newPlayer(t)
	for _, words := range [][]string{
		{"engine", "a", "34.1.1.1:30303"},
		{"engine", "b", "34.1.2.1:30303", "a"},
		{"client", "x", "34.1.3.1:30303", "34.1.3.2:30303"},
		{"client", "y", "34.1.4.1:30303"},
		{"records", "z", "8"},
	} {
		p.run(words)
	}
	for _, b := range script[:min(len(script), 100)] {
		p.fuzzed(steps[int(b)%len(steps)])
	}
}

func (p *player) fuzzed(words []string) {
	x := p.node("x")
	switch words[0] {
	case "later":
		d, _ := time.ParseDuration(words[1])
		p.run([]string{"at", p.now.Add(d).Sub(epoch).String()})
	case "again", "damage":
		if len(p.flown) == 0 {
			return
		}
		again := p.flown[len(p.flown)-1]
		again.b = slices.Clone(again.b)
		if words[0] == "damage" {
			again.b[len(again.b)/2] ^= 1
		}
		if p.at[again.to] != nil {
			p.flying = append(p.flying, again)
			p.run([]string{"a", "sessions"})
		}
	case "answer":
		if x.last.Message == nil {
			return
		}
		id := x.last.Message.RequestID()
		var m v5wire.Message
		switch words[1] {
		case "pong":
			m = &v5wire.Pong{ID: id, ENRSeq: 2, IP: netip.MustParseAddr("34.1.1.1"), Port: 30303}
		case "talk":
			m = &v5wire.TalkResp{ID: id, Data: []byte("hello")}
		default:
			nodes := &v5wire.Nodes{ID: id, Total: 1}
			if words[1] == "more nodes" {
				nodes.Total = 9
			}
			for _, word := range []string{"x", "b", "z1", "z2", "forged:z3", "z4@34.1.1.1:80", "z1"} {
				nodes.Records = append(nodes.Records, p.record(word))
			}
			m = nodes
		}
		if packet, nonce, err := x.codec.AppendMessage(nil, p.node("a").id, p.node("a").addrs[0], m); err == nil {
			p.nonce(nonce)
			p.flying = append(p.flying, flight{x.addrs[0], p.node("a").addrs[0], packet})
			p.run([]string{"a", "sessions"})
		}
	default:
		p.run(words)
	}
}
