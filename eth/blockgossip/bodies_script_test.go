// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/script"
	"github.com/ethpeer/ethpeer/types"
)

// TestBodiesScripts plays testdata/bodies/*.txt. A peer is a letter; a block is its number and letters;
// "6!" has an empty body, "6=5" the body of 5, and "6-9" are several:
//
//	up PEER VERSION, down PEER
//	at TIME                     the clock moves; what is due happens
//	want PEER… BLOCK…           the first peer gave the headers, the others told of the blocks
//	have PEER BLOCK             the peer told of a block
//	whole BLOCK                 it came whole
//	bodies PEER BLOCK…          the reply to a request, nobodies PEER: none, busy PEER: not sent yet
//	late PEER BLOCK…            a reply that comes after its time
//	deadline, losses, crowded PEER
func TestBodiesScripts(t *testing.T) {
	script.Run(t, "testdata/bodies/*.txt", func(t *testing.T) func([]string) string {
		p := &bodiesPlayer{t: t, now: epoch, s: newBodies[string](func(int) int { return 0 })}
		return p.run
	})
}

var epoch = time.Unix(0, 0)

type bodiesPlayer struct {
	t   *testing.T
	s   *bodies[string]
	now time.Time
}

func (p *bodiesPlayer) run(words []string) string {
	p.t.Helper()
	var out strings.Builder
	p.command(&out, words[0], words[1:])
	asks, next := p.s.next(p.now)
	for _, id := range p.s.takeWithholders() {
		fmt.Fprintf(&out, "%s withholds\n", id)
	}
	for _, d := range p.s.takeDone() {
		if d.body == nil {
			fmt.Fprintf(&out, "block %s of %s without body\n", name(d.Hash), d.source.Client)
		} else {
			fmt.Fprintf(&out, "block %s of %s, body %s, size %d\n", name(d.Hash), d.source.Client, d.body.txs, d.body.size)
		}
	}
	for _, a := range asks {
		fmt.Fprintf(&out, "ask %s", a.peer)
		for _, h := range a.hashes {
			out.WriteString(" " + name(h))
		}
		out.WriteByte('\n')
	}
	if words[0] == "deadline" {
		if next.IsZero() {
			fmt.Fprintln(&out, "none")
		} else {
			fmt.Fprintln(&out, next.Sub(epoch))
		}
	}
	if err := p.s.checkInvariants(); err != nil {
		p.t.Fatalf("after %v: %v", words, err)
	}
	return out.String()
}

func (p *bodiesPlayer) command(out *strings.Builder, verb string, args []string) {
	switch verb {
	case "up":
		v, _ := strconv.Atoi(args[1])
		p.s.join(args[0], v >= 66)
	case "down":
		p.s.leave(p.now, args[0])
	case "at":
		d, err := time.ParseDuration(args[0])
		if err != nil {
			p.t.Fatal(err)
		}
		p.now = epoch.Add(d)
	case "want":
		n := slices.IndexFunc(args, func(a string) bool { return a[0] <= '9' })
		for _, l := range linksOf(args[n:]) {
			p.s.want(block{Link: l, source: event.Source{Client: args[0]}, via: event.ViaRequest}, args[:n])
		}
	case "have":
		p.s.mayHave(linkOf(args[1]).Hash, args[0])
	case "whole":
		l := linkOf(args[0])
		p.s.arrived(l.Hash, bodyOf(args[0]))
	case "late":
		p.s.late(args[0], bodiesOf(args[1:]))
	case "bodies":
		if err := p.s.answered(p.now, args[0], bodiesOf(args[1:])); err != nil {
			fmt.Fprintln(out, "fault", err)
			p.s.leave(p.now, args[0])
		}
	case "nobodies":
		p.s.failed(p.now, args[0])
	case "busy":
		p.s.busy(p.now, args[0])
	case "crowded":
		fmt.Fprintln(out, p.s.crowded(args[0]))
	case "losses":
		fmt.Fprintf(out, "lost %d, unexpected %d\n", p.s.lost, p.s.takeUnexpected())
	case "deadline":
	default:
		p.t.Fatalf("unknown command %q", verb)
	}
}

// linkOf reads a block as the scripts write it.
func linkOf(s string) (l chain.Link) {
	s, empty := strings.CutSuffix(s, "!")
	id, like, _ := strings.Cut(s, "=")
	copy(l.Hash[:], id)
	l.Number, _ = strconv.ParseUint(strings.TrimRight(id, "abcdefghijklmnopqrstuvwxyz"), 10, 64)
	if like == "" {
		like = id
	}
	copy(l.Roots.Txs[:], like)
	if empty {
		l.Roots = chain.Roots{Txs: types.EmptyRoot, Uncles: types.EmptyUncleHash, Withdrawals: types.EmptyRoot, HasWithdrawals: l.Number%2 == 1}
	}
	return l
}

// linksOf reads blocks, or several as "2-63b".
func linksOf(words []string) (ls []chain.Link) {
	for _, w := range words {
		first, last, isRange := strings.Cut(w, "-")
		if !isRange {
			ls = append(ls, linkOf(w))
			continue
		}
		suffix := strings.TrimLeft(last, "0123456789")
		from, _ := strconv.ParseUint(first, 10, 64)
		for n := from; n <= linkOf(last).Number; n++ {
			ls = append(ls, linkOf(strconv.FormatUint(n, 10)+suffix))
		}
	}
	return ls
}

func bodyOf(s string) body { return body{roots: linkOf(s).Roots, txs: []byte(s), size: len(s)} }

func bodiesOf(words []string) (all []body) {
	for _, w := range words {
		all = append(all, bodyOf(w))
	}
	return all
}

func name(h types.Hash) string { return strings.TrimRight(string(h[:]), "\x00") }

// checkInvariants says what must hold after next.
func (s *bodies[P]) checkInvariants() error {
	if len(s.wants) != len(s.byHash) || len(s.wants) > maxWants || len(s.givers) != len(s.byPeer) || len(s.done) > 0 {
		return fmt.Errorf("%d wants, %d by hash; %d peers, %d by name; %d done", len(s.wants), len(s.byHash), len(s.givers), len(s.byPeer), len(s.done))
	}
	counts := map[*giver[P]]int{}
	for _, w := range s.wants {
		counts[w.by]++
		switch {
		case s.byHash[w.Hash] != w:
			return fmt.Errorf("want %s is not in its place", name(w.Hash))
		case w.asked != nil && (w.asked.gone || !slices.Contains(w.asked.asked, w)):
			return fmt.Errorf("want %s is not being asked for", name(w.Hash))
		case w.tries >= maxTries || w.Roots.Empty():
			return fmt.Errorf("want %s is not to be wanted, after %d tries", name(w.Hash), w.tries)
		}
	}
	for _, g := range s.givers {
		switch {
		case s.byPeer[g.peer] != g || g.gone:
			return fmt.Errorf("peer %v is not in its place", g.peer)
		case g.wants != counts[g] || g.wants > maxPeerWants:
			return fmt.Errorf("peer %v has %d wants, counts %d", g.peer, counts[g], g.wants)
		case len(g.asked) > maxAskBodies:
			return fmt.Errorf("peer %v is asked for %d bodies", g.peer, len(g.asked))
		}
	}
	return nil
}
