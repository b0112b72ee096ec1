// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/rlpx"
)

// runAs starts a dialogue with one run function, of the protocol chat/1 with four codes.
func runAs(t *testing.T, run func(ctx context.Context, rw MsgReadWriter) error) *dialogue {
	t.Helper()
	chat := RunProtocol("chat", 1, 4, func(ctx context.Context, _ *Peer, rw MsgReadWriter) error { return run(ctx, rw) })
	return startDialogue(t, []Protocol{chat}, Cap{"chat", 1})
}

// Checklist row 48.
func TestWriteOfUnknownCodeFailsHereAndThePeerStays(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		errs := make(chan error, 3)
		d := runAs(t, func(ctx context.Context, rw MsgReadWriter) error {
			errs <- rw.WriteMsg(Msg{Code: 4, Payload: []byte{0xc0}})
			errs <- rw.WriteMsg(Msg{Code: 0, Payload: make([]byte, rlpx.MaxSize+1)})
			errs <- rw.WriteMsg(Msg{Code: 3, Payload: []byte{0xc1, 7}})
			<-ctx.Done()
			return nil
		})
		d.want("the good one alone is sent", 16+3, 0xc1, 7)
		if err := <-errs; !errors.Is(err, ErrInvalidCode) {
			t.Errorf("code 4 of 4: %v", err)
		}
		if err := <-errs; !errors.Is(err, rlpx.ErrTooLarge) {
			t.Errorf("16 MiB: %v", err)
		}
		if err := <-errs; err != nil {
			t.Errorf("the good one: %v", err)
		}
		d.send(codePing, 0xc0)
		d.want("the peer is there", codePong, 0xc0)
	})
}

// Checklist row 49.
func TestConcurrentWritesAreSerialised(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		const writers, each = 20, 20
		payload := func(w, i int) []byte { return bytes.Repeat([]byte{byte(w), byte(i)}, 10+100*w) }
		chat := RunProtocol("chat", 1, 4, func(_ context.Context, _ *Peer, rw MsgReadWriter) error {
			var wg sync.WaitGroup
			for w := range writers {
				wg.Go(func() {
					for i := range each {
						if err := rw.WriteMsg(Msg{Code: 2, Payload: payload(w, i)}); err != nil {
							t.Error(err)
						}
					}
				})
			}
			wg.Wait()
			return nil
		})
		ours, theirs, ids := secured(t)
		peer, err := NewPeer(ours, Config{ID: ids[1], Hello: &Hello{Version: 5, Caps: []Cap{{"chat", 1}}}, Protocols: []Protocol{chat}})
		if err != nil {
			t.Fatal(err)
		}
		go func() { _ = peer.Run(t.Context()) }()
		theirs.SetSnappy(true)
		var next [writers]int
		for n := 0; n < writers*each; n++ {
			code, got, err := theirs.Read(time.Now().Add(time.Minute))
			if err != nil || code != 16+2 || len(got) == 0 {
				t.Fatalf("message %d: code %#x, %d bytes, %v", n, code, len(got), err)
			}
			w := got[0]
			if !bytes.Equal(got, payload(int(w), next[w])) {
				t.Fatalf("message %d of writer %d is not what it wrote", next[w], w)
			}
			next[w]++
		}
		code, got, err := theirs.Read(time.Now().Add(time.Minute))
		if err != nil || code != codeDisconnect || parseDisconnect(got) != ReasonQuitting {
			t.Errorf("at the end: %#x %x, %v", code, got, err)
		}
	})
}

// Checklist rows 50, 51 and 52.
func TestWhatRunReturnsIsSaid(t *testing.T) {
	for _, test := range []struct {
		name   string
		err    error
		reason Reason
	}{
		{"nothing", nil, ReasonQuitting},
		{"a message that it cannot read", fmt.Errorf("bad greeting: %w", ErrDecode), ReasonProtocol},
		{"a code that it does not know", fmt.Errorf("%w 3", ErrInvalidCode), ReasonProtocol},
		{"any error", errors.New("boom"), ReasonSubprotocol},
		{"a breach", fmt.Errorf("chat: %w", Breach("rude")), ReasonSubprotocol},
		{"a violation with its reason", &Violation{Reason: ReasonUseless, Err: errors.New("nothing to say")}, ReasonUseless},
		{"our decision", &LocalClose{Reason: ReasonTooManyPeers}, ReasonTooManyPeers},
		{"an error of some other network", io.ErrUnexpectedEOF, ReasonSubprotocol},
		{"a deadline of its own", context.DeadlineExceeded, ReasonSubprotocol},
		{"what another peer said", &RemoteClose{Reason: ReasonSelf}, ReasonSubprotocol},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble.Test(t, func(t *testing.T) {
				d := runAs(t, func(context.Context, MsgReadWriter) error { return test.err })
				d.want("goodbye", codeDisconnect, appendDisconnect(nil, test.reason)...)
				err := d.wantEnd("it is over")
				if v := Judge(err); v.By != event.ByUs || v.Reason != test.reason || (test.err != nil && !errors.Is(err, test.err)) {
					t.Errorf("cause %v, verdict %+v", err, v)
				}
			})
		})
	}
}

// Checklist row 53, on purpose different: a protocol that does not read stops no pings until its queue is
// full, and our pings go on even then. After 30 s the peer ends.
func TestStalledProtocolDoesNotStopPings(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		d := runAs(t, func(ctx context.Context, _ MsgReadWriter) error { <-ctx.Done(); return nil })
		for range maxUnread {
			d.send(16, 0xc0)
		}
		asked := time.Now()
		d.send(codePing, 0xc0)
		d.want("a ping is answered behind unread messages", codePong, 0xc0)
		if waited := time.Since(asked); waited != 0 {
			t.Errorf("the pong took %v", waited)
		}

		full := time.Now()
		go func() { // one more: nothing is read behind it
			_ = d.remote.Queue(&Out{Code: 16, Raw: []byte{0xc0}})
			_ = d.remote.Queue(&Out{Code: codePing, Raw: []byte{0xc0}})
			_ = d.remote.Flush(time.Now().Add(time.Hour))
		}()
		d.want("our own pings go on", codePing, 0xc0)
		for got := range d.heard {
			if got.code == codeDisconnect {
				if parseDisconnect(got.payload) != ReasonSubprotocol {
					t.Errorf("goodbye %x", got.payload)
				}
			} else if got.code != codePing {
				t.Errorf("got message %#x", got.code)
			}
		}
		err := <-d.ended
		if waited := time.Since(full); waited != stallTimeout || Judge(err).By != event.ByUs {
			t.Errorf("it ended after %v: %v", waited, err)
		}
	})
}

// Unread messages are bounded by number and bytes, and arrive in order.
func TestUnreadMessagesAreBounded(t *testing.T) {
	in := newInbox()
	big := make([]byte, maxUnreadBytes+1)
	if in.offer(0, big) {
		t.Fatal("a large message was taken, and nobody waits for it")
	}
	for i := range maxUnread {
		if !in.offer(uint64(i), []byte{1}) {
			t.Fatalf("message %d was refused", i)
		}
	}
	if in.offer(0, nil) {
		t.Fatal("the queue has no bound")
	}
	for i := range maxUnread {
		if m, ok := in.take(); !ok || m.Code != uint64(i) {
			t.Fatalf("message %d has code %d, %v", i, m.Code, ok)
		}
	}
	if !in.offer(1, big[1:]) || in.offer(2, []byte{1}) {
		t.Fatal("the bound is not that of the bytes")
	}
	in.take()
	if _, ok := in.take(); ok || !in.offer(3, big) {
		t.Fatal("a large message was refused though it is waited for")
	}
	if in.offer(3, big) {
		t.Fatal("two large messages were taken for one reader")
	}
}

// A slow function gets everything, large or small, in order, and the peer lives.
func TestSlowReaderGetsEverything(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		const messages = 100
		size := func(i int) int { return (i % 7) * 50_000 }
		got := make(chan int, messages)
		d := runAs(t, func(_ context.Context, rw MsgReadWriter) error {
			for {
				m, err := rw.ReadMsg()
				if err != nil {
					return err
				}
				got <- len(m.Payload)
				time.Sleep(20 * time.Second)
			}
		})
		for i := range messages {
			if err := d.remote.Queue(&Out{Code: 16 + 1, Raw: make([]byte, size(i))}); err != nil {
				t.Fatal(err)
			}
			if err := d.remote.Flush(time.Now().Add(time.Hour)); err != nil {
				t.Fatal(i, err)
			}
		}
		for i := range messages {
			if n := <-got; n != size(i) {
				t.Fatalf("message %d has %d bytes, want %d", i, n, size(i))
			}
		}
		d.remote.Close()
		<-d.ended
	})
}

// Two run functions that both write before they read do not block each other while the writes fit into the
// queue of unread messages.
func TestTwoFunctionsThatWriteBeforeTheyRead(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		chat := RunProtocol("chat", 1, 4, func(_ context.Context, _ *Peer, rw MsgReadWriter) error {
			for range maxUnread {
				if err := rw.WriteMsg(Msg{Payload: make([]byte, maxUnreadBytes/maxUnread)}); err != nil {
					return err
				}
			}
			for range maxUnread {
				if m, err := rw.ReadMsg(); err != nil {
					return fmt.Errorf("%d bytes: %w", len(m.Payload), err)
				}
			}
			return nil
		})
		began := time.Now()
		ended := make(chan error, 2)
		var ends [2]Transport
		ends[0], ends[1] = Pipe()
		for _, end := range ends {
			peer, err := NewPeer(end, Config{Hello: &Hello{Version: 5, Caps: []Cap{{"chat", 1}}}, Protocols: []Protocol{chat}})
			if err != nil {
				t.Fatal(err)
			}
			go func() { ended <- peer.Run(t.Context()) }()
		}
		for range ends {
			err := <-ended
			_, local := errors.AsType[*LocalClose](err)
			_, remote := errors.AsType[*RemoteClose](err)
			if !local && !remote || time.Since(began) > goodbyeTime {
				t.Errorf("%v after %v", err, time.Since(began))
			}
		}
	})
}

// After the end ReadMsg gives what had arrived and then io.EOF, WriteMsg gives ErrClosed,
// and Run waits for the function.
func TestReadAndWriteAfterTheEnd(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		read, wrote := make(chan error, 10), make(chan error, 2)
		d := runAs(t, func(ctx context.Context, rw MsgReadWriter) error {
			<-ctx.Done()
			for range 4 {
				_, err := rw.ReadMsg()
				read <- err
			}
			wrote <- rw.WriteMsg(Msg{Code: 1})
			time.Sleep(time.Minute)
			return errors.New("too late to matter")
		})
		d.send(16, 0xc0)
		d.send(17, 0xc0)
		began := time.Now()
		d.send(codeDisconnect, 0xc1, 8)
		d.want("echo", codeDisconnect, 0xc1, 8)
		err := d.wantEnd("they left")
		if r, ok := errors.AsType[*RemoteClose](err); !ok || r.Reason != ReasonQuitting || time.Since(began) != time.Minute {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		for i, want := range []error{nil, nil, io.EOF, io.EOF} {
			if err := <-read; !errors.Is(err, want) {
				t.Errorf("read %d: %v, want %v", i, err, want)
			}
		}
		if err := <-wrote; !errors.Is(err, ErrClosed) {
			t.Errorf("write: %v", err)
		}
	})
}

// A write that waits for a peer that does not read ends with the connection.
func TestEndReleasesAWrite(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		wrote := make(chan error, 2)
		chat := RunProtocol("chat", 1, 4, func(_ context.Context, _ *Peer, rw MsgReadWriter) error {
			for range 2 {
				go func() { wrote <- rw.WriteMsg(Msg{Code: 1, Payload: []byte{1}}) }()
			}
			_, err := rw.ReadMsg()
			return err
		})
		ours, remote := Pipe()
		defer remote.Close()
		peer, err := NewPeer(ours, Config{Hello: &Hello{Version: 5, Caps: []Cap{{"chat", 1}}}, Protocols: []Protocol{chat}})
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error)
		go func() { ended <- peer.Run(t.Context()) }()
		synctest.Wait()
		peer.End(&LocalClose{Reason: ReasonRequested})
		for range 2 {
			if err := <-wrote; !errors.Is(err, ErrClosed) {
				t.Errorf("write: %v", err)
			}
		}
		<-ended
	})
}

// Two versions of one name are two protocols, and one of them runs.
func TestVersionsOfOneNameAreProtocols(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		run := make(chan uint, 2)
		version := func(v uint) Protocol {
			return RunProtocol("chat", v, 4*v, func(ctx context.Context, _ *Peer, _ MsgReadWriter) error {
				run <- v
				<-ctx.Done()
				return nil
			})
		}
		other := &talk{name: "talk", versions: []Version{{Number: 1, Length: 1}}}
		protocols := []Protocol{version(1), other, version(2), version(2)}
		caps := Caps(protocols)
		if len(caps) != 3 {
			t.Errorf("we offer %v", caps)
		}
		d := startDialogue(t, protocols, caps...)
		synctest.Wait()
		if len(run) != 1 || <-run != 2 {
			t.Error("not the highest version alone runs")
		}
		if got := d.peer.Shared(); len(got) != 2 || got[0] != (Cap{"chat", 2}) || got[1] != (Cap{"talk", 1}) {
			t.Errorf("shared: %v", got)
		}
		d.send(16+8, 0xc0)
		synctest.Wait()
		if len(other.got) != 1 {
			t.Error("the unused version took codes")
		}
	})
}

// A run function reports no handshake: a peer with run functions only is up as soon as they run.
func TestPeersOfFunctionsAreUpAtOnce(t *testing.T) {
	idle := func(ctx context.Context, _ *Peer, _ MsgReadWriter) error { <-ctx.Done(); return nil }
	other, _, c := oneTalk()
	for _, test := range []struct {
		name      string
		protocols []Protocol
		ups       int
	}{
		{"a function", []Protocol{RunProtocol("chat", 1, 1, idle)}, 1},
		{"two", []Protocol{RunProtocol("chat", 1, 1, idle), RunProtocol("news", 1, 1, idle)}, 1},
		{"beside another one", []Protocol{RunProtocol("chat", 1, 1, idle), other}, 0},
	} {
		bubble.Test(t, func(t *testing.T) {
			ups := 0
			ours, _ := Pipe()
			p, err := NewPeer(ours, Config{
				Hello:     &Hello{Version: 5, Caps: []Cap{{"chat", 1}, {"news", 1}, c}},
				Protocols: test.protocols,
				Up: func(stage event.Stage, version uint) {
					if ups++; stage != event.StageHello || version != 0 {
						t.Errorf("%s: up at %v, version %d", test.name, stage, version)
					}
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			ended := make(chan error)
			go func() { ended <- p.Run(t.Context()) }()
			synctest.Wait()
			p.End(&LocalClose{Silent: true})
			<-ended
			if ups != test.ups {
				t.Errorf("%s: up %d times, want %d", test.name, ups, test.ups)
			}
		})
	}
}
