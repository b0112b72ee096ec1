// SPDX-License-Identifier: Apache-2.0

package eth

import (
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"pgregory.net/rapid"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
)

// Up to eth/65 the reply to a request that timed out cannot be told from the reply to the
// next one. So there is no next one until it has come.
func TestLateReplyWithoutIDDoesNotAnswerTheNextRequest(t *testing.T) {
	inBubble(t, 65, func(d *dialogue) {
		d.shakeHands()
		s := d.ear.up[0]
		many := wire.HeadersRequest{Origin: wire.AtNumber(1), Amount: 3}
		if err := Ask(s, many, func(wire.Headers, error) {}); err != nil {
			t.Fatal(err)
		}
		d.want("the request", wire.KindGetBlockHeaders.Row().Code, many.Append(nil, 65, 0))
		time.Sleep(requestTimeout) // in a bubble
		synctest.Wait()
		var a asked
		if err := d.ask(&a, 5); err == nil {
			d.wantRequest(5, 0)
		} else if !errors.Is(err, ErrBusy) {
			t.Fatal(err)
		}
		d.reply(0, anItem, anItem, anItem) // all that was asked for, late
		synctest.Wait()
		if a.calls != 0 || s.Cause() != nil {
			t.Fatalf("a late reply ended an honest peer: %v, %+v", s.Cause(), a)
		}
		if s.requests.tooLate != 1 {
			t.Errorf("%d replies count as late", s.requests.tooLate)
		}
		if err := d.ask(&a, 5); err != nil {
			t.Fatalf("the peer has answered: %v", err)
		}
		d.wantRequest(5, 0)
		d.reply(0, anItem)
		synctest.Wait()
		if a.calls != 1 || a.err != nil {
			t.Errorf("got %+v", a)
		}
	})
}

// A peer that never answers soon gets no more requests of that kind; other kinds are not affected.
func TestUnansweredRequestWithoutIDIsForgotten(t *testing.T) {
	r := bareRequests(t, 65)
	now := time.Unix(1000, 0)
	ask := func(kind wire.Kind) error {
		return r.add(now, kind, func(uint64) []byte { return []byte{0xc0} }, func([]byte, error) error { return nil })
	}
	if err := ask(wire.KindGetBlockHeaders); err != nil {
		t.Fatal(err)
	}
	send(r)
	now = now.Add(requestTimeout)
	r.expire(now)
	if err := ask(wire.KindGetBlockHeaders); !errors.Is(err, ErrBusy) {
		t.Errorf("the same kind: %v", err)
	}
	if err := ask(wire.KindGetBlockBodies); err != nil {
		t.Errorf("another kind: %v", err)
	}
	now = now.Add(rememberFor)
	r.expire(now)
	if err := ask(wire.KindGetBlockHeaders); err != nil {
		t.Errorf("5 minutes later: %v", err)
	}
}

// An ID that was never sent was never ours, as far as they can know.
func TestReplyToARequestThatWasNeverSent(t *testing.T) {
	r := bareRequests(t, 69)
	now := time.Unix(1000, 0)
	calls := 0
	err := r.add(now, wire.KindGetBlockHeaders, func(uint64) []byte { return []byte{0xc0} }, func([]byte, error) error {
		calls++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	reply := wire.Reply{Kind: wire.KindBlockHeaders, ID: 7000}.Append(nil, 69, nil)
	for _, when := range []string{"before it is sent", "after it timed out unsent"} {
		err := r.deliver(now, wire.KindBlockHeaders.Row(), reply)
		if _, ok := errors.AsType[*p2p.Violation](err); !ok {
			t.Errorf("%s: %v", when, err)
		}
		r.expire(now.Add(requestTimeout))
	}
	if calls != 1 || send(r) {
		t.Errorf("%d calls; and it is sent after all", calls)
	}
}

// What a request held on to is free when it is over.
func TestNothingIsHeldOnTo(t *testing.T) {
	r := bareRequests(t, 69)
	now := time.Unix(1000, 0)
	add := func() weak.Pointer[[1 << 10]byte] {
		big := new([1 << 10]byte)
		err := r.add(now, wire.KindGetBlockHeaders, func(uint64) []byte { return []byte{0xc0} }, func([]byte, error) error {
			big[0]++
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		send(r)
		return weak.Make(big)
	}
	held := []weak.Pointer[[1 << 10]byte]{add(), add(), add()}
	if err := r.deliver(now, wire.KindBlockHeaders.Row(), wire.Reply{Kind: wire.KindBlockHeaders, ID: 7001}.Append(nil, 69, nil)); err != nil {
		t.Fatal(err)
	}
	r.expire(now.Add(requestTimeout))

	var a answers
	a.start(nil, 69, nil)
	answer1 := new([1 << 10]byte)
	held = append(held, weak.Make(answer1))
	a.add(answer{produce: func(out *p2p.Out) { out.Raw = append(out.Raw, answer1[0]) }})
	answer1 = nil
	a.take()
	runtime.GC()
	for i, w := range held {
		if w.Value() != nil {
			t.Errorf("%d is held on to", i)
		}
	}
	runtime.KeepAlive(&a)
	runtime.KeepAlive(r)
}

// bareRequests returns a tracker on a peer that does not run.
func bareRequests(t testing.TB, v wire.Version) *requests {
	t.Helper()
	chain, _ := params.ByName("mainnet")
	proto, err := New(Config{Chain: chain, Versions: []wire.Version{v}})
	if err != nil {
		t.Fatal(err)
	}
	pipe, _ := p2p.Pipe()
	peer, err := p2p.NewPeer(pipe, p2p.Config{
		Hello:     &p2p.Hello{Version: 5, Caps: []p2p.Cap{{Name: "eth", Version: uint(v)}}},
		Protocols: []p2p.Protocol{proto},
	})
	if err != nil {
		t.Fatal(err)
	}
	r := new(requests)
	r.start(v, 7000, peer)
	return r
}

func send(r *requests) bool {
	var out p2p.Out
	return r.Next(&out, 0)
}

// deal is a request as the model of TestRequestsInAnyOrder sees it.
type deal struct {
	id       uint64
	kind     wire.Kind
	asked    time.Time
	sent     bool
	forget   time.Time // when a late reply is not expected any more; set at the timeout
	over     bool      // its callback was called
	answered bool      // they have replied, in time or late
}

func (d *deal) expected(now time.Time) bool {
	return d.sent && !d.answered && (!d.over || now.Before(d.forget))
}

// TestRequestsInAnyOrder asks, sends, replies, replies late, replies wrongly, lets time
// pass and fails, in any order. Each callback is called exactly once, with the result of
// that order, and a late reply is no violation.
func TestRequestsInAnyOrder(t *testing.T) {
	for _, v := range []wire.Version{65, 69} {
		rapid.Check(t, func(rt *rapid.T) { checkRequests(t, rt, v) })
	}
}

func checkRequests(t *testing.T, rt *rapid.T, v wire.Version) {
	r := bareRequests(t, v)
	now := time.Unix(1000, 0)
	var deals []*deal
	var want error // what a callback may be called with now; nil = a payload
	var due *deal  // whose callback is called with a payload
	ended := errors.New("over")
	kinds := []wire.Kind{wire.KindGetBlockHeaders, wire.KindGetBlockBodies, wire.KindGetReceipts}

	callback := func(one *deal) func([]byte, error) error {
		return func(payload []byte, err error) error {
			switch {
			case one.over:
				rt.Fatalf("request %d: a second call", one.id)
			case !errors.Is(err, want) || (err == nil) != (payload != nil):
				rt.Fatalf("request %d: called with %v, %v; want %v", one.id, payload, err, want)
			case err == nil && due != one:
				rt.Fatalf("request %d got another one's reply", one.id)
			}
			one.over, one.forget = true, now.Add(rememberFor)
			return nil
		}
	}
	busy := func(kind wire.Kind) (inFlight int, same bool) {
		for _, one := range deals {
			if !one.over {
				inFlight++
			}
			// Sent, and neither answered nor given up: without IDs the kind is taken.
			open := !one.over || one.expected(now)
			same = same || (open && one.kind == kind)
		}
		return inFlight, same
	}
	tick := func() {
		want = ErrTimeout
		next := r.expire(now)
		want = nil
		for _, one := range deals {
			if expired := !now.Before(one.asked.Add(requestTimeout)); expired && !one.over {
				rt.Fatalf("request %d is overdue", one.id)
			}
			if !one.over && (next.IsZero() || next.After(one.asked.Add(requestTimeout))) {
				rt.Fatalf("request %d is due before %v", one.id, next)
			}
		}
	}
	reply := func(t *rapid.T, id uint64, kind wire.Kind) error {
		row := kind.Row().Reply.Row()
		return r.deliver(now, row, wire.Reply{Kind: row.Kind, ID: id}.Append(nil, v, nil))
	}
	rt.Repeat(map[string]func(*rapid.T){
		"ask": func(t *rapid.T) {
			one := &deal{kind: rapid.SampledFrom(kinds).Draw(t, "kind"), asked: now}
			inFlight, same := busy(one.kind)
			err := r.add(now, one.kind, func(id uint64) []byte { one.id = id; return []byte{0xc0} }, callback(one))
			if refuse := inFlight == maxInFlight || (v < 66 && same); refuse != errors.Is(err, ErrBusy) {
				t.Fatalf("with %d in flight, same kind %v: %v", inFlight, same, err)
			}
			if err == nil {
				deals = append(deals, one)
			}
		},
		"send": func(t *rapid.T) {
			var next *deal
			for _, one := range deals {
				if !one.sent && !one.over {
					next = one
					break
				}
			}
			if send(r) != (next != nil) {
				t.Fatalf("next to send is %+v", next)
			}
			if next != nil {
				next.sent = true
			}
		},
		"reply": func(t *rapid.T) {
			if len(deals) == 0 {
				t.Skip("nothing was asked")
			}
			one := rapid.SampledFrom(deals).Draw(t, "request")
			if v < 66 && !one.expected(now) {
				t.Skip("it is a stray")
			}
			expected := one.expected(now)
			was := one.over
			due = one
			err := reply(t, one.id, one.kind)
			due = nil
			_, blamed := errors.AsType[*p2p.Violation](err)
			switch {
			case expected && (err != nil || !one.over):
				t.Fatalf("request %+v, was over %v: %v", one, was, err)
			case !expected && v >= 66 && !blamed:
				t.Fatalf("request %+v was answered: %v", one, err)
			}
			one.answered = one.answered || one.sent
		},
		"stray": func(t *rapid.T) {
			if v >= 66 {
				if err := reply(t, 6999, kinds[0]); err == nil {
					t.Fatal("an ID that was never ours")
				}
				return
			}
			kind := rapid.SampledFrom(kinds).Draw(t, "kind")
			for _, one := range deals {
				if one.kind == kind && one.expected(now) {
					t.Skip("it would be a reply")
				}
			}
			if err := reply(t, 0, kind); err != nil {
				t.Fatal(err)
			}
		},
		"time": func(t *rapid.T) {
			now = now.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 3, 100}).Draw(t, "seconds")) * time.Second)
			tick()
		},
		"": func(t *rapid.T) {
			open := 0
			for _, one := range deals {
				if !one.over {
					open++
				}
			}
			if len(r.pending) != open || open > maxInFlight {
				t.Fatalf("%d are pending, want %d", len(r.pending), open)
			}
		},
	})
	want = ended
	r.fail(ended)
	for _, one := range deals {
		if !one.over {
			rt.Fatalf("request %d: its callback was never called", one.id)
		}
	}
	if err := r.add(now, kinds[0], nil, nil); !errors.Is(err, ended) {
		rt.Fatalf("after the end: %v", err)
	}
}
