// SPDX-License-Identifier: Apache-2.0

package head

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/internal/test/script"
	"github.com/ethpeer/ethpeer/types"
)

// TestTrackerScripts plays testdata/tracker/*.txt. A block is its number and a letter for
// its branch, a peer is a letter:
//
//	start [LIMIT]                  a new tracker that knows 0
//	add BLOCK PARENT [diff N] [time N] [by PEER]
//	join PEER [GROUP]              the peer dialled us, from a network, or none ("-"); without GROUP, we dialled it
//	latest PEER BLOCK              the peer's latest, with its number
//	latesthash PEER BLOCK          the same, by the hash alone
//	withdraw PEER BLOCK            the peer does not give the header of its latest
//	told PEER BLOCK                the peer told of it
//	leave PEER
//	said PEER                      what the peer said last
//	support BLOCK…                 how many peers support it, and with what weight
//	contested                      the block that is better than the head and has too little support
//	has BLOCK…                     whether they are held
//
// A change of the head is the answer to what made it.
func TestTrackerScripts(t *testing.T) {
	script.Run(t, "testdata/tracker/*.txt", func(t *testing.T) func([]string) string {
		p := &trackerPlayer{t: t}
		return p.run
	})
}

type trackerPlayer struct {
	t  *testing.T
	tr *Tracker[string]
}

func block(id string) chain.Ref {
	number, _ := strconv.ParseUint(strings.TrimRight(id, "abcdefghijklmnopqrstuvwxyz"), 10, 64)
	var h types.Hash
	copy(h[:], id)
	return chain.Ref{Number: number, Hash: h}
}

func link(id, parent string) chain.Link {
	return chain.Link{
		Hash: block(id).Hash, Parent: block(parent).Hash, Number: block(id).Number,
		Time: 10 * block(id).Number, Difficulty: *uint256.NewInt(2),
	}
}

func (p *trackerPlayer) run(words []string) string {
	p.t.Helper()
	var out strings.Builder
	switch verb, args := words[0], words[1:]; verb {
	case "start":
		limit := 1000
		if len(args) == 1 {
			limit, _ = strconv.Atoi(args[0])
		}
		p.tr = NewTracker[string](link("0", ""), limit)
	case "add":
		l := link(args[0], args[1])
		by := ""
		for i := 2; i+1 < len(args); i += 2 {
			n, _ := strconv.ParseUint(args[i+1], 10, 64)
			switch args[i] {
			case "diff":
				l.Difficulty = *uint256.NewInt(n)
			case "by":
				by = args[i+1]
			case "time":
				l.Time = n
			}
		}
		if err := p.tr.Add(by, l, false); err != nil {
			fmt.Fprintln(&out, err)
		}
	case "join":
		from := Origin{}
		if len(args) == 2 {
			from.Inbound = true
			if args[1] != "-" {
				from.Group = netip.MustParsePrefix(args[1])
			}
		}
		p.tr.Join(args[0], from)
	case "latest":
		p.tr.Latest(args[0], block(args[1]))
	case "latesthash":
		p.tr.LatestHash(args[0], block(args[1]).Hash)
	case "withdraw":
		p.tr.Withdraw(args[0], block(args[1]).Hash)
	case "told":
		p.tr.Told(args[0], block(args[1]))
	case "said":
		ref, ok := p.tr.Said(args[0])
		fmt.Fprintln(&out, ref.Number, name(ref.Hash), ok)
	case "support":
		p.tr.dirty = true
		p.tr.Settle()
		for _, a := range args {
			s := p.tr.votes.support[block(a).Hash]
			fmt.Fprintf(&out, "%s: %d, %.2f of %.2f\n", a, s.peers, float64(s.weight)/unit, float64(p.tr.votes.total)/unit)
		}
	case "contested":
		p.tr.Settle()
		fmt.Fprintln(&out, name(p.tr.contested))
	case "leave":
		p.tr.Leave(args[0])
	case "has":
		for _, a := range args {
			fmt.Fprintln(&out, p.tr.Recent.Has(block(a).Hash))
		}
	default:
		p.t.Fatalf("unknown command %q", verb)
	}
	if head, changed := p.tr.Settle(); changed {
		fmt.Fprintf(&out, "head %s supporters %d\n", name(head.Hash), head.Supporters)
	}
	if err := p.tr.checkInvariants(); err != nil {
		p.t.Fatalf("after %v: %v", words, err)
	}
	return out.String()
}

// checkInvariants says what must hold after Settle.
func (t *Tracker[P]) checkInvariants() error {
	r := t.Recent
	switch {
	case r.Len() > r.limit || len(r.orphans) > r.Len():
		return fmt.Errorf("%d blocks, %d orphans, limit %d", r.Len(), len(r.orphans), r.limit)
	case t.dirty:
		return fmt.Errorf("not settled")
	case !t.has && t.head != (Head{}):
		return fmt.Errorf("no head, but %+v", t.head)
	}
	held := map[*giver]int{}
	for _, k := range r.known.All() {
		held[k.giver]++
		if parent, ok := r.Get(k.Parent); ok && chain.CheckLink(&parent, &k.Link) != nil {
			return fmt.Errorf("block %s contradicts its parent", name(k.Hash))
		}
	}
	for p, g := range r.givers {
		if g.held != held[g] {
			return fmt.Errorf("%v gave %d, counts %d", p, held[g], g.held)
		}
	}
	if r.ours.held != held[r.ours] {
		return fmt.Errorf("%d of none, counts %d", held[r.ours], r.ours.held)
	}
	for p, h := range t.peers {
		if h.number && h.unknown.Hash.IsZero() || r.Has(h.unknown.Hash) {
			return fmt.Errorf("peer %v: %+v", p, h)
		}
	}
	return nil
}
