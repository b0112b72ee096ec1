// SPDX-License-Identifier: Apache-2.0

package chainsync

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/internal/test/script"
	"github.com/ethpeer/ethpeer/types"
)

// TestScripts plays testdata/*.txt. A peer is a letter. A block is a number and the letters of its branch:
// the parent of 7b is 6b, and that of 6 is 5. The total difficulty of a block is its number.
//
//	weighed | believed          how heads are found
//	at TIME                     the clock moves; what is due happens
//	up PEER VERSION [HEAD [TD]] a session, and what its Status says; down PEER: it has ended
//	head PEER HEAD [TD]         the peer's head moves
//	local HEAD [TAIL]           our chain's head
//	gap NEXT FLOOR | nogap      what is missing below our head
//	believe HEAD [NUMBER]       a source names a block, alone or with its header and number
//	give PEER BLOCK… | FIRST-LAST   the headers that it was asked for; none: an empty reply
//	late PEER WORK, busy PEER WORK  no reply in time; the request could not be sent
//	done [bad|future|lost]      the first job is done, or why it is not
//	found FIRST-LAST WORK…      what the look for missing data found; "receipts!" are large
//	fill PEER WORK [INDEX…]     which of the items that it was asked for came
//
// The answer is what the machine wants done.
func TestScripts(t *testing.T) {
	script.Run(t, "testdata/*.txt", func(t *testing.T) func([]string) string {
		p := &scriptPlayer{t: t, now: scriptEpoch, asks: map[string][works]*ask[string]{}}
		return p.run
	})
}

var scriptEpoch = time.Unix(1_000_000, 0)

type scriptPlayer struct {
	t    *testing.T
	m    *machine[string]
	now  time.Time
	asks map[string][works]*ask[string] // in flight, by peer
	jobs []job[string]
}

func (p *scriptPlayer) run(words []string) string {
	p.t.Helper()
	var out strings.Builder
	p.command(words[0], words[1:], &out)
	p.m.step(p.now)
	p.tell(&out)
	if err := p.m.checkInvariants(); err != nil {
		p.t.Fatalf("after %v: %v", words, err)
	}
	return out.String()
}

func (p *scriptPlayer) command(verb string, args []string, out *strings.Builder) {
	switch verb {
	case "weighed", "believed":
		p.m = newMachine[string](chain.Ref{Hash: hashOf("0")}, verb == "believed")
		p.m.onLocal(p.now, chain.Head{Ref: refOf("0"), HasTD: true}, 0, chain.Gap{}, false)
	case "at":
		d, err := time.ParseDuration(args[0])
		if err != nil {
			p.t.Fatal(err)
		}
		p.now = scriptEpoch.Add(d)
	case "up":
		v, _ := strconv.Atoi(args[1])
		p.m.onOpen(p.now, args[0], info{hasRequestIDs: v >= 66, hasRange: v >= 69, hasParts: v >= 70, hasLists: v >= 71}, headOf(v, args[2:]))
	case "down":
		p.m.onClose(args[0])
	case "head":
		v := 68
		if p.m.peers.byKey[args[0]].hasRange {
			v = 69
		}
		p.m.onPeerHead(p.now, args[0], headOf(v, args[1:]))
	case "local":
		h, tail := refOf(args[0]), uint64(0)
		if len(args) > 1 {
			tail = refOf(args[1]).Number
		}
		g, ok := p.m.backward.gap, p.m.backward.hasGap
		p.m.onLocal(p.now, chain.Head{Ref: h, TD: *uint256.NewInt(h.Number), HasTD: true}, tail, g, ok)
	case "gap":
		p.m.onGap(chain.Gap{Next: refOf(args[0]), Floor: refOf(args[1]).Number}, true)
	case "nogap":
		p.m.onGap(chain.Gap{}, false)
	case "believe":
		h := headerOf(args[0])
		t := target{Ref: chain.Ref{Hash: h.Hash}}
		if len(args) > 1 {
			t = target{Ref: h.Ref(), header: h.raw, link: h.Link}
		}
		p.m.onBelieve(p.now, t)
	case "done":
		p.done(args, out)
	case "found":
		for _, h := range p.headersOf(args[:1]) {
			for _, w := range args[1:] {
				w, large := strings.CutSuffix(w, "!")
				p.m.fills[workOf(w)].add(&part{Ref: h.Ref(), gasUsed: map[bool]uint64{true: 100_000_000}[large]})
			}
		}
	default:
		p.reply(verb, args, out)
	}
}

// reply gives the machine what became of a request.
func (p *scriptPlayer) reply(verb string, args []string, out *strings.Builder) {
	w, rest := headers, args[1:]
	if verb != "give" {
		w, rest = workOf(args[1]), args[2:]
	}
	all := p.asks[args[0]]
	a := all[w]
	if a == nil {
		fmt.Fprintf(out, "%s is not asked for %v\n", args[0], w)
		return
	}
	all[w] = nil
	p.asks[args[0]] = all
	var err error
	var items []int
	switch verb {
	case "late":
		err = eth.ErrTimeout
	case "busy":
		err = eth.ErrBusy
	case "give":
		p.m.onHeaders(p.now, a, p.headersOf(rest), nil)
		return
	case "fill":
		for _, s := range rest {
			n, _ := strconv.Atoi(s)
			if n >= len(a.wants) {
				p.t.Fatalf("%s is asked for %d items", args[0], len(a.wants))
			}
			items = append(items, n)
		}
	default:
		p.t.Fatalf("unknown command %q", verb)
	}
	if w == headers {
		p.m.onHeaders(p.now, a, nil, err)
	} else {
		p.m.onFilled(p.now, a, items, err)
	}
}

func (p *scriptPlayer) headersOf(words []string) (all []header) {
	for _, w := range words {
		first, last, isRange := strings.Cut(w, "-")
		if !isRange {
			last = first
		}
		step, suffix := 1, strings.TrimLeft(first, "0123456789")
		if s, by, ok := strings.Cut(last, "/"); ok { // FIRST-LAST/STEP
			last = s
			step, _ = strconv.Atoi(by)
		}
		from, to := int(refOf(first).Number), int(refOf(last).Number) //nolint:gosec // small
		for n := from; from <= to && n <= to; n += step {
			all = append(all, p.held(headerOf(fmt.Sprint(n, suffix))))
		}
		for n := from; from > to && n >= to; n -= step {
			all = append(all, p.held(headerOf(fmt.Sprint(n, suffix))))
		}
	}
	return all
}

// held says whether we have the block: those of our head's branch up to our head.
func (p *scriptPlayer) held(h header) header {
	branch := strings.TrimLeft(nameOf(p.m.local.Hash), "0123456789")
	if h.Number < 100 {
		branch = ""
	}
	h.held = h.Number <= p.m.local.Number && h.Number >= p.m.local.tail && h.Hash == hashOf(fmt.Sprint(h.Number, branch))
	return h
}

func (p *scriptPlayer) done(args []string, out *strings.Builder) {
	if len(p.jobs) == 0 {
		fmt.Fprintln(out, "there is no job")
		return
	}
	j := p.jobs[0]
	p.jobs = p.jobs[1:]
	var r result
	if len(args) > 0 {
		switch args[0] {
		case "bad":
			r.err = &rules.Error{Rule: rules.GasLimit, Number: 1, Why: "is wrong"}
		case "future":
			r.err = chain.ErrFuture
		case "lost":
			r.err = errors.New("the disk is full")
		default: // a total difficulty
			n, _ := strconv.ParseUint(args[0], 10, 64)
			r.td, r.hasTD = *uint256.NewInt(n), true
		}
	}
	if r.err == nil && j.do == insert {
		last := nameOf(headerHash(j.raw[len(j.raw)-1]))
		h := refOf(last)
		p.m.onLocal(p.now, chain.Head{Ref: h, TD: *uint256.NewInt(h.Number), HasTD: true}, p.m.local.tail, p.m.backward.gap, p.m.backward.hasGap)
	}
	if b := &p.m.backward; r.err == nil && j.do == insertBack {
		lowest := headerOf(nameOf(headerHash(j.raw[len(j.raw)-1])))
		g := chain.Gap{Next: chain.Ref{Number: lowest.Number - 1, Hash: lowest.Parent}, Floor: b.gap.Floor}
		p.m.onGap(g, g.Next.Number >= g.Floor)
	}
	j.take(p.now, r)
}

// tell says what the machine wants done.
func (p *scriptPlayer) tell(out *strings.Builder) {
	for _, d := range p.m.takeDrops() {
		fmt.Fprintf(out, "end %s, %s: %s\n", d.peer, [...]string{breach: "breach", useless: "useless"}[d.verdict], d.why)
		delete(p.asks, d.peer)
	}
	for _, a := range p.m.takeAsks() {
		all := p.asks[a.peer.key]
		all[a.work] = a
		p.asks[a.peer.key] = all
		fmt.Fprintf(out, "ask %s for %v", a.peer.key, a.work)
		if a.work != headers {
			for _, w := range a.wants {
				out.WriteString(" " + nameOf(w.Hash))
			}
			fmt.Fprintf(out, " within %v\n", a.timeout)
			continue
		}
		q := a.query
		from := fmt.Sprint("number ", q.origin.Number)
		if q.origin.ByHash {
			from = "hash " + nameOf(q.origin.Hash)
		}
		fmt.Fprintf(out, " %s, %d, skip %d, reverse %t, within %v\n", from, q.amount, q.skip, q.reverse, a.timeout)
	}
	for _, j := range p.m.takeJobs() {
		if j.do == scan { // is a script's own to answer, by found
			p.m.look = look{}
			continue
		}
		p.jobs = append(p.jobs, j)
		fmt.Fprintf(out, "do %s", [...]string{insert: "insert", insertBack: "insert back", setHead: "set head", weigh: "weigh"}[j.do])
		switch {
		case j.do == weigh:
			out.WriteString(" " + nameOf(j.ref.Hash))
		default:
			fmt.Fprintf(out, " %s", nameOf(headerHash(j.raw[0])))
			if len(j.raw) > 1 {
				fmt.Fprintf(out, " to %s", nameOf(headerHash(j.raw[len(j.raw)-1])))
			}
		}
		out.WriteByte('\n')
	}
	if p.m.over {
		p.m.over = false
		fmt.Fprintln(out, "over")
	}
}

// hashOf is the name itself.
func hashOf(name string) (h types.Hash) { copy(h[:], name); return h }

func nameOf(h types.Hash) string { return strings.TrimRight(string(h[:]), "\x00") }

func refOf(name string) chain.Ref {
	n, _ := strconv.ParseUint(strings.TrimRight(name, "abcdefghijklmnopqrstuvwxyz"), 10, 64)
	return chain.Ref{Number: n, Hash: hashOf(name)}
}

// headerOf returns a header whose bytes are its name. Branches begin with block 100, on block 99.
func headerOf(name string) header {
	r := refOf(name)
	suffix := strings.TrimLeft(name, "0123456789")
	if r.Number == 100 {
		suffix = ""
	}
	h := header{raw: []byte(name)}
	h.Number, h.Hash, h.Time = r.Number, r.Hash, r.Number
	if r.Number > 0 {
		h.Parent = hashOf(fmt.Sprint(r.Number-1, suffix))
	}
	h.Difficulty = *uint256.NewInt(1)
	return h
}

func headerHash(raw []byte) types.Hash { return hashOf(string(raw)) }

func headOf(v int, args []string) (h peerHead) {
	if len(args) == 0 {
		args = []string{"0"}
	}
	r := refOf(args[0])
	h = peerHead{hash: r.Hash, number: r.Number, numbered: v >= 69, held: r.Number == 0}
	if v < 69 {
		h.td, h.number = *uint256.NewInt(r.Number), 0
	}
	if len(args) > 1 {
		td, _ := strconv.ParseUint(args[1], 10, 64)
		h.td = *uint256.NewInt(td)
	}
	return h
}

func workOf(s string) work {
	switch s {
	case "bodies":
		return bodies
	case "receipts":
		return receipts
	case "lists":
		return accessLists
	}
	return headers
}

// checkInvariants says what must hold after step.
func (m *machine[P]) checkInvariants() error {
	asked := map[string]P{}
	for _, p := range m.peers.all {
		for w, a := range p.asked {
			if a == nil {
				continue
			}
			if a.peer != p || a.work != work(w) {
				return fmt.Errorf("peer %v has the request of another", p.key)
			}
			if len(a.wants) > maxItems[w] {
				return fmt.Errorf("peer %v is asked for %d %v", p.key, len(a.wants), a.work)
			}
			for _, want := range a.wants {
				if want.asked != p {
					continue // it came from another peer meanwhile, or is not wanted any more
				}
				key := fmt.Sprint(w, want.Hash)
				if other, twice := asked[key]; twice {
					return fmt.Errorf("%v and %v are asked for %v of %s", other, p.key, a.work, nameOf(want.Hash))
				}
				asked[key] = p.key
			}
		}
	}
	for w := bodies; w < works; w++ {
		f := m.fills[w]
		if len(f.wants) != len(f.has) || len(f.wants) > maxWants {
			return fmt.Errorf("%d %v are wanted, %d by hash", len(f.wants), w, len(f.has))
		}
		for _, want := range f.wants {
			if want.asked != nil && (want.asked.gone || want.asked.asked[w] == nil) {
				return fmt.Errorf("%v of %s are not being asked for", w, nameOf(want.Hash))
			}
		}
	}
	if err := m.backward.segments.checkInvariants(ahead); err != nil {
		return err
	}
	if f := m.forward; f != nil {
		return f.segments.checkInvariants(skeletonSize)
	}
	return nil
}

func (s *segments[P]) checkInvariants(most int) error {
	if len(s.all) > 2*most {
		return fmt.Errorf("%d ranges", len(s.all))
	}
	for i, seg := range s.all {
		switch {
		case seg.asked != nil && (seg.asked.gone || seg.asked.asked[headers] == nil || seg.got != nil):
			return fmt.Errorf("range %d from %d is not being asked for", i, seg.low)
		case seg.got != nil && uint64(len(seg.got)) != seg.count:
			return fmt.Errorf("range %d from %d has %d headers", i, seg.low, len(seg.got))
		case i > 0 && seg.reverse && seg.high()+1 != s.all[i-1].low, i > 0 && !seg.reverse && s.all[i-1].high()+1 != seg.low:
			return fmt.Errorf("range %d from %d is not beside the one before", i, seg.low)
		}
	}
	return nil
}
