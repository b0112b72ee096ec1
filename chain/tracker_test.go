// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/internal/test/script"
	"github.com/ethpeer/ethpeer/types"
)

// TestTrackerScripts plays testdata/tracker/*.txt. A block is its number and a letter for
// its branch, a peer is a letter:
//
//	start QUORUM [LIMIT]           a new tracker that knows 0
//	add BLOCK PARENT [diff N] [td N] [time N]
//	claim PEER BLOCK               the peer's latest, with its number
//	claimhash PEER BLOCK           the same, by the hash alone
//	told PEER BLOCK                the peer told of it
//	leave PEER
//	at NUMBER                      the block that leads to the head
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

func block(id string) Ref {
	number, _ := strconv.ParseUint(strings.TrimRight(id, "abcdefghijklmnopqrstuvwxyz"), 10, 64)
	var h types.Hash
	copy(h[:], id)
	return Ref{number, h}
}

func name(h types.Hash) string { return strings.TrimRight(string(h[:]), "\x00") }

func link(id, parent string) Link {
	return Link{
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
		if len(args) == 2 {
			limit, _ = strconv.Atoi(args[1])
		}
		quorum, _ := strconv.Atoi(args[0])
		p.tr = NewTracker[string](link("0", ""), quorum, limit)
	case "add":
		l := link(args[0], args[1])
		var td *uint256.Int
		for i := 2; i+1 < len(args); i += 2 {
			n, _ := strconv.ParseUint(args[i+1], 10, 64)
			switch args[i] {
			case "diff":
				l.Difficulty = *uint256.NewInt(n)
			case "td":
				td = uint256.NewInt(n)
			case "time":
				l.Time = n
			}
		}
		if err := p.tr.Add(l, td); err != nil {
			fmt.Fprintln(&out, err)
		}
	case "claim":
		p.tr.Claim(args[0], block(args[1]))
	case "claimhash":
		p.tr.ClaimHash(args[0], block(args[1]).Hash)
	case "told":
		p.tr.Told(args[0], block(args[1]))
	case "leave":
		p.tr.Leave(args[0])
	case "at":
		n, _ := strconv.ParseUint(args[0], 10, 64)
		l, ok := p.tr.Recent.At(n)
		fmt.Fprintln(&out, name(l.Hash), ok)
	default:
		p.t.Fatalf("unknown command %q", verb)
	}
	if head, changed := p.tr.Settle(); changed {
		fmt.Fprintf(&out, "head %s attested %d\n", name(head.Hash), head.Attested)
	}
	if err := p.tr.checkInvariants(); err != nil {
		p.t.Fatalf("after %v: %v", words, err)
	}
	return out.String()
}

// checkInvariants says what must hold after Settle.
func (t *Tracker[P]) checkInvariants() error {
	r := t.Recent
	if r.Len() > r.limit || len(r.canon) > r.limit {
		return fmt.Errorf("%d blocks, %d by number, limit %d", r.Len(), len(r.canon), r.limit)
	}
	head, has := t.Head()
	if !has {
		if len(r.canon) != 0 {
			return fmt.Errorf("blocks by number without a head")
		}
		return nil
	}
	want := map[uint64]types.Hash{}
	r.ancestors(head.Hash, r.limit, func(k *known) bool {
		want[k.Number] = k.Hash
		return true
	})
	for n, h := range want {
		if r.canon[n] != h {
			return fmt.Errorf("block %d is %s, the head's ancestor is %s", n, name(r.canon[n]), name(h))
		}
	}
	for n, h := range r.canon {
		if want[n] != h && r.Has(h) {
			return fmt.Errorf("block %d is %s, which does not lead to the head", n, name(h))
		}
	}
	return nil
}
