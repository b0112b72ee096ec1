// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/internal/test/script"
	"github.com/ethpeer/ethpeer/types"
)

// TestMachineScripts plays testdata/machine/*.txt. A peer is a letter; a block is its number
// and a letter for its branch, its parent the number before on the same branch unless
// "6b<5" says which, "6!" has an empty body, and "6-9!" are several:
//
//	up PEER VERSION BLOCK          a session begins; BLOCK is the latest of its Status
//	down PEER
//	at TIME                        the clock moves; what is due happens
//	hashes PEER BLOCK…             NewBlockHashes; "6=7" lies about the number
//	newblock PEER BLOCK
//	range PEER BLOCK               BlockRangeUpdate
//	headers PEER BLOCK…            the answer to a request for headers, noheaders: none
//	bodies PEER BLOCK…             the answer to a request for bodies, nobodies: none
//	headersbusy, bodiesbusy PEER   the request cannot be sent now
//	deadline, losses
func TestMachineScripts(t *testing.T) {
	script.Run(t, "testdata/machine/*.txt", func(t *testing.T) func([]string) string {
		first := func(int) int { return 0 }
		p := &player{t: t, now: epoch, m: newMachine(blockOf("0").Link, 3, first)}
		return p.run
	})
}

type player struct {
	t   *testing.T
	m   *machine
	now time.Time
}

var epoch = time.Unix(0, 0)

func (p *player) run(words []string) string {
	p.t.Helper()
	out := p.command(words[0], words[1:])
	if err := p.m.checkInvariants(); err != nil {
		p.t.Fatalf("after %v: %v", words, err)
	}
	return out
}

func (p *player) command(verb string, args []string) string {
	m := p.m
	var id peerID
	if len(args) > 0 {
		id = peerID(args[0][0])
	}
	switch verb {
	case "up":
		return show(m.onPeerUp(p.now, id, greet(args[0], args[1], args[2])))
	case "down":
		return show(m.onPeerDown(p.now, id))
	case "at":
		d, err := time.ParseDuration(args[0])
		if err != nil {
			p.t.Fatal(err)
		}
		p.now = epoch.Add(d)
		return show(m.onTick(p.now))
	case "hashes":
		return show(m.onHashes(p.now, id, refsOf(args[1:])))
	case "newblock":
		return show(p.newBlock(id, args[1]))
	case "range":
		return show(m.onRange(p.now, id, refsOf(args[1:])[0]))
	case "headers":
		var hs []header
		for _, a := range args[1:] {
			hs = append(hs, blocksOf(a)...)
		}
		return show(m.onHeaders(p.now, id, hs))
	case "noheaders":
		return show(m.onNoHeaders(p.now, id))
	case "headersbusy":
		return show(m.onHeadersBusy(p.now, id))
	case "bodiesbusy":
		return show(m.onBodiesBusy(p.now, id))
	case "bodies":
		var roots []chain.Roots
		for _, a := range args[1:] {
			roots = append(roots, blockOf(a).Roots)
		}
		return show(m.onBodies(p.now, id, roots))
	case "nobodies":
		return show(m.onNoBodies(p.now, id))
	case "deadline":
		at, ok := m.deadline()
		return fmt.Sprintln(at.Sub(epoch), ok)
	case "losses":
		l := m.takeLosses()
		return fmt.Sprintf("announced %d, bodies %d, jumps %d\n", l.announced, l.bodies, l.jumps)
	}
	p.t.Fatalf("unknown command %q", verb)
	return ""
}

func (p *player) newBlock(id peerID, block string) []action {
	h := blockOf(block)
	return p.m.onNewBlock(p.now, id, h, uint256.NewInt(2*h.Number))
}

func greet(name, version, latest string) greeting {
	v, _ := strconv.Atoi(version)
	g := greeting{teller: event.Source{Client: name}, ranged: v >= 69, exact: v >= 66, latest: refsOf([]string{latest})[0]}
	if v < 69 {
		g.td = *uint256.NewInt(2 * g.latest.Number)
		g.latest.Number = 0
	}
	return g
}

// blockOf reads a block as the scripts write it.
func blockOf(s string) (h header) {
	s, empty := strings.CutSuffix(s, "!")
	id, parent, hasParent := strings.Cut(s, "<")
	digits := strings.TrimRight(id, "abcdefghijklmnopqrstuvwxyz")
	h.Number, _ = strconv.ParseUint(digits, 10, 64)
	if !hasParent && h.Number > 0 {
		parent = strconv.FormatUint(h.Number-1, 10) + id[len(digits):]
	}
	copy(h.Hash[:], id)
	copy(h.Parent[:], parent)
	h.Time, h.Difficulty = 10*h.Number, *uint256.NewInt(2)
	h.Roots = chain.Roots{Txs: h.Hash}
	if empty {
		h.Roots = chain.Roots{Txs: types.Hash(keccak.Sum256([]byte{0x80})), Uncles: types.Hash(keccak.Sum256([]byte{0xc0}))}
	}
	return h
}

// blocksOf reads a block, or several as "5002-5063!".
func blocksOf(s string) (hs []header) {
	first, rest, isRange := strings.Cut(s, "-")
	if !isRange {
		return []header{blockOf(s)}
	}
	last := blockOf(rest)
	suffix := strings.TrimLeft(rest, "0123456789")
	from, _ := strconv.ParseUint(first, 10, 64)
	for n := from; n <= last.Number; n++ {
		hs = append(hs, blockOf(strconv.FormatUint(n, 10)+suffix))
	}
	return hs
}

func refsOf(words []string) (refs []chain.Ref) {
	for _, w := range words {
		id, number, lies := strings.Cut(w, "=")
		h := blockOf(id)
		ref := h.Ref()
		if lies {
			ref.Number, _ = strconv.ParseUint(number, 10, 64)
		}
		refs = append(refs, ref)
	}
	return refs
}

func name(h types.Hash) string { return strings.TrimRight(string(h[:]), "\x00") }

func show(actions []action) string {
	var b strings.Builder
	for _, a := range actions {
		switch {
		case a.fault != nil:
			fmt.Fprintf(&b, "fault %c: %v\n", rune(a.peer), a.fault)
		case a.headers != nil && a.headers.byHash():
			fmt.Fprintf(&b, "headers %c %s\n", rune(a.peer), name(a.headers.hash))
		case a.headers != nil:
			fmt.Fprintf(&b, "headers %c from %d, %d\n", rune(a.peer), a.headers.number, a.headers.amount)
		case a.bodies != nil:
			fmt.Fprintf(&b, "bodies %c", rune(a.peer))
			for _, h := range a.bodies {
				b.WriteString(" " + name(h))
			}
			b.WriteByte('\n')
		case a.head != nil:
			fmt.Fprintf(&b, "head %s attested %d\n", name(a.head.Hash), a.head.Attested)
		case a.block != nil:
			fmt.Fprintf(&b, "block %s via %s of %s, body %d\n", name(a.block.Hash), a.block.via, a.block.teller.Client, a.block.body)
		}
	}
	return b.String()
}
