// SPDX-License-Identifier: Apache-2.0

package eth

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/types"
)

// asked collects what became of a request.
type asked struct {
	headers wire.Headers
	err     error
	calls   int
}

func (d *dialogue) ask(a *asked, number uint64) error {
	return Ask(d.ear.up[0], headersAt(number), func(h wire.Headers, err error) {
		a.headers, a.err = h, err
		a.calls++
	})
}

func headersAt(number uint64) wire.HeadersRequest {
	return wire.HeadersRequest{Origin: wire.AtNumber(number), Amount: 1}
}

func (d *dialogue) wantRequest(number, id uint64) {
	d.t.Helper()
	d.want("the request", wire.KindGetBlockHeaders.Row().Code, headersAt(number).Append(nil, d.v, id))
}

func (d *dialogue) reply(id uint64, items ...[]byte) {
	d.t.Helper()
	r := wire.Reply{Kind: wire.KindBlockHeaders, ID: id}
	d.send(wire.KindBlockHeaders.Row().Code, r.Append(nil, d.v, items))
}

var anItem = []byte{0xc1, 0x01} // a list, as a header is

func TestRepliesFindTheirRequests(t *testing.T) {
	inBubble(t, 69, func(d *dialogue) {
		d.shakeHands()
		var a, b asked
		if err := errors.Join(d.ask(&a, 5), d.ask(&b, 6)); err != nil {
			t.Fatal(err)
		}
		d.wantRequest(5, 7000)
		d.wantRequest(6, 7001)
		d.reply(7001, anItem)
		d.reply(7000)
		synctest.Wait()
		if a.err != nil || a.calls != 1 || a.headers.Len() != 0 || b.err != nil || b.calls != 1 || b.headers.Len() != 1 {
			t.Errorf("got %+v and %+v", a, b)
		}
	})
}

// Receipts that came in part are asked for again under the same ID (EIP-7975).
func TestRequestWithTheSameID(t *testing.T) {
	inBubble(t, 70, func(d *dialogue) {
		d.shakeHands()
		receipts := wire.KindGetReceipts.Row()
		var got []wire.ReceiptLists
		var id uint64
		ask := func(first uint64, again bool) error {
			q := wire.ReceiptsRequest{FirstIndex: first, Hashes: []types.Hash{{1}}}
			return AskWith(d.ear.up[0], q, Options[wire.ReceiptLists]{ID: &id, Again: again}, func(r wire.ReceiptLists, err error) {
				if err != nil {
					t.Error(err)
				}
				got = append(got, r)
			})
		}
		want := func(first uint64) {
			t.Helper()
			q := wire.ReceiptsRequest{FirstIndex: first, Hashes: []types.Hash{{1}}}
			d.want("the request", receipts.Code, q.Append(nil, d.v, 7000))
		}
		reply := func(incomplete bool) {
			r := wire.Reply{Kind: wire.KindReceipts, ID: 7000, LastIncomplete: incomplete}
			d.send(wire.KindReceipts.Row().Code, r.Append(nil, d.v, [][]byte{{0xc1, 0xc0}}))
			synctest.Wait()
		}
		if err := ask(0, false); err != nil || id != 7000 {
			t.Fatalf("ID %d, %v", id, err)
		}
		want(0)
		if err := ask(1, true); !errors.Is(err, ErrPending) {
			t.Errorf("again before the reply: %v", err)
		}
		reply(true)
		if err := ask(1, true); err != nil || id != 7000 {
			t.Fatalf("again: ID %d, %v", id, err)
		}
		want(1)
		reply(false)
		if len(got) != 2 || !got[0].LastIncomplete || got[1].LastIncomplete {
			t.Errorf("got %+v", got)
		}
		var a asked
		if err := d.ask(&a, 5); err != nil {
			t.Fatal(err)
		}
		d.wantRequest(5, 7001)
	})
}

// Up to eth/65 a reply is known by its kind alone: one request at a time.
func TestRequestsWithoutIDs(t *testing.T) {
	inBubble(t, 65, func(d *dialogue) {
		d.shakeHands()
		d.reply(0, anItem) // unrequested: tolerated, and counted
		var a, b asked
		if err := d.ask(&a, 5); err != nil {
			t.Fatal(err)
		}
		if err := d.ask(&b, 6); !errors.Is(err, ErrBusy) {
			t.Fatalf("a second request: %v", err)
		}
		d.wantRequest(5, 0)
		d.reply(0, anItem)
		synctest.Wait()
		if a.err != nil || a.headers.Len() != 1 || b.calls != 0 {
			t.Errorf("got %+v and %+v", a, b)
		}
		if n := d.ear.up[0].requests.unasked; n != 1 {
			t.Errorf("%d replies nobody asked for were counted", n)
		}
	})
}

func TestRequestTimesOutAndItsReplyIsOnlyLate(t *testing.T) {
	inBubble(t, 69, func(d *dialogue) {
		d.shakeHands()
		var a asked
		began := time.Now()
		if err := d.ask(&a, 5); err != nil {
			t.Fatal(err)
		}
		d.wantRequest(5, 7000)
		time.Sleep(requestTimeout) // in a bubble
		synctest.Wait()
		if !errors.Is(a.err, ErrTimeout) || a.calls != 1 || time.Since(began) != requestTimeout {
			t.Fatalf("after %v: %+v", time.Since(began), a)
		}
		d.reply(7000, anItem)
		synctest.Wait()
		if a.calls != 1 || d.ear.up[0].Cause() != nil {
			t.Errorf("a late reply: %+v, %v", a, d.ear.up[0].Cause())
		}
		d.reply(7000, anItem)
		d.wantEnd("the same again", p2p.ReasonSubprotocol)
	})
}

// A late reply is given to the caller that asked for it, counted, and teaches how long the peer
// takes: it is given more time for the next reply.
func TestLateReplyIsDelivered(t *testing.T) {
	for _, v := range []wire.Version{65, 69} {
		inBubble(t, v, func(d *dialogue) {
			d.shakeHands()
			s := d.ear.up[0]
			var outcomes []error
			var late []int
			ask := func(timeout time.Duration) {
				t.Helper()
				err := AskWith(s, headersAt(5), Options[wire.Headers]{Timeout: timeout, Late: func(h wire.Headers) { late = append(late, h.Len()) }},
					func(_ wire.Headers, err error) { outcomes = append(outcomes, err) })
				if err != nil {
					t.Fatal(err)
				}
			}
			ask(0)
			d.wantRequest(5, 7000)
			time.Sleep(requestTimeout + time.Second) // in a bubble
			d.reply(7000, anItem)
			synctest.Wait()
			if !slices.Equal(outcomes, []error{ErrTimeout}) || !slices.Equal(late, []int{1}) || s.requests.tooLate != 1 || s.Cause() != nil {
				t.Fatalf("eth/%d: %v, late %v, counted %d, ended by %v", v, outcomes, late, s.requests.tooLate, s.Cause())
			}
			ask(0)
			d.wantRequest(5, 7001)
			time.Sleep(requestTimeout + time.Second) // in a bubble
			d.reply(7001, anItem)
			synctest.Wait()
			if !slices.Equal(outcomes, []error{ErrTimeout, nil}) || len(late) != 1 {
				t.Fatalf("eth/%d: the second reply: %v, late %v", v, outcomes, late)
			}
			ask(time.Second)
			time.Sleep(time.Second) // in a bubble
			synctest.Wait()
			if len(outcomes) != 3 || outcomes[2] != ErrTimeout {
				t.Fatalf("eth/%d: with a timeout of 1 s: %v", v, outcomes)
			}
		})
	}
}

// Requests time out by their own deadlines, not in the order in which they were asked.
func TestDeadlinesAreEachRequestsOwn(t *testing.T) {
	inBubble(t, 69, func(d *dialogue) {
		d.shakeHands()
		began := time.Now()
		var took []time.Duration
		for _, timeout := range []time.Duration{9 * time.Second, 3 * time.Second, 6 * time.Second} {
			err := AskWith(d.ear.up[0], headersAt(5), Options[wire.Headers]{Timeout: timeout}, func(_ wire.Headers, err error) {
				if !errors.Is(err, ErrTimeout) {
					t.Error(err)
				}
				took = append(took, time.Since(began))
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(10 * time.Second) // in a bubble
		synctest.Wait()
		if !slices.Equal(took, []time.Duration{3 * time.Second, 6 * time.Second, 9 * time.Second}) {
			t.Errorf("they timed out after %v", took)
		}
	})
}

// A withdrawn request holds no slot among the requests in flight.
func TestDoWithdraws(t *testing.T) {
	inBubble(t, 69, func(d *dialogue) {
		d.shakeHands()
		s := d.ear.up[0]
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		began := time.Now()
		_, err := Do(ctx, s, headersAt(5))
		if err == nil || time.Since(began) != time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		synctest.Wait()
		s.requests.mu.Lock()
		pending, late := len(s.requests.pending), len(s.requests.late)
		s.requests.mu.Unlock()
		if pending != 0 || late != 1 {
			t.Errorf("%d pending, %d may still be answered", pending, late)
		}
		d.wantRequest(5, 7000)
		d.reply(7000, anItem)
		synctest.Wait()
		if s.Cause() != nil {
			t.Error(s.Cause())
		}
	})
}

func TestLateIDsAreForgotten(t *testing.T) {
	inBubble(t, 69, func(d *dialogue) {
		d.shakeHands()
		s := d.ear.up[0]
		var a asked
		if err := d.ask(&a, 5); err != nil {
			t.Fatal(err)
		}
		d.wantRequest(5, 7000)
		now := time.Now().Add(requestTimeout)
		s.requests.expire(now)
		if len(s.requests.late) != 1 {
			t.Fatal("a timed-out ID must be remembered")
		}
		s.requests.expire(now.Add(rememberFor))
		if len(s.requests.late) != 0 {
			t.Error("5 minutes later it is forgotten")
		}
		s.requests.late = make([]lateID, maxRemembered+5)
		s.requests.expire(now)
		if n := len(s.requests.late); n > maxRemembered {
			t.Errorf("%d IDs are remembered", n)
		}
	})
}

func TestBadReplies(t *testing.T) {
	for name, reply := range map[string]func(d *dialogue){
		"more than asked": func(d *dialogue) { d.reply(7000, anItem, anItem) },
		"not headers":     func(d *dialogue) { d.reply(7000, []byte{0x01}) },
		"another kind": func(d *dialogue) {
			r := wire.Reply{Kind: wire.KindBlockBodies, ID: 7000}
			d.send(wire.KindBlockBodies.Row().Code, r.Append(nil, d.v, nil))
		},
		"another ID": func(d *dialogue) { d.reply(6999) },
	} {
		inBubble(t, 69, func(d *dialogue) {
			d.shakeHands()
			var a asked
			if err := d.ask(&a, 5); err != nil {
				t.Fatal(err)
			}
			d.wantRequest(5, 7000)
			reply(d)
			err := d.wantEnd(name, p2p.ReasonSubprotocol)
			if p2p.Judge(err).By != event.ByUs || a.calls != 1 || a.err == nil {
				t.Errorf("%s: %v, and the request got %+v", name, err, a)
			}
		})
	}
}

func TestRequestsAreBounded(t *testing.T) {
	inBubble(t, 69, func(d *dialogue) {
		d.shakeHands()
		var a asked
		for range maxInFlight {
			if err := d.ask(&a, 5); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.ask(&a, 5); !errors.Is(err, ErrBusy) {
			t.Errorf("one more: %v", err)
		}
		d.remote.Close()
		cause := <-d.ended
		if a.calls != maxInFlight || !errors.Is(a.err, cause) {
			t.Errorf("at the end %d of %d requests got %v", a.calls, maxInFlight, a.err)
		}
		if err := d.ask(&a, 5); !errors.Is(err, cause) {
			t.Errorf("after the end: %v", err)
		}
	})
}

func TestRequestThatTheVersionLacks(t *testing.T) {
	inBubble(t, 70, func(d *dialogue) {
		d.shakeHands()
		err := Ask(d.ear.up[0], wire.AccessListsRequest{}, func(wire.AccessLists, error) { t.Error("done was called") })
		if !errors.Is(err, ErrUnsupported) {
			t.Errorf("got %v", err)
		}
	})
}

func TestDoWaits(t *testing.T) {
	inBubble(t, 69, func(d *dialogue) {
		d.shakeHands()
		got := make(chan error, 1)
		go func() {
			h, err := Do(context.Background(), d.ear.up[0], headersAt(5))
			if err == nil && h.Len() != 1 {
				err = errors.New("wrong reply")
			}
			got <- err
		}()
		d.wantRequest(5, 7000)
		d.reply(7000, anItem)
		if err := <-got; err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithCancelCause(context.Background())
		go func() {
			_, err := Do(ctx, d.ear.up[0], headersAt(6))
			got <- err
		}()
		d.wantRequest(6, 7001)
		impatient := errors.New("impatient")
		cancel(impatient)
		if err := <-got; !errors.Is(err, impatient) {
			t.Errorf("got %v", err)
		}
	})
}

// However late a caller's deadline is, a request is in flight for a minute at most.
func TestDoWithAFarDeadlineTimesOut(t *testing.T) {
	for _, far := range []time.Duration{time.Minute, time.Hour, 72 * time.Hour, 290 * 365 * 24 * time.Hour} {
		inBubble(t, 69, func(d *dialogue) {
			d.shakeHands()
			ctx, cancel := context.WithTimeout(context.Background(), far)
			defer cancel()
			go func() {
				for range 5 { // pings, so that the connection lives
					time.Sleep(10 * time.Second) // in a bubble
					d.raw(2, []byte{0xc0})
				}
			}()
			began := time.Now()
			_, err := Do(ctx, d.ear.up[0], headersAt(5))
			if took := time.Since(began); took != time.Minute || !errors.Is(err, ErrTimeout) && far > time.Minute {
				t.Errorf("with a deadline in %v: %v after %v", far, err, took)
			}
			if n := len(d.ear.up[0].requests.pending); n != 0 {
				t.Errorf("with a deadline in %v: %d requests are in flight", far, n)
			}
		})
	}
}

// One reply without a request, and one late reply, are each an event.Loss when the session ends.
func TestSingleLossesAreEvents(t *testing.T) {
	inBubble(t, 65, func(d *dialogue) {
		var losses []event.Loss
		d.proto.cfg.Record = func(e event.Event) { losses = append(losses, e.(event.Loss)) }
		d.shakeHands()
		d.reply(0, anItem)
		var a asked
		if err := d.ask(&a, 5); err != nil {
			t.Fatal(err)
		}
		d.wantRequest(5, 0)
		time.Sleep(requestTimeout) // in a bubble
		synctest.Wait()
		d.reply(0, anItem)
		synctest.Wait()
		d.ear.up[0].Fail(&p2p.LocalClose{Reason: p2p.ReasonQuitting})
		d.wantEnd("the end", p2p.ReasonQuitting)
		got := map[string]uint64{}
		for _, l := range losses {
			got[l.Where] += l.Count
		}
		if len(losses) != 2 || got["reply.unasked"] != 1 || got["reply.late"] != 1 {
			t.Errorf("losses are %v", losses)
		}
	})
}

// Up to eth/65 a queued request waits for the outstanding reply of its kind, in time or late. Meanwhile
// another request is refused.
func TestQueuedRequests(t *testing.T) {
	for _, v := range []wire.Version{65, 66} {
		r := bareRequests(t, v)
		now := time.Unix(1000, 0)
		var got []int
		ask := func(n int, kind wire.Kind, queue bool) error {
			_, err := r.ask(now, request{
				row: kind.Row(), queue: queue, deadline: now.Add(time.Duration(n) * time.Minute),
				deliver: func([]byte, error) error { got = append(got, n); return nil },
			}, func(uint64) []byte { return []byte{0xc0} })
			return err
		}
		for n := 1; n <= 3; n++ {
			if err := ask(n, wire.KindGetBlockHeaders, true); err != nil {
				t.Fatal(err)
			}
		}
		if err := ask(4, wire.KindGetBlockHeaders, false); errors.Is(err, ErrBusy) != (v < 66) {
			t.Errorf("%v: an ordinary request: %v", v, err)
		}
		if err := ask(5, wire.KindGetBlockBodies, false); err != nil {
			t.Errorf("%v: another kind: %v", v, err)
		}
		if v >= 66 {
			for range 5 {
				if !send(r) {
					t.Fatal("requests with IDs wait for each other")
				}
			}
			continue
		}
		sent := 0
		for sent < 5 && send(r) {
			sent++
		}
		if sent != 2 { // one of each kind
			t.Fatalf("%d requests were sent at once, want one of each kind", sent)
		}
		reply := wire.Reply{Kind: wire.KindBlockHeaders}.Append(nil, v, nil)
		answer := func() {
			if err := r.deliver(now, wire.KindBlockHeaders.Row(), reply); err != nil {
				t.Fatal(err)
			}
		}
		answer()
		if !send(r) || send(r) {
			t.Fatal("the reply let not one request go")
		}
		now = now.Add(2 * time.Minute)
		if r.expire(now); send(r) {
			t.Fatal("a request was sent while a late reply may come")
		}
		answer()
		if !send(r) {
			t.Fatal("the late reply let no request go")
		}
		answer()
		if !slices.Equal(got, []int{1, 2, 3}) {
			t.Errorf("called back: %v", got)
		}
	}
}
