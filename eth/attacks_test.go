// SPDX-License-Identifier: Apache-2.0

package eth

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"runtime/metrics"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/rlp"
)

// neighbour is an honest peer of the same node, which what others do must not concern.
type neighbour struct {
	d      *dialogue
	remote p2p.Transport
	ended  chan error
}

func (d *dialogue) neighbour() *neighbour {
	d.t.Helper()
	ours, remote := p2p.Pipe()
	peer, err := p2p.NewPeer(ours, p2p.Config{
		ID: enr.ID{2}, Hello: &p2p.Hello{Version: 5, Caps: []p2p.Cap{{Name: "eth", Version: uint(d.v)}}},
		Protocols: []p2p.Protocol{d.proto},
	})
	if err != nil {
		d.t.Fatal(err)
	}
	n := &neighbour{d: d, remote: remote, ended: make(chan error, 1)}
	go func() { n.ended <- peer.Run(context.Background()) }()
	go func() {
		for {
			if _, _, err := remote.Read(time.Now().Add(time.Hour)); err != nil {
				return
			}
		}
	}()
	d.t.Cleanup(func() { remote.Close() })
	n.say(0x00, ourStatus(d.v).Append(nil, d.v))
	return n
}

func (n *neighbour) say(code uint64, payload []byte) {
	n.d.t.Helper()
	if err := n.remote.Queue(&p2p.Out{Code: ethOffset + code, Raw: payload}); err != nil {
		n.d.t.Fatal(err)
	}
	if err := n.remote.Flush(time.Now().Add(time.Minute)); err != nil {
		n.d.t.Fatalf("the neighbour's %#x: %v", code, err)
	}
	synctest.Wait()
}

// wantUnharmed checks that the neighbour is the only session left, and is heard.
func (n *neighbour) wantUnharmed(why string) {
	n.d.t.Helper()
	n.d.ear.log = nil
	n.say(0x02, []byte{0xc0})
	all := n.d.proto.Sessions()
	if len(all) != 1 || all[0].ID() != (enr.ID{2}) || !slices.Equal(n.d.ear.log, []string{"Transactions"}) {
		n.d.t.Errorf("%s: %d sessions are left; the role saw %v", why, len(all), n.d.ear.log)
	}
}

// wantBreach lets the peer send one message, which must end its session with 0x10, and no other
// session.
func wantBreach(t *testing.T, why string, v wire.Version, code uint64, payload []byte) {
	t.Helper()
	inBubble(t, v, func(d *dialogue) {
		t.Helper()
		d.shakeHands()
		other := d.neighbour()
		d.send(code, payload)
		err := d.wantEnd(why, p2p.ReasonSubprotocol)
		if _, ok := errors.AsType[*p2p.Violation](err); !ok {
			t.Errorf("%s on %v: %v", why, v, err)
		}
		other.wantUnharmed(why)
	})
}

func everyVersion() (all []wire.Version) {
	for v := wire.First; v <= wire.Last; v++ {
		all = append(all, v)
	}
	return all
}

// Checklist row 86: go-ethereum says 0x03 here, because it has removed the peer by the time
// that the error gets out. We say what it is.
func TestSecondStatus(t *testing.T) {
	for _, v := range everyVersion() {
		wantBreach(t, "a second status", v, 0x00, ourStatus(v).Append(nil, v))
	}
}

// Checklist row 87.
func TestPooledTransactionsDoNotExistBelow65(t *testing.T) {
	for _, v := range []wire.Version{63, 64} {
		for code := uint64(0x08); code <= 0x0a; code++ {
			wantBreach(t, "a message of eth/65", v, code, []byte{0xc0})
		}
	}
}

// The codes of each version that it skips, or has given up.
func TestCodesWithoutMeaning(t *testing.T) {
	for _, v := range everyVersion() {
		for code := range uint64(v.Length()) {
			if _, ok := wire.Ethereum.Lookup(v, code); !ok {
				wantBreach(t, "a code without meaning", v, code, []byte{0xc0})
			}
		}
	}
}

// Checklist row 88: 10 MiB, whatever the message is for, asked for or not.
func TestMessagesOver10MiB(t *testing.T) {
	payload := make([]byte, wire.MaxMessage+1)
	for _, v := range []wire.Version{65, wire.Last} {
		for row := range wire.Rows() {
			if row.In(v) && row.Kind != wire.KindStatus {
				wantBreach(t, row.Name+" of 10 MiB and a byte", v, row.Code, payload)
			}
		}
	}
	inBubble(t, 65, func(d *dialogue) { // as large as can be, and of no interest
		d.shakeHands()
		d.send(wire.KindNewBlock.Row().Code, payload[1:])
		d.wantIdle("a message of 10 MiB")
		if len(d.proto.Sessions()) != 1 {
			t.Error("10 MiB are too much")
		}
	})
}

// Checklist row 91: go-ethereum ignores transactions, unread, until it is synced. We listen
// at once, so what cannot be read is a breach at once.
func TestGarbageTransactions(t *testing.T) {
	for _, payload := range [][]byte{nil, {0x80}, {0xff}, {0xc1}, {0xc0, 0xc0}, {0xc2, 0x81, 0x01}} {
		for _, v := range everyVersion() {
			wantBreach(t, "garbage in place of transactions", v, 0x02, payload)
		}
	}
}

// Checklist row 118: whether or not the peer is registered, an error is 0x10. What comes
// before is in TestStatusMismatches and TestFirstMessageMustBeAStatus.
func TestErrorsAfterRegistrationSayWhatTheyAre(t *testing.T) {
	theirs := p2p.Breach("what the role found")
	own := errors.New("what the role could not do")
	for _, cause := range []error{theirs, own} {
		inBubble(t, 68, func(d *dialogue) {
			d.ear.answer = func(*Session, wire.Message) error { return cause }
			d.shakeHands()
			d.send(0x02, []byte{0xc0})
			if err := d.wantEnd("the role's error", p2p.ReasonSubprotocol); err != cause {
				t.Errorf("ended with %v", err)
			}
		})
	}
}

// Sizes that are declared, and not there; and more items than any client sends.
func TestDeclaredSizes(t *testing.T) {
	long := []byte{0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff} // a list of 2^63-1 bytes
	inList := func(b []byte) []byte { return append([]byte{0xc0 + byte(len(b))}, b...) }
	many := func(n int) []byte {
		dst, list := rlp.OpenList(nil)
		return rlp.CloseList(append(dst, bytes.Repeat([]byte{0xc0}, n)...), list)
	}
	for name, payload := range map[string][]byte{
		"2^63-1 bytes":               long,
		"2^64-1 bytes":               {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		"an item of 2^63-1 bytes":    inList(long),
		"a string of 2^63-1 bytes":   inList(append([]byte{0xbf}, long[1:]...)),
		"one transaction too many":   many(wire.KindTransactions.Row().Items + 1),
		"as many as there are bytes": many(wire.MaxMessage - 8),
	} {
		wantBreach(t, name, 68, 0x02, payload)
	}
}

// CVE-2024-32972 and others like it: numbers that overflow when one is added.
func TestLargestNumbers(t *testing.T) {
	var got []wire.GetBlockHeaders
	for _, reverse := range []bool{false, true} {
		for _, origin := range []wire.Origin{wire.AtNumber(0), wire.AtNumber(1<<64 - 1)} {
			q := wire.GetBlockHeaders{ID: 1<<64 - 1, Origin: origin, Amount: 1<<64 - 1, Skip: 1<<64 - 1, Reverse: reverse}
			inBubble(t, 68, func(d *dialogue) {
				d.ear.answer = func(_ *Session, m wire.Message) error {
					got = append(got, *m.(*wire.GetBlockHeaders))
					return nil
				}
				d.shakeHands()
				d.send(0x03, q.Append(nil, 68))
				d.wantIdle("it is for the role to answer")
				if len(got) == 0 || got[len(got)-1] != q {
					t.Errorf("sent %+v, the role got %+v", q, got)
				}
			})
		}
	}
	wider := []byte{0xcf, 0x01, 0xcd, 0x80, 0x89, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x80} // 2^64 headers
	wantBreach(t, "a number of 65 bits", 68, 0x03, wider)
}

// GHSA-689v-6xwf-5jf3: unrequested replies take no memory, and are counted.
func TestUnmatchedRepliesTakeNoMemory(t *testing.T) {
	const replies, size, most = 200, 1 << 20, 32 << 20
	payload := append([]byte{0xfa, 0x0f, 0xff, 0xfc}, bytes.Repeat([]byte{0xc0}, size-4)...)
	bubble.Test(t, func(t *testing.T) {
		d := startDialogue(t, 65)
		var counted uint64
		d.proto.cfg.Record = func(e event.Event) {
			if l, ok := e.(event.Loss); ok && l.Where == "reply.unasked" {
				counted += l.Count
			}
		}
		d.shakeHands()
		before := reachable()
		for range replies {
			d.send(wire.KindBlockBodies.Row().Code, payload)
		}
		synctest.Wait()
		if grown := reachable() - before; grown > most {
			t.Errorf("%d MiB of replies that nobody asked for hold %d MiB", replies*size>>20, grown>>20)
		}
		if s := d.proto.Sessions(); len(s) != 1 {
			t.Errorf("%d sessions", len(s))
		}
		d.remote.Close()
		<-d.ended
		if counted != replies {
			t.Errorf("%d of %d are counted", counted, replies)
		}
	})
	wantBreach(t, "a reply nobody asked for", 68, wire.KindBlockBodies.Row().Code, []byte{0xc2, 0x01, 0xc0})
}

// reachable returns how many bytes of the heap are.
func reachable() int64 {
	runtime.GC()
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	return int64(live[0].Value.Uint64())
}

// Checklist row 57: lists of peers say "handshake" for a protocol that has nothing to say
// yet (p2p/server).
func TestNoInfoBeforeStatus(t *testing.T) {
	for _, v := range []wire.Version{63, 68, 69} {
		inBubble(t, v, func(d *dialogue) {
			d.want("status comes first", 0, ourStatus(v).Append(nil, v))
			if info := d.proto.PeerInfo(enr.ID{1}); info != nil {
				t.Errorf("before the handshake: %+v", info)
			}
			d.send(0, ourStatus(v).Append(nil, v))
			synctest.Wait()
			want := PeerInfo{Version: v, Head: ourStatus(v).Head}
			if v <= 68 {
				want.TD = ourStatus(v).TD
			}
			if info := d.proto.PeerInfo(enr.ID{1}); info != want {
				t.Errorf("after it: %+v, want %+v", info, want)
			}
			if info := d.proto.PeerInfo(enr.ID{2}); info != nil {
				t.Errorf("of somebody else: %+v", info)
			}
			d.remote.Close()
			<-d.ended
			if info := d.proto.PeerInfo(enr.ID{1}); info != nil {
				t.Errorf("after the end: %+v", info)
			}
		})
	}
}
