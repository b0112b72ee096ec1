// SPDX-License-Identifier: Apache-2.0

package txgossip

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/internal/test/script"
	"github.com/ethpeer/ethpeer/types"
)

// TestFetchScripts plays testdata/fetch/*.txt. Peers are letters and transactions are
// numbers, N-M is a range, and N:KIND:SIZE says what an announcement of eth/68 says,
//
// and as the size of a body "-" is one that cannot be compared:
//
//	up PEER · down PEER        a session begins, ends
//	at TIME                    the clock moves; what is due happens
//	announce PEER TX…          the peer announces
//	bodies TX…                 transactions arrive unasked
//	reply PEER TX…             the peer answers
//	timeout PEER               the peer's request timed out
//	deadline                   says when there is something due
//	stages                     says how many transactions are in which stage
//	losses                     says what was not tracked
func TestFetchScripts(t *testing.T) {
	script.Run(t, "testdata/fetch/*.txt", func(t *testing.T) func([]string) string {
		p := &fetchPlayer{f: newOrderlyFetch(10_000), t: t}
		return p.run
	})
}

// newOrderlyFetch returns a machine that leaves nothing to chance.
func newOrderlyFetch(limit int) *fetch {
	f := newFetch(limit, nil)
	f.shuffle = func(int, func(i, j int)) {}
	return f
}

type fetchPlayer struct {
	f   *fetch
	t   *testing.T
	now time.Time
}

func (p *fetchPlayer) run(words []string) string {
	p.t.Helper()
	out := p.command(words[0], words[1:])
	if err := p.f.checkInvariants(); err != nil {
		p.t.Fatalf("after %v: %v", words, err)
	}
	return out
}

func (p *fetchPlayer) command(verb string, args []string) string {
	f := p.f
	switch verb {
	case "limit":
		f.limit, _ = strconv.Atoi(args[0])
	case "up":
		f.onPeerUp(peerOf(args[0]))
	case "down":
		return show(f.onPeerDown(peerOf(args[0])))
	case "at":
		d, err := time.ParseDuration(args[0])
		if err != nil {
			p.t.Fatal(err)
		}
		p.now = time.Time{}.Add(d)
		return show(f.onTick(p.now))
	case "announce":
		return show(f.onAnnounce(p.now, peerOf(args[0]), parseItems(p.t, args[1:])))
	case "bodies":
		return show(f.onBodies(parseBodies(p.t, args)))
	case "reply":
		return show(f.onReply(peerOf(args[0]), parseBodies(p.t, args[1:])))
	case "timeout":
		return show(f.onTimeout(p.now, peerOf(args[0])))
	case "deadline":
		at, ok := f.deadline()
		return fmt.Sprintln(at.Sub(time.Time{}), ok)
	case "stages":
		return fmt.Sprintf("waiting %d, queued %d, asked %d", f.waiting.n, f.queued.n, f.asked.n)
	case "losses":
		l := f.takeLosses()
		return fmt.Sprintf("peer %d, table %d", l.peer, l.table)
	default:
		p.t.Fatalf("unknown command %q", verb)
	}
	return ""
}

func peerOf(name string) peerID { return peerID(name[0]) }

func hashOf(n uint64) (h types.Hash) {
	binary.BigEndian.PutUint64(h[24:], n)
	return h
}

func numberOf(h types.Hash) uint64 { return binary.BigEndian.Uint64(h[24:]) }

func parseItems(t *testing.T, words []string) (items []item) {
	for _, w := range words {
		parts := strings.Split(w, ":")
		from, to, isRange := strings.Cut(parts[0], "-")
		if !isRange {
			to = from
		}
		first, err1 := strconv.ParseUint(from, 10, 64)
		last, err2 := strconv.ParseUint(to, 10, 64)
		if err1 != nil || err2 != nil {
			t.Fatalf("%q is no number and no range", w)
		}
		it := item{typed: len(parts) == 3 && parts[2] != "-"}
		if len(parts) == 3 {
			kind, _ := strconv.ParseUint(parts[1], 10, 8)
			it.kind = uint8(kind)
			it.size, _ = strconv.ParseUint(parts[2], 10, 64)
		}
		for n := first; n <= last; n++ {
			it.hash = hashOf(n)
			items = append(items, it)
		}
	}
	return items
}

func parseBodies(t *testing.T, words []string) (bodies []body) {
	for _, it := range parseItems(t, words) {
		bodies = append(bodies, body{hash: it.hash, kind: it.kind, size: it.size, sized: it.typed})
	}
	return bodies
}

func show(actions []action) string {
	var b strings.Builder
	for _, a := range actions {
		if a.fault != nil {
			fmt.Fprintf(&b, "fault %c: %v\n", rune(a.peer), a.fault)
			continue
		}
		fmt.Fprintf(&b, "ask %c%s\n", rune(a.peer), ranges(a.ask))
	}
	return b.String()
}

// ranges writes hashes as numbers, runs of them as N-M.
func ranges(hashes []types.Hash) string {
	var b strings.Builder
	for i := 0; i < len(hashes); {
		j := i + 1
		for j < len(hashes) && numberOf(hashes[j]) == numberOf(hashes[j-1])+1 {
			j++
		}
		if j > i+1 {
			fmt.Fprintf(&b, " %d-%d", numberOf(hashes[i]), numberOf(hashes[j-1]))
		} else {
			fmt.Fprintf(&b, " %d", numberOf(hashes[i]))
		}
		i = j
	}
	return b.String()
}
