// SPDX-License-Identifier: Apache-2.0

package nat

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/internal/test/script"
)

// TestKeeperScripts plays testdata/keeper/*.txt against a gateway that answers at once.
//
//	ports TCP UDP                       ours, 0 = none; the machine starts
//	gateway up, gateway down            whether there is one to find; a down one answers nothing
//	address IP, address silent          what it says of our address
//	grant PROTO same|PORT [LIFETIME]    what it grants: the wanted port, or another one; as long as asked, or less
//	refuse PROTO
//	until TIME                          the clock moves; says what is done
//	stop                                says what is to be deleted at the end
func TestKeeperScripts(t *testing.T) {
	script.Run(t, "testdata/keeper/*.txt", func(t *testing.T) func([]string) string {
		p := &player{t: t, now: epoch, up: true, address: "34.1.1.1"}
		p.grants[TCP], p.grants[UDP] = p.answer(false, []string{"same"}), p.answer(false, []string{"same"})
		return p.run
	})
}

var epoch = time.Unix(1e9, 0)

type player struct {
	t       *testing.T
	keeper  *keeper
	now     time.Time
	up      bool
	address string
	grants  [2]func(wanted uint16) (Grant, error)
	out     strings.Builder
}

func (p *player) run(words []string) string {
	p.t.Helper()
	p.out.Reset()
	p.command(words[0], words[1:])
	if p.keeper != nil {
		if err := p.keeper.checkInvariants(); err != nil {
			p.t.Fatalf("after %v: %v", words, err)
		}
	}
	return p.out.String()
}

func (p *player) say(format string, args ...any) {
	fmt.Fprintf(&p.out, "%v "+format+"\n", append([]any{p.now.Sub(epoch)}, args...)...)
}

func (p *player) command(verb string, args []string) {
	switch verb {
	case "ports":
		p.keeper = newKeeper(Ports{p.port(args[0]), p.port(args[1])})
	case "gateway":
		p.up = args[0] == "up"
	case "address":
		p.address = args[0]
	case "grant", "refuse":
		proto := TCP
		if args[0] == "UDP" {
			proto = UDP
		}
		p.grants[proto] = p.answer(verb == "refuse", args[1:])
	case "until":
		p.until(epoch.Add(p.duration(args[0])))
	case "stop":
		for _, m := range p.keeper.stop() {
			p.say("delete %v %d", m.proto, m.external)
		}
	default:
		p.t.Fatalf("what is %s?", verb)
	}
}

func (p *player) answer(refuse bool, args []string) func(uint16) (Grant, error) {
	if refuse {
		return func(uint16) (Grant, error) { return Grant{}, errors.New("refused") }
	}
	lifetime := lease
	if len(args) > 1 {
		lifetime = p.duration(args[1])
	}
	if args[0] == "same" {
		return func(wanted uint16) (Grant, error) { return Grant{wanted, lifetime}, nil }
	}
	port := p.port(args[0])
	return func(uint16) (Grant, error) { return Grant{port, lifetime}, nil }
}

func (p *player) duration(text string) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil {
		p.t.Fatal(err)
	}
	return d
}

func (p *player) port(text string) uint16 {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		p.t.Fatal(err)
	}
	return uint16(n)
}

// until runs the machine as the loop does.
func (p *player) until(end time.Time) {
	for {
		s := p.keeper.next(p.now)
		if s.do != wait {
			p.act(s)
			continue
		}
		if !s.deadline.After(p.now) {
			p.t.Fatalf("waits %v", s.deadline.Sub(p.now))
		}
		if !s.deadline.Before(end) {
			p.now = end
			return
		}
		p.now = s.deadline
	}
}

var errDown = errors.New("no answer")

func (p *player) act(s step) {
	down := error(nil)
	if !p.up {
		down = errDown
	}
	k, m := p.keeper, s.mapping
	switch s.do {
	case find:
		k.onFound(p.now, down)
		p.say("find gateway%s", because(down))
	case askIP:
		ip, err := netip.ParseAddr(p.address)
		if !p.up || p.address == "silent" {
			err = errDown
		}
		err = k.onIP(p.now, "it", ip, err)
		p.say("ask address: %v%s", ip, because(err))
	case mapPort:
		grant, err := p.grants[m.proto](m.wanted)
		if !p.up {
			grant, err = Grant{}, errDown
		}
		err = k.onMapped(p.now, s.index, grant, err)
		p.say("map %v %d to %d: %d%s", m.proto, m.wanted, m.internal, grant.Port, because(err))
	case unmapPort:
		k.onUnmapped(s.index)
		p.say("delete %v %d", m.proto, m.external)
	case publish:
		p.say("publish %s", show(s.external))
	}
}

func because(err error) string {
	if err == nil {
		return ""
	}
	return " (" + err.Error() + ")"
}

func show(e External) string {
	if e == (External{}) {
		return "nothing"
	}
	text := e.IP.String()
	if e.TCP != 0 {
		text += fmt.Sprintf(" tcp %d", e.TCP)
	}
	if e.UDP != 0 {
		text += fmt.Sprintf(" udp %d", e.UDP)
	}
	return text
}
