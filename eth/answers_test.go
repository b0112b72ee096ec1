// SPDX-License-Identifier: Apache-2.0

package eth

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// A generous role answers each request for bodies with one large item.
type generous struct {
	item []byte
	up   chan *Session
}

func (*generous) Kinds() []wire.Kind { return []wire.Kind{wire.KindGetBlockBodies} }

func (g *generous) Open(s *Session) Listener {
	g.up <- s
	return generousListener{g, s}
}

type generousListener struct {
	*generous
	s *Session
}

func (l generousListener) On(m wire.Message) error {
	reply := wire.Reply{Kind: wire.KindBlockBodies, ID: m.(*wire.GetBlockBodies).ID}
	return l.s.Answer(reply, 24, func(dst []byte) []byte {
		return reply.Append(dst, l.s.Version(), [][]byte{l.item})
	})
}

func (generousListener) Close(error) {}

// Two peers request large replies of each other, as many as a session has in flight. Over a pipe
// nothing is buffered: if one reader waited for its writer, both peers would wait for ever.
func TestTwoPeersThatAskEachOther(t *testing.T) {
	item := rlp.AppendListHeader(nil, 400<<10)
	item = append(item, bytes.Repeat([]byte{1}, 400<<10)...)
	chain, _ := params.ByName("mainnet")
	bubble.Test(t, func(t *testing.T) {
		var sessions [2]*Session
		ended := make(chan error, 2)
		ctx, cancel := context.WithCancel(t.Context())
		var ends [2]p2p.Transport
		ends[0], ends[1] = p2p.Pipe()
		role := &generous{item: item, up: make(chan *Session, 2)}
		for i, end := range ends {
			proto, err := New(Config{Chain: chain, Versions: []wire.Version{69}, Roles: []Role{role}})
			if err != nil {
				t.Fatal(err)
			}
			peer, err := p2p.NewPeer(end, p2p.Config{
				ID: enr.ID{byte(i)}, Hello: &p2p.Hello{Version: 5, Caps: []p2p.Cap{{Name: "eth", Version: 69}}},
				Protocols: []p2p.Protocol{proto},
			})
			if err != nil {
				t.Fatal(err)
			}
			go func() { ended <- peer.Run(ctx) }()
		}
		sessions[0], sessions[1] = <-role.up, <-role.up
		got := make(chan error, 2*maxInFlight)
		for range maxInFlight {
			for _, s := range sessions {
				err := Ask(s, wire.BodiesRequest{Hashes: []types.Hash{{1}}}, func(reply wire.Bodies, err error) {
					if err == nil && reply.Len() != 1 {
						err = errors.New("an empty reply within the bounds")
					}
					got <- err
				})
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		for i := range 2 * maxInFlight {
			if err := <-got; err != nil {
				t.Fatalf("request %d of %d: %v", i, 2*maxInFlight, err)
			}
		}
		cancel()
		<-ended
		<-ended
	})
}

// Answers are sent in the order of their requests.
func TestAnswersKeepTheirOrder(t *testing.T) {
	inBubble(t, 69, func(d *dialogue) {
		d.shakeHands()
		next := byte(0)
		d.ear.answer = func(s *Session, _ wire.Message) error {
			next++
			mine := next
			return s.Answer(wire.Reply{Kind: wire.KindBlockHeaders}, 10<<10, func(dst []byte) []byte { return append(dst, 0xc2, mine, 0xc0) })
		}
		for i := range 40 {
			d.send(wire.KindGetBlockHeaders.Row().Code, headersAt(1).Append(nil, 69, uint64(i)))
		}
		for i := range 40 {
			d.want("an answer", wire.KindBlockHeaders.Row().Code, []byte{0xc2, byte(i + 1), 0xc0})
		}
	})
}

// GHSA-pcv4-pxhv-99m7: a flood of requests. A peer that does not read its answers gets 64 in full
// and 1,024 empty ones, and loses its session with the next request. Its reader never waits.
func TestFloodOfRequestsEndsTheSession(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		d := startDialogue(t, 69)
		d.shakeHands()
		var losses []event.Loss
		d.proto.cfg.Record = func(e event.Event) { losses = append(losses, e.(event.Loss)) }
		answered := 0
		d.ear.answer = func(s *Session, m wire.Message) error {
			answered++
			id := m.(*wire.GetBlockHeaders).ID
			return s.Answer(wire.Reply{Kind: wire.KindBlockHeaders, ID: id}, 0, func(dst []byte) []byte { return append(dst, 0xc1, 0x01) })
		}
		d.deaf <- struct{}{} // they read nothing from now on
		synctest.Wait()
		const most = 10 * (maxAnswers + maxEmpty)
		for id := range uint64(most) {
			if d.remote.Queue(&p2p.Out{Code: ethOffset + 3, Raw: headersAt(1).Append(nil, 69, id)}) != nil ||
				d.remote.Flush(time.Now().Add(time.Hour)) != nil {
				break
			}
		}
		err := <-d.ended
		<-d.deaf
		if e, ok := errors.AsType[*p2p.LocalClose](err); !ok || e.Reason != p2p.ReasonUseless {
			t.Errorf("the session ended with %v", err)
		}
		// TestAnswerBounds has the exact bounds; here the writer has taken some.
		if answered <= maxAnswers+maxEmpty || answered == most {
			t.Errorf("%d requests were taken, want more than %d and less than %d", answered, maxAnswers+maxEmpty, most)
		}
		if len(losses) != 1 || losses[0].Where != "answer.empty" || losses[0].Count < maxEmpty {
			t.Errorf("losses are %v, want at least %d at answer.empty", losses, maxEmpty)
		}
	})
}

func TestAnswerBounds(t *testing.T) {
	start := func() *answers {
		a := new(answers)
		a.start(nil, 69, nil)
		return a
	}
	some := func(bytes int) answer {
		return answer{reply: wire.Reply{Kind: wire.KindReceipts}, bytes: bytes, produce: func(*p2p.Out) {}}
	}
	a := start()
	for i := range 64 + 1024 {
		if !a.add(some(10)) || a.full != min(i+1, 64) {
			t.Fatalf("answer %d: %d are full", i, a.full)
		}
	}
	if a.add(some(10)) {
		t.Error("a 1,089th answer had room")
	}
	for i := range 64 + 1024 {
		if one, ok := a.take(); !ok || (one.produce != nil) != (i < 64) {
			t.Fatalf("answer %d of the queue is full: %v", i, one.produce != nil)
		}
	}
	if a.queue != nil || a.full != 0 || a.bytes != 0 || a.close() != 1024 {
		t.Errorf("%d answers, %d bytes are left; a queue of %d", a.full, a.bytes, cap(a.queue))
	}

	b := start()
	b.add(some(2 << 20))
	b.add(some(1))
	if b.full != 1 {
		t.Error("an answer larger than the bound must be alone")
	}
	b.take()
	b.take()
	b.add(some(1<<20 - 1))
	b.add(some(1))
	if b.add(some(1)); b.full != 2 {
		t.Errorf("%d answers have room in 1 MiB, want 2", b.full)
	}
}

// The room of the queue's array is used again: an answer allocates nothing.
func TestAnswersReuseTheirQueue(t *testing.T) {
	var a answers
	a.start(nil, 69, nil)
	one := answer{produce: func(*p2p.Out) {}}
	a.add(one)
	most := 0
	for range 1000 { // there is always one in it
		a.add(one)
		a.take()
		most = max(most, cap(a.queue))
	}
	if most > 4 {
		t.Errorf("the queue of two answers has room for %d", most)
	}
}

// What answers refer to counts in the budget until they are sent, or the session ends.
func TestAnswersAreCharged(t *testing.T) {
	budget := p2p.NewBudget(0)
	var a answers
	a.start(nil, 69, nil)
	a.budget = budget
	for range 3 {
		a.add(answer{bytes: 400 << 10, produce: func(*p2p.Out) {}})
	}
	if budget.Used() != 800<<10 { // the third is an empty one
		t.Errorf("%d bytes are charged", budget.Used())
	}
	a.take()
	if budget.Used() != 400<<10 {
		t.Errorf("%d bytes are charged after one was sent", budget.Used())
	}
	a.close()
	if budget.Used() != 0 {
		t.Errorf("%d bytes are charged after the end", budget.Used())
	}
}

// An empty reply can be read, in every version, for every kind of request.
func TestEmptyReplies(t *testing.T) {
	for v := wire.First; v <= wire.Last; v++ {
		for row := range wire.Rows() {
			if !row.IsReply() || !row.In(v) {
				continue
			}
			payload := wire.Reply{Kind: row.Kind, ID: 7, LastIncomplete: true}.AppendEmpty(nil, v)
			var storage wire.Storage
			m, err := storage.Decode(v, row.Code, payload)
			if err != nil {
				t.Errorf("%v of %v: %v", row.Kind, v, err)
				continue
			}
			if n := m.(interface{ Len() int }).Len(); n != 0 {
				t.Errorf("%v of %v has %d items", row.Kind, v, n)
			}
			if !bytes.Equal(m.Append(nil, v), payload) {
				t.Errorf("%v of %v: %x", row.Kind, v, payload)
			}
			if !v.HasRequestIDs() {
				continue
			}
			if id, err := wire.RequestID(v, payload); id != 7 || err != nil {
				t.Errorf("%v of %v: ID %d, %v", row.Kind, v, id, err)
			}
		}
	}
}
