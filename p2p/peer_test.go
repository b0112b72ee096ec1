// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"bytes"
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

func oneTalk() (*talk, []Protocol, Cap) {
	k := &talk{name: "talk", versions: []Version{{Number: 1, Length: 4}}}
	return k, []Protocol{k}, Cap{"talk", 1}
}

// Checklist row 44.
func TestPingsEvery15SecondsAndPongsAtOnce(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		_, protocols, c := oneTalk()
		d := startDialogue(t, protocols, c)
		d.wantIdle("nothing is said before it is time")
		began := time.Now()
		for i := range 3 {
			d.want("a ping is due", codePing, 0xc0)
			if at := time.Since(began); at != time.Duration(i+1)*pingInterval {
				t.Fatalf("ping %d after %v", i, at)
			}
			d.send(codePong, 0xc0)
		}
		asked := time.Now()
		d.send(codePing, 0xc0)
		d.want("a ping is answered", codePong, 0xc0)
		if waited := time.Since(asked); waited != 0 {
			t.Fatalf("the pong took %v", waited)
		}
	})
}

// A Ping or Pong with a payload, or without a list, counts as one: devp2p/rlpx.md#ping-0x02 calls no payload
// a breach. Ours have an empty list, which other clients expect.
func TestPingsAndPongsWithAPayload(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		_, protocols, c := oneTalk()
		d := startDialogue(t, protocols, c)
		for _, payload := range [][]byte{{}, {0xc0}, {0xc2, 0x01, 0x02}, {0x80}, {0xff}, bytes.Repeat([]byte{7}, maxBase)} {
			d.send(codePing, payload...)
			d.want("a ping is answered", codePong, 0xc0)
			d.send(codePong, payload...)
			d.wantIdle("a pong is not answered")
		}
		d.send(codePing, make([]byte, maxBase+1)...)
		d.want("no message of the base protocol is that large", codeDisconnect, appendDisconnect(nil, ReasonProtocol)...)
		_ = d.wantEnd("a large ping")
	})
}

// Other clients bound pings: reth takes five at once, and one more each second. Ours come one in 15 s,
// however often the owner is woken.
func TestOurPingsComeOneByOne(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		_, protocols, c := oneTalk()
		d := startDialogue(t, protocols, c)
		pings := 0
		for range 10 * 60 {
			time.Sleep(100 * time.Millisecond)
			d.peer.Reschedule()
			d.peer.Wake()
			d.send(codePong, 0xc0)
			synctest.Wait()
			for len(d.heard) > 0 {
				if got := <-d.heard; got.code == codePing {
					pings++
				}
			}
		}
		if pings != 4 {
			t.Errorf("%d pings in a minute, want 4", pings)
		}
	})
}

// A flood of pings while the peer does not read costs a counter.
func TestPingFloodIsBounded(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		k, protocols, c := oneTalk()
		d := startDialogue(t, protocols, c)
		synctest.Wait()
		before := runtime.NumGoroutine()
		k.said[0] = queue{{Raw: []byte{1}}}
		for range 1000 {
			if err := d.peer.receiveBase(codePing, nil); err != nil {
				t.Fatal(err)
			}
		}
		if n := d.peer.pongs.Load(); n > maxPongs {
			t.Fatalf("%d pongs are owed", n)
		}
		if n := runtime.NumGoroutine(); n > before {
			t.Fatalf("%d goroutines, %d before the flood", n, before)
		}
	})
}

// Checklist row 45.
func TestMutePeerEndsAfter30SecondsWithoutAWord(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		_, protocols, c := oneTalk()
		d := startDialogue(t, protocols, c)
		began := time.Now()
		d.want("it is pinged", codePing, 0xc0)
		for got := range d.heard { // the second ping is due in the moment of the end
			if got.code != codePing {
				t.Fatalf("it never answers: got message %#x", got.code)
			}
		}
		err := <-d.ended
		if waited := time.Since(began); waited != readTimeout {
			t.Errorf("ended after %v", waited)
		}
		if v := Judge(err); v.By != event.ByNetwork || v.Said || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("cause %v, verdict %+v", err, v)
		}
	})
}

// Checklist row 46.
func TestHighestVersionAndCompactOffsets(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		eth := &talk{name: "eth", versions: []Version{{Number: 63, Length: 17}, {Number: 64, Length: 17}, {Number: 65, Length: 20}}}
		aaa := &talk{name: "aaa", versions: []Version{{Number: 1, Length: 3}}}
		zzz := &talk{name: "zzz", versions: []Version{{Number: 1, Length: 5}, {Number: 2, Length: 6}}}
		no := &talk{name: "bbb", versions: []Version{{Number: 7, Length: 9}}}
		d := startDialogue(t, []Protocol{zzz, no, eth, aaa},
			Cap{"eth", 64}, Cap{"eth", 63}, Cap{"zzz", 2}, Cap{"aaa", 1}, Cap{"bbb", 8}, Cap{"eth", 99})
		d.send(16, 0xc0)    // aaa, code 0
		d.send(18, 0xc0)    // aaa, code 2
		d.send(19, 0xc0)    // eth, code 0
		d.send(35, 0xc0)    // eth, code 16
		d.send(36, 0xc0)    // zzz, code 0
		d.send(41, 1, 2, 3) // zzz, code 5
		synctest.Wait()
		if eth.opened.Number != 64 || zzz.opened.Number != 2 || no.opened.Number != 0 {
			t.Errorf("opened eth/%d zzz/%d bbb/%d", eth.opened.Number, zzz.opened.Number, no.opened.Number)
		}
		for _, want := range []struct {
			k     *talk
			codes []uint64
		}{{aaa, []uint64{0, 2}}, {eth, []uint64{0, 16}}, {zzz, []uint64{0, 5}}} {
			if len(want.k.got) != 2 || want.k.got[0].code != want.codes[0] || want.k.got[1].code != want.codes[1] {
				t.Errorf("%s got %v", want.k.name, want.k.got)
			}
		}
		zzz.said[0] = queue{{Code: 5, Raw: []byte{7}}}
		d.peer.Wake()
		d.want("our codes get the offset, too", 41, 7)
	})
}

// Checklist row 47.
func TestCodeOutsideOfAllRangesEndsSilently(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		_, protocols, c := oneTalk()
		d := startDialogue(t, protocols, c)
		d.send(16+4, 0xc0)
		err := d.wantEnd("20 is past the last protocol")
		if v := Judge(err); v.By != event.ByUs || v.Said {
			t.Errorf("cause %v, verdict %+v", err, v)
		}
	})
}

func TestNoSharedProtocolIsUseless(t *testing.T) {
	_, protocols, _ := oneTalk()
	ours, _ := Pipe()
	_, err := NewPeer(ours, Config{Hello: &Hello{Version: 5, Caps: []Cap{{"talk", 2}}}, Protocols: protocols})
	if l, ok := errors.AsType[*LocalClose](err); !ok || l.Reason != ReasonUseless {
		t.Fatalf("got %v", err)
	}
}

func TestEnds(t *testing.T) {
	boom := errors.New("boom")
	tests := []struct {
		name string
		do   func(d *dialogue, k *talk)
		say  []byte // payload of our Disconnect; nil = silence
		by   event.By
		text string
	}{
		{"they leave", func(d *dialogue, _ *talk) { d.send(codeDisconnect, 0xc1, 0x04) }, []byte{0xc1, 4}, event.ByThem, "peer said: too many peers"},
		{"they leave, bare integer", func(d *dialogue, _ *talk) { d.send(codeDisconnect, 0x08) }, []byte{0xc1, 8}, event.ByThem, "peer said: client quitting"},
		{"they leave, empty list", func(d *dialogue, _ *talk) { d.send(codeDisconnect, 0xc0) }, []byte{0xc1, 0x80}, event.ByThem, "peer said: disconnect requested"},
		{"they leave, no payload", func(d *dialogue, _ *talk) { d.send(codeDisconnect) }, []byte{0xc1, 0x80}, event.ByThem, "peer said: disconnect requested"},
		{"they leave, unnamed reason", func(d *dialogue, _ *talk) { d.send(codeDisconnect, 0xc1, 17) }, []byte{0xc1, 17}, event.ByThem, "peer said: unknown disconnect reason 17"},
		{"they leave, 255", func(d *dialogue, _ *talk) { d.send(codeDisconnect, 0xc2, 0x81, 255) }, []byte{0xc2, 0x81, 255}, event.ByThem, "peer said: unknown disconnect reason 255"},
		{"they leave, rubbish", func(d *dialogue, _ *talk) { d.send(codeDisconnect, 0xff, 0xff) }, []byte{0xc1, 0x80}, event.ByThem, "peer said: disconnect requested"},
		{"we leave", func(d *dialogue, _ *talk) { d.peer.End(&LocalClose{Reason: ReasonTooManyPeers}) }, []byte{0xc1, 4}, event.ByUs, "we closed: too many peers"},
		{"the first cause counts", func(d *dialogue, _ *talk) {
			d.peer.End(&LocalClose{Reason: ReasonUseless, Why: "first"})
			d.peer.End(boom)
		}, []byte{0xc1, 3}, event.ByUs, "we closed: first"},
		{"the protocol finds a breach", func(d *dialogue, k *talk) {
			k.fail = Breach("bad %s", "thing")
			d.send(16, 0xc0)
		}, []byte{0xc1, 0x10}, event.ByUs, "bad thing"},
		{"a step fails", func(d *dialogue, k *talk) {
			k.step = stepFunc(func(time.Time) error { return Breach("late") })
			d.send(16, 0xc0)
		}, []byte{0xc1, 0x10}, event.ByUs, "late"},
		{"the protocol gives up", func(d *dialogue, k *talk) {
			k.fail = boom
			d.send(16, 0xc0)
		}, []byte{0xc1, 0x10}, event.ByUs, "boom"},
		{"the wire breaks", func(d *dialogue, _ *talk) { d.remote.Close() }, nil, event.ByNetwork, ErrPipeClosed.Error()},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bubble.Test(t, func(t *testing.T) {
				k, protocols, c := oneTalk()
				d := startDialogue(t, protocols, c)
				synctest.Wait()
				test.do(d, k)
				if test.say != nil {
					d.want("goodbye", codeDisconnect, test.say...)
				}
				err := d.wantEnd("it is over")
				if err.Error() != test.text || Judge(err).By != test.by {
					t.Errorf("cause %q by %v", err, Judge(err).By)
				}
				if len(k.closed) != 1 || !errors.Is(k.closed[0], err) {
					t.Errorf("Close was called with %v", k.closed)
				}
			})
		})
	}
}

type stepFunc func(time.Time) error

func (f stepFunc) Run(now time.Time) error { return f(now) }

// A peer that does not read cannot delay our end: the Disconnect gets a second, even during a large write.
func TestEndDoesNotWaitForASlowReader(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		k, protocols, c := oneTalk()
		ours, remote := Pipe()
		peer, err := NewPeer(ours, Config{Hello: &Hello{Version: 5, Caps: []Cap{c}}, Protocols: protocols})
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error)
		go func() { ended <- peer.Run(t.Context()) }()
		synctest.Wait()
		k.said[0] = queue{{Raw: []byte{1}}, {Raw: []byte{2}}}
		peer.Wake()
		synctest.Wait() // the writer is stuck: the remote side does not read
		began := time.Now()
		peer.End(&LocalClose{Reason: ReasonQuitting})
		<-ended
		if waited := time.Since(began); waited > 2*goodbyeTime {
			t.Errorf("the end took %v", waited)
		}
		remote.Close()
	})
}

func TestThreeGoroutinesPerPeer(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		const peers = 20
		var all []*Peer
		var ends []chan error
		for range peers {
			_, protocols, c := oneTalk()
			ours, remote := Pipe()
			p, err := NewPeer(ours, Config{Hello: &Hello{Version: 5, Caps: []Cap{c}}, Protocols: protocols})
			if err != nil {
				t.Fatal(err)
			}
			defer remote.Close()
			end := make(chan error, 1)
			go func() { end <- p.Run(t.Context()) }()
			all, ends = append(all, p), append(ends, end)
		}
		synctest.Wait()
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		n := 0
		for _, one := range strings.Split(string(stacks), "\n\n") {
			if strings.Contains(one, "/p2p.(*Peer).") {
				n++
			}
		}
		if n != 3*peers {
			t.Errorf("%d peers have %d goroutines", peers, n)
		}
		for i, p := range all {
			p.End(&LocalClose{Silent: true})
			<-ends[i]
		}
	})
}

// The reader waits for the step, so the step sees the payload intact.
func TestStepRunsBeforeTheNextRead(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		k, protocols, c := oneTalk()
		var order []string
		k.step = stepFunc(func(time.Time) error { order = append(order, "step"); return nil })
		d := startDialogue(t, protocols, c)
		for range 3 {
			d.send(16, 0xc0)
			order = append(order, "next") // the pipe returns when the reader is done
		}
		for i, what := range order {
			if want := []string{"step", "next"}[i%2]; what != want {
				t.Fatalf("order %v", order)
			}
		}
	})
}
