// SPDX-License-Identifier: Apache-2.0

package kad

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/netgroup"
	"github.com/ethpeer/ethpeer/internal/test/script"
)

// TestTableScripts plays testdata/table/*.txt. A node is its logarithmic distance from us, a
// number, its address and the sequence number of its record: 256.7@34.1.1.1:30303#5. Without
// address, it has one of its own; without sequence number, no record. 250.1-16 are several,
// and 0.0 is ourselves. #?5 is an unverified record, and #!5 one without a valid signature.
//
//	heard NODE…                  from our own sources
//	proven NODE…                 on their own word
//	neighbors FROM [NODE…]       an answer; what is good of it is shown first
//	alive NODE, dead NODE        the result of a check
//	at TIME                      the clock moves, second by second unless "at" is "jump"; what is due happens
//	want, refreshed              a refresh
//	chance PERCENT               how large the numbers are that are chosen, 50 at first
//	restrict NETWORK…            at the beginning only
//	entries, replacements        what the table holds; entries with the checks they passed
//	closest NODE; answer HOST NODE; answerat HOST DISTANCE…
//	deadline
func TestTableScripts(t *testing.T) {
	script.Run(t, "testdata/table/*.txt", func(t *testing.T) func([]string) string {
		p := &player{t: t, now: epoch, percent: 50}
		p.table = New(epoch, Config{Choose: p.choose})
		return p.run
	})
}

var epoch = time.Unix(0, 0)

type player struct {
	t       *testing.T
	table   *Table
	now     time.Time
	percent int
}

func (p *player) choose(n int) int { return (n - 1) * p.percent / 100 }

func (p *player) run(words []string) string {
	p.t.Helper()
	out := p.command(words[0], words[1:])
	if err := p.table.checkInvariants(); err != nil {
		p.t.Fatalf("after %v: %v", words, err)
	}
	return out
}

func (p *player) command(verb string, args []string) string {
	t := p.table
	each := func(on func(time.Time, Contact) []Action) (out string) {
		for _, c := range contactsOf(p.t, args) {
			out += show(on(p.now, c))
		}
		return out
	}
	switch verb {
	case "heard":
		return each(t.OnHeard)
	case "proven":
		return each(t.OnProven)
	case "alive":
		return each(t.OnAlive)
	case "dead":
		return each(t.OnDead)
	case "neighbors":
		good, actions := t.OnNeighbors(p.now, contactsOf(p.t, args[:1])[0], contactsOf(p.t, args[1:]))
		return names("good", good) + show(actions)
	case "at", "jump":
		return p.clock(verb == "jump", args[0])
	case "want":
		return show(t.WantRefresh(p.now))
	case "refreshed":
		return show(t.OnRefreshed(p.now))
	case "chance":
		p.percent, _ = strconv.Atoi(args[0])
		return ""
	case "restrict":
		t.rules.Restrict = netgroup.MustParse(args...)
		return ""
	}
	return p.query(verb, args)
}

func (p *player) clock(jump bool, to string) (out string) {
	d, err := time.ParseDuration(to)
	if err != nil {
		p.t.Fatal(err)
	}
	end := epoch.Add(d)
	for p.now.Before(end) {
		p.now = p.now.Add(time.Second)
		if jump || p.now.After(end) {
			p.now = end
		}
		for line := range strings.Lines(show(p.table.OnTick(p.now))) {
			out += p.now.Sub(epoch).String() + ": " + line
		}
	}
	return out
}

func (p *player) query(verb string, args []string) (out string) {
	t := p.table
	switch verb {
	case "entries":
		for c, checks := range t.All() {
			out += fmt.Sprintf("%s passed %d\n", name(c), checks)
		}
		return out
	case "replacements":
		for i := range t.buckets {
			for _, e := range t.buckets[i].replacements {
				out += name(e.Contact) + "\n"
			}
		}
		return out
	case "closest":
		return names("closest", t.Closest(contactsOf(p.t, args)[0].ID))
	case "answer":
		return names("answer", t.Answer(netip.MustParseAddr(args[0]), contactsOf(p.t, args[1:])[0].ID))
	case "answerat":
		var dists []uint
		for _, a := range args[1:] {
			d, _ := strconv.Atoi(a)
			dists = append(dists, uint(d))
		}
		return names("answer", t.AnswerAt(netip.MustParseAddr(args[0]), dists))
	case "deadline":
		at := t.Deadline()
		if at.IsZero() {
			return "none\n"
		}
		return at.Sub(epoch).String() + "\n"
	}
	p.t.Fatalf("unknown command %q", verb)
	return ""
}

// contactsOf reads nodes as the scripts write them. We have the ID 0.
func contactsOf(t *testing.T, words []string) (cs []Contact) {
	for _, w := range words {
		w, seq, signed := strings.Cut(w, "#")
		w, address, placed := strings.Cut(w, "@")
		dist, numbers, _ := strings.Cut(w, ".")
		from, to, several := strings.Cut(numbers, "-")
		if !several {
			to = from
		}
		d, _ := strconv.Atoi(dist)
		first, _ := strconv.Atoi(from)
		last, _ := strconv.Atoi(to)
		for n := first; n <= last; n++ {
			c := contactAt(d, n)
			if placed && address == "" {
				c.Node.IP, c.Node.UDP = netip.Addr{}, 0
			} else if placed {
				a := netip.MustParseAddrPort(address)
				c.Node.IP, c.Node.UDP = a.Addr(), a.Port()
			}
			if signed {
				s, _ := strconv.ParseUint(strings.Trim(seq, "?!"), 10, 64)
				switch r := recordOf(t, s); seq[0] {
				case '?':
					c.Unverified = unverifiedOf(t, r, true)
				case '!':
					c.Unverified = unverifiedOf(t, r, false)
				default:
					c.Node.Record = r
				}
			}
			cs = append(cs, c)
		}
	}
	return cs
}

// contactAt returns the nth node at a logarithmic distance from ID 0, which is 0 or above
// 16, in a network of its own.
func contactAt(dist, n int) (c Contact) {
	binary.BigEndian.PutUint16(c.ID[30:], uint16(n))
	if dist > 0 {
		c.ID[(MaxDist-dist)/8] |= 1 << ((dist - 1) % 8)
	}
	c.Node.IP = netip.AddrFrom4([4]byte{34 + byte(dist>>8), byte(dist*7 + n), byte(n), 1})
	c.Node.UDP = 30303
	return c
}

// recordOf returns a record of which only the sequence number counts.
func recordOf(t *testing.T, seq uint64) *enr.Record {
	key, err := ecc.ParsePrivateKey(append(make([]byte, 31), 1))
	if err != nil {
		t.Fatal(err)
	}
	r, err := new(enr.Builder).Sign(key, seq)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// unverifiedOf returns the record as an unverified one, with a valid signature or without.
func unverifiedOf(t *testing.T, r *enr.Record, signed bool) *enr.UnverifiedRecord {
	raw := bytes.Clone(r.Raw())
	if !signed {
		raw[20] ^= 1 // in the signature
	}
	c, err := enr.DecodeUnverified(raw)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func name(c Contact) string {
	s := fmt.Sprintf("%d.%d", LogDist(enr.ID{}, c.ID), binary.BigEndian.Uint16(c.ID[30:]))
	if own := contactAt(LogDist(enr.ID{}, c.ID), int(binary.BigEndian.Uint16(c.ID[30:]))).Node; own.IP != c.Node.IP || own.UDP != c.Node.UDP {
		s += "@" + netip.AddrPortFrom(c.Node.IP, c.Node.UDP).String()
	}
	if c.Node.Record != nil {
		s += "#" + strconv.FormatUint(c.Node.Record.Seq(), 10)
	}
	if c.Unverified != nil {
		s += "#?" + strconv.FormatUint(c.Unverified.Seq(), 10)
	}
	return s
}

func names(what string, cs []Contact) string {
	for _, c := range cs {
		what += " " + name(c)
	}
	return what + "\n"
}

func show(actions []Action) (out string) {
	for _, a := range actions {
		out += a.Kind.String()
		if a.Kind != Refresh {
			out += " " + name(a.Contact)
		}
		out += "\n"
	}
	return out
}
