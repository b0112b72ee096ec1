// SPDX-License-Identifier: Apache-2.0

package dns

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/discover/dnstree"
	"github.com/ethpeer/ethpeer/internal/test/script"
)

// TestMachineScripts plays testdata/machine/*.txt over a DNS in memory that answers at once. Of
// what could be picked the first is. Lists are domains, nodes are numbers:
//
//	publish LIST SEQ FROM-TO LINK…    a list, or a new state of it, is put into the DNS
//	forge LIST                        its root's signature is changed
//	spoil LIST                        all its entries' texts are changed, but not the root's
//	remove LIST                       it is taken out of the DNS
//	swap LIST                         a list with a node among its links and a link among its nodes
//	start LIST…                       the machine starts
//	at TIME                           the clock moves
//	nodes N                           N nodes are wanted, or those until it must be waited
//	until TIME                        all nodes are wanted until then; says only lookups of roots
//	lists                             says which lists are walked
func TestMachineScripts(t *testing.T) {
	script.Run(t, "testdata/machine/*.txt", func(t *testing.T) func([]string) string {
		p := &player{t: t, dns: zones{}, now: time.Unix(1e9, 0)}
		p.start = p.now
		return p.run
	})
}

type player struct {
	t          *testing.T
	dns        zones
	machine    *machine
	start, now time.Time
	out        strings.Builder
}

func (p *player) run(words []string) string {
	p.t.Helper()
	p.out.Reset()
	p.command(words[0], words[1:])
	if p.machine != nil {
		if err := p.machine.checkInvariants(); err != nil {
			p.t.Fatalf("after %v: %v", words, err)
		}
	}
	return p.out.String()
}

func (p *player) say(format string, args ...any) {
	fmt.Fprintf(&p.out, "%v "+format+"\n", append([]any{p.now.Sub(p.start).Round(time.Millisecond)}, args...)...)
}

func (p *player) command(verb string, args []string) {
	switch verb {
	case "publish":
		seq, _ := strconv.ParseUint(args[1], 10, 64)
		from, to, _ := strings.Cut(args[2], "-")
		p.dns.publish(p.t, args[0], seq, nodes(p.t, number(from), number(to)), args[3:]...)
	case "forge":
		root := p.dns[args[0]]
		root[1] = strings.Replace(root[1], "seq=", "seq=1", 1)
	case "spoil", "remove":
		for name, texts := range p.dns {
			switch {
			case verb == "remove" && (name == args[0] || strings.HasSuffix(name, "."+args[0])):
				delete(p.dns, name)
			case strings.HasSuffix(name, "."+args[0]):
				texts[1] += "A"
			}
		}
	case "swap":
		p.dns.put(p.t, args[0], 1, listURL(p.t, "a.example").String(), nodes(p.t, 1, 1)[0].Text())
	case "start":
		var urls []dnstree.URL
		for _, list := range args {
			urls = append(urls, listURL(p.t, list))
		}
		p.machine = newMachine(urls, func(int) int { return 0 })
	case "at":
		p.now = p.time(args[0])
	case "nodes":
		for range number(args[0]) {
			if !p.node() {
				break
			}
		}
	case "until":
		p.until(p.time(args[0]))
	case "lists":
		for _, l := range p.machine.lists {
			p.say("%s, sequence %d", l.url.Domain, l.root.Seq)
		}
	default:
		p.t.Fatalf("what is %s?", verb)
	}
}

// node runs the machine until it has a node, or must wait.
func (p *player) node() bool {
	for {
		s := p.machine.next(p.now)
		record := s.node
		if record == nil && s.query == "" {
			p.say("wait %v", s.deadline.Sub(p.now).Round(time.Millisecond))
			return false
		}
		if record == nil {
			var err error
			texts, err := p.dns.lookUp(s.query)
			p.say("look up %s%s", s.query, what(texts))
			if record, err = p.machine.onAnswer(p.now, texts, err); err != nil {
				p.say("%v", err)
			}
		}
		if record != nil {
			p.say("node %d", portOf(record))
			return true
		}
	}
}

// until runs the machine as the client does, and counts.
func (p *player) until(end time.Time) {
	found, lookups := 0, 0
	for p.now.Before(end) {
		s := p.machine.next(p.now)
		switch {
		case s.node != nil:
			found++
		case s.query != "":
			lookups++
			texts, err := p.dns.lookUp(s.query)
			record, err := p.machine.onAnswer(p.now, texts, err)
			if record != nil {
				found++
			}
			if strings.Count(s.query, ".") == 1 {
				p.say("root %s, %v", s.query, err)
			}
		default:
			p.now = s.deadline
		}
	}
	p.now = end
	p.say("%d nodes by %d lookups", found, lookups)
}

func (p *player) time(text string) time.Time {
	d, err := time.ParseDuration(text)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.start.Add(d)
}

// what names the kind of an answer.
func what(texts []string) string {
	if len(texts) < 2 {
		return ""
	}
	kind, _, _ := strings.Cut(texts[1], ":")
	return " (" + kind + ")"
}

func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}
