// SPDX-License-Identifier: Apache-2.0

package fetch

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/internal/test/script"
)

// rules are those of announced transactions, with nothing left to chance.
func rules() Rules {
	return Rules{
		Limit: 10_000, PerPeer: 4096, Wait: 500 * time.Millisecond, Gather: 100 * time.Millisecond,
		AskKeys: 256, AskBytes: 128 << 10, Cooldown: 30 * time.Second, MaxCooldown: time.Hour,
		Shuffle: func(int, func(i, j int)) {},
	}
}

// TestScripts plays testdata/*.txt. Peers are letters and keys are numbers, N-M is a range, and
// N:SIZE says the size that is announced:
//
//	join PEER · leave PEER     a session begins, ends
//	at TIME                    the clock moves
//	announce PEER KEY…         the peer offers
//	ready KEY…                 the keys need not wait
//	got KEY…                   keys arrive unasked
//	reply PEER KEY…            the peer answers in time
//	late PEER KEY…             the peer answers a request that failed
//	failed PEER                the peer's request failed
//	postpone PEER              the peer's request cannot be sent yet
//	deadline                   says when there is something due
//	stages                     says how many keys are in which stage
//	losses                     says what was not tracked
//	limit N · forget TIME      other rules
func TestScripts(t *testing.T) {
	script.Run(t, "testdata/*.txt", func(t *testing.T) func([]string) string {
		p := &player{t: t, table: New[int, string, string](rules())}
		return p.run
	})
}

type player struct {
	t     *testing.T
	table *Table[int, string, string]
	now   time.Time
	due   time.Time
	out   strings.Builder
}

func (p *player) run(words []string) string {
	p.t.Helper()
	p.out.Reset()
	p.command(words[0], words[1:])
	asks, due := p.table.Next(p.now)
	p.due = due
	for _, ask := range asks {
		fmt.Fprintf(&p.out, "ask %s%s\n", ask.Peer, ranges(ask.Keys))
	}
	if err := p.table.checkInvariants(); err != nil {
		p.t.Fatalf("after %v: %v", words, err)
	}
	return p.out.String()
}

func (p *player) command(verb string, args []string) {
	switch t := p.table; verb {
	case "limit":
		t.rules.Limit, _ = strconv.Atoi(args[0])
	case "forget":
		t.rules.Forget = p.duration(args[0])
	case "join":
		t.Join(args[0])
	case "leave":
		t.Leave(args[0])
	case "at":
		p.now = time.Time{}.Add(p.duration(args[0]))
	case "announce":
		p.each(args[1:], func(k, size int) { t.Offer(p.now, args[0], k, size, "") })
	case "ready":
		p.each(args, func(k, _ int) { t.Ready(k) })
	case "got":
		p.each(args, func(k, _ int) { t.Got(k) })
	case "reply":
		if err := t.Answered(args[0], p.got(args[1:])); err != nil {
			fmt.Fprintf(&p.out, "fault %s: %v\n", args[0], err)
			t.Leave(args[0])
		}
	case "late":
		p.got(args[1:])
		t.Late(args[0])
	case "failed":
		t.Failed(p.now, args[0])
	case "postpone":
		t.Postpone(p.now, args[0])
	case "deadline":
		fmt.Fprintln(&p.out, p.due.Sub(time.Time{}))
	case "stages":
		fmt.Fprintf(&p.out, "waiting %d, queued %d, asked %d\n", t.waiting.n, t.queued.n, t.asked.n)
	case "losses":
		fmt.Fprintf(&p.out, "peer %d, table %d\n", t.Losses.PerPeer, t.Losses.Table)
		t.Losses = Losses{}
	default:
		p.t.Fatalf("unknown command %q", verb)
	}
}

func (p *player) got(words []string) (keys []int) {
	p.each(words, func(k, _ int) {
		keys = append(keys, k)
		p.table.Got(k)
	})
	return keys
}

func (p *player) duration(text string) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil {
		p.t.Fatal(err)
	}
	return d
}

// each calls f for each key that the words name.
func (p *player) each(words []string, f func(k, size int)) {
	for _, w := range words {
		span, sizeText, _ := strings.Cut(w, ":")
		from, to, isRange := strings.Cut(span, "-")
		if !isRange {
			to = from
		}
		first, err1 := strconv.Atoi(from)
		last, err2 := strconv.Atoi(to)
		if err1 != nil || err2 != nil {
			p.t.Fatalf("%q is no number and no range", w)
		}
		size, _ := strconv.Atoi(sizeText)
		for k := first; k <= last; k++ {
			f(k, size)
		}
	}
}

// ranges writes keys, runs of them as N-M.
func ranges(keys []int) string {
	var b strings.Builder
	for i := 0; i < len(keys); {
		j := i + 1
		for j < len(keys) && keys[j] == keys[j-1]+1 {
			j++
		}
		if j > i+1 {
			fmt.Fprintf(&b, " %d-%d", keys[i], keys[j-1])
		} else {
			fmt.Fprintf(&b, " %d", keys[i])
		}
		i = j
	}
	return b.String()
}
