// SPDX-License-Identifier: Apache-2.0

package head

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/internal/test/script"
	"github.com/ethpeer/ethpeer/types"
)

// TestPeersScripts plays testdata/peers/*.txt. A peer is a letter; a block is its number
// and a letter for its branch, its parent the number before on the same branch unless
// "6b<5" says which, "6@60" has that time instead of ten times its number, and "6-9" are several:
//
//	up PEER VERSION BLOCK [GROUP]  a peer joins; BLOCK is the latest of its Status; GROUP: it dialled us
//	down PEER
//	at TIME                        the clock moves; what is due happens
//	told PEER BLOCK                the peer told of a block; "6=7" lies about the number
//	gossip PEER BLOCK              the header of a block that peers told of
//	range PEER BLOCK               BlockRangeUpdate
//	headers PEER BLOCK…            the answer to a request, noheaders: none, busy: cannot be asked
//	late PEER ASKED BLOCK…         the answer to a request for a block, or from a number ("#6"), too late
//	hold PEER, free PEER           there is enough to do without new headers from the peer, or not
//	deadline, losses
func TestPeersScripts(t *testing.T) {
	script.Run(t, "testdata/peers/*.txt", func(t *testing.T) func([]string) string {
		p := &peersPlayer{t: t, now: epoch, held: map[string]bool{}, m: newTestPeers()}
		return p.run
	})
}

func newTestPeers() *Peers[string] {
	first := func(int) int { return 0 }
	return NewPeers[string](Config{Genesis: blockOf("0"), Recent: 1024, Gossips: true, Choose: first})
}

type peersPlayer struct {
	t    *testing.T
	m    *Peers[string]
	now  time.Time
	held map[string]bool
}

// The clock is ahead of the blocks' times.
var epoch = time.Unix(20_000_000_000, 0)

func (p *peersPlayer) run(words []string) string {
	p.t.Helper()
	var out strings.Builder
	p.command(&out, words[0], words[1:])
	if h, changed := p.m.Changed(p.now); changed {
		fmt.Fprintf(&out, "head %s supporters %d by %s\n", name(h.Hash), h.Supporters, p.m.By(h))
	}
	asks, next := p.m.Next(p.now, p.isHeld)
	for _, a := range asks {
		if a.Hash.IsZero() {
			fmt.Fprintf(&out, "ask %s from %d, %d\n", a.Peer, a.Number, a.Amount)
		} else {
			fmt.Fprintf(&out, "ask %s %s\n", a.Peer, name(a.Hash))
		}
	}
	if words[0] == "deadline" {
		if next.IsZero() {
			fmt.Fprintln(&out, "none")
		} else {
			fmt.Fprintln(&out, next.Sub(epoch))
		}
	}
	if err := p.m.checkInvariants(p.now, p.isHeld); err != nil {
		p.t.Fatalf("after %v: %v", words, err)
	}
	return out.String()
}

func (p *peersPlayer) isHeld(id string) bool { return p.held[id] }

func (p *peersPlayer) command(out *strings.Builder, verb string, args []string) {
	m := p.m
	switch verb {
	case "up":
		m.Join(p.now, args[0], infoOf(args[1:]))
	case "down":
		m.Leave(p.now, args[0])
	case "at":
		d, err := time.ParseDuration(args[0])
		if err != nil {
			p.t.Fatal(err)
		}
		p.now = epoch.Add(d)
	case "told":
		m.Told(p.now, args[0], refOf(args[1]))
	case "gossip":
		l := blockOf(args[1])
		if err := m.Gossiped(p.now, args[0], l); err != nil {
			fmt.Fprintln(out, "error", err)
		}
	case "range":
		m.Range(p.now, args[0], refOf(args[1]))
	case "headers", "late":
		var hs []chain.Link
		asked := Ask[string]{Peer: args[0]}
		if verb == "late" {
			if number, ok := strings.CutPrefix(args[1], "#"); ok {
				asked.Number = blockOf(number).Number
			} else {
				asked.Hash = blockOf(args[1]).Hash
			}
			args = args[1:]
		}
		for _, a := range args[1:] {
			hs = append(hs, blocksOf(a)...)
		}
		take := func() ([]chain.Link, error) { return m.Headers(p.now, asked.Peer, hs) }
		if verb == "late" {
			take = func() ([]chain.Link, error) { return m.Late(p.now, asked, hs) }
		}
		news, err := take()
		for _, l := range news {
			fmt.Fprintln(out, "new", name(l.Hash))
		}
		if err != nil {
			fmt.Fprintln(out, "fault", err)
			m.Leave(p.now, asked.Peer)
		}
	case "noheaders":
		m.NoHeaders(p.now, args[0])
	case "busy":
		m.Busy(p.now, args[0])
	case "hold", "free":
		p.held[args[0]] = verb == "hold"
	case "losses":
		fmt.Fprintf(out, "%+v\n", m.TakeLosses())
	case "deadline":
	default:
		p.t.Fatalf("unknown command %q", verb)
	}
}

// infoOf reads VERSION BLOCK [GROUP].
func infoOf(words []string) Info {
	v, _ := strconv.Atoi(words[0])
	i := Info{HasBlockRange: v >= 69, HasRequestIDs: v >= 66, Latest: refOf(words[1])}
	if v < 69 {
		i.Latest.Number = 0
	}
	if len(words) == 3 {
		i.Origin = Origin{Inbound: true, Group: netip.MustParsePrefix(words[2])}
	}
	return i
}

// blockOf reads a block as the scripts write it.
func blockOf(s string) (l chain.Link) {
	s, at, timed := strings.Cut(s, "@")
	id, parent, hasParent := strings.Cut(s, "<")
	digits := strings.TrimRight(id, "abcdefghijklmnopqrstuvwxyz")
	l.Number, _ = strconv.ParseUint(digits, 10, 64)
	if !hasParent && l.Number > 0 {
		parent = strconv.FormatUint(l.Number-1, 10) + id[len(digits):]
	}
	copy(l.Hash[:], id)
	copy(l.Parent[:], parent)
	l.Time, l.Difficulty = 10*l.Number, *uint256.NewInt(2)
	if timed {
		l.Time, _ = strconv.ParseUint(at, 10, 64)
	}
	l.Roots = chain.Roots{Txs: l.Hash}
	return l
}

// blocksOf reads a block, or several as "5002-5063b".
func blocksOf(s string) (ls []chain.Link) {
	first, last, isRange := strings.Cut(s, "-")
	if !isRange {
		return []chain.Link{blockOf(s)}
	}
	suffix := strings.TrimLeft(last, "0123456789")
	from, _ := strconv.ParseUint(first, 10, 64)
	for n := from; n <= blockOf(last).Number; n++ {
		ls = append(ls, blockOf(strconv.FormatUint(n, 10)+suffix))
	}
	return ls
}

// refOf reads a block, or "6=7" for one with a number that is not its own.
func refOf(s string) chain.Ref {
	id, number, lies := strings.Cut(s, "=")
	l := blockOf(id)
	ref := l.Ref()
	if lies {
		ref.Number, _ = strconv.ParseUint(number, 10, 64)
	}
	return ref
}

func name(h types.Hash) string { return strings.TrimRight(string(h[:]), "\x00") }

// checkInvariants says what must hold after Next.
func (m *Peers[P]) checkInvariants(now time.Time, held func(P) bool) error {
	if len(m.peers) != len(m.byID) {
		return fmt.Errorf("%d peers, %d by ID", len(m.peers), len(m.byID))
	}
	for _, p := range m.peers {
		switch {
		case m.byID[p.id] != p:
			return fmt.Errorf("peer %v is not in its place", p.id)
		case p.canAsk(now) && (p.branch != nil || !p.wantLatest.IsZero()):
			return fmt.Errorf("peer %v is idle, but there is something to ask", p.id)
		case p.canAsk(now) && p.wantPoll && !held(p.id):
			return fmt.Errorf("peer %v is idle, but is to be polled", p.id)
		case p.every < pollEvery || p.every > maxBehind:
			return fmt.Errorf("peer %v is polled every %v", p.id, p.every)
		}
	}
	asks, next := m.Next(now, held)
	if len(asks) > 0 || !next.IsZero() && !next.After(now) {
		return fmt.Errorf("Next again asks %v, then waits %v", asks, next.Sub(now))
	}
	return m.tracker.checkInvariants()
}
