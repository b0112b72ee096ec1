// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"context"
	"errors"
	"net"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/rlpx"
)

// Once the remote side has our Hello, it decompresses every message, our Disconnect too.
func TestGoodbyeAfterHelloIsCompressed(t *testing.T) {
	for _, test := range []struct {
		name   string
		reason Reason
		leave  func(conn *Conn, id enr.ID, ours, theirs *Hello) error
	}{
		{"no shared protocol", ReasonUseless, func(conn *Conn, id enr.ID, ours, _ *Hello) error {
			got, err := ExchangeHello(conn, ours, id, time.Now().Add(time.Second))
			if err != nil {
				return err
			}
			_, protocols, _ := oneTalk()
			_, err = NewPeer(conn, Config{ID: id, Hello: got, Protocols: protocols})
			return err
		}},
		{"another identity", ReasonUnexpectedID, func(conn *Conn, _ enr.ID, ours, _ *Hello) error {
			_, err := ExchangeHello(conn, ours, enr.ID{1}, time.Now().Add(time.Second))
			return err
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble.Test(t, func(t *testing.T) {
				conn, remote, _ := secured(t)
				key := newKey(t)
				hello := helloOf(key)
				hello.Version = BaseVersion
				go func() {
					err := test.leave(conn, enr.IDOf(key.Public()), hello, hello)
					SayGoodbye(conn, err)
				}()
				if _, err := ExchangeHello(remote, hello, enr.IDOf(key.Public()), time.Now().Add(time.Second)); err != nil {
					t.Fatal(err)
				}
				remote.SetSnappy(true)
				code, payload, err := remote.Read(time.Now().Add(time.Second))
				if err != nil || code != codeDisconnect || parseDisconnect(payload) != test.reason {
					t.Errorf("they read message %#x %x, %v; want a goodbye for %v", code, payload, err, test.reason)
				}
			})
		})
	}
}

// "Network error" is never sent, not even as the reply to one.
func TestNetworkErrorIsNeverSaid(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		_, protocols, c := oneTalk()
		d := startDialogue(t, protocols, c)
		d.send(codeDisconnect, 0xc1, byte(ReasonNetwork))
		err := d.wantEnd("they left")
		if v := Judge(err); v.By != event.ByThem || !v.Said {
			t.Errorf("cause %v, verdict %+v", err, v)
		}
	})
	bubble.Test(t, func(t *testing.T) {
		ours, remote := Pipe()
		go SayGoodbye(ours, &RemoteClose{Reason: ReasonNetwork})
		if code, payload, err := remote.Read(time.Now().Add(time.Second)); !errors.Is(err, ErrPipeClosed) {
			t.Errorf("we said %#x %x, %v", code, payload, err)
		}
	})
}

// broken is a stream on which writing fails, and reading finds the reason a little later.
type broken struct {
	Transport
	after time.Duration
	err   error
}

func (b *broken) Flush(time.Time) error { return &net.OpError{Op: "write", Err: syscall.ECONNRESET} }

func (b *broken) Read(deadline time.Time) (uint64, []byte, error) {
	time.Sleep(b.after) // in a bubble
	if b.err != nil {
		return 0, nil, b.err
	}
	return codeDisconnect, []byte{0xc1, byte(ReasonTooManyPeers)}, nil
}

// The remote side sends a Disconnect and closes. Our write may fail before we read the Disconnect, but the
// Disconnect is the cause.
func TestTheirGoodbyeOutranksOurFailedWrite(t *testing.T) {
	for _, test := range []struct {
		name  string
		after time.Duration
		by    event.By
	}{
		{"soon", time.Millisecond, event.ByThem},
		{"never", time.Minute, event.ByNetwork},
	} {
		bubble.Test(t, func(t *testing.T) {
			k, protocols, c := oneTalk()
			k.said[0] = queue{{Raw: []byte{1}}}
			pipe, _ := Pipe()
			peer, err := NewPeer(&broken{Transport: pipe, after: test.after}, Config{Hello: &Hello{Version: 5, Caps: []Cap{c}}, Protocols: protocols})
			if err != nil {
				t.Fatal(err)
			}
			peer.Wake()
			err = peer.Run(t.Context())
			if v := Judge(err); v.By != test.by {
				t.Errorf("%s: cause %v, verdict %+v", test.name, err, v)
			}
		})
	}
}

// After a failed step the peer has ended: the reader passes on no further message.
func TestFailedStepEndsBeforeTheReaderGoesOn(t *testing.T) {
	for range 500 {
		_, protocols, c := oneTalk()
		pipe, _ := Pipe()
		peer, err := NewPeer(pipe, Config{Hello: &Hello{Version: 5, Caps: []Cap{c}}, Protocols: protocols})
		if err != nil {
			t.Fatal(err)
		}
		owned := make(chan struct{})
		go func() { peer.own(); close(owned) }()
		peer.steps <- stepFunc(func(time.Time) error { return Breach("no") })
		<-peer.stepped
		if peer.Cause() == nil {
			t.Fatal("the reader goes on, and the peer has not ended")
		}
		<-owned
	}
}

// If we quit and the connection is gone at the same time, the end is ours.
func TestQuitBeforeTheStartIsOurs(t *testing.T) {
	for range 300 {
		_, protocols, c := oneTalk()
		pipe, _ := Pipe()
		peer, err := NewPeer(pipe, Config{Hello: &Hello{Version: 5, Caps: []Cap{c}}, Protocols: protocols})
		if err != nil {
			t.Fatal(err)
		}
		pipe.Close()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if v := Judge(peer.Run(ctx)); v.By != event.ByUs || v.Reason != ReasonQuitting {
			t.Fatalf("verdict %+v", v)
		}
	}
}

// The wait before the next dial does not depend on the side that sends the reason.
func TestRetryDoesNotDependOnWhoSaidIt(t *testing.T) {
	for r := range reasonNamesEnd {
		ours, theirs := Judge(&LocalClose{Reason: r}).Retry, Judge(&RemoteClose{Reason: r}).Retry
		if ours != theirs {
			t.Errorf("%v: %v when we say it, %v when they do", r, ours, theirs)
		}
	}
}

// A large message that was sent leaves no large buffer behind, and no chunk in memory.
func TestWriterKeepsNoLargeMessage(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		k, protocols, c := oneTalk()
		d := startDialogue(t, protocols, c)
		synctest.Wait()
		spy := &spy{next: &k.said[0]}
		d.peer.schedule.lanes[0][0].source = spy
		k.said[0] = queue{{Raw: make([]byte, 4<<20), Chunks: []*rlpx.Chunk{rlpx.NewChunk(make([]byte, 100))}}}
		d.peer.Wake()
		d.want("the large one", 16, make([]byte, 4<<20+100)...)
		d.wantIdle("nothing more")
		d.peer.Wake()
		synctest.Wait()
		if spy.cap > 2*keepBuffer || spy.chunks > 0 {
			t.Errorf("the writer keeps %d bytes and %d chunks", spy.cap, spy.chunks)
		}
	})
}

// spy keeps what out still holds of the last message.
type spy struct {
	next   Lane
	cap    int
	chunks int
}

func (s *spy) Next(out *Out, budget int) bool {
	s.cap, s.chunks = cap(out.Raw), 0
	for _, c := range out.Chunks[:cap(out.Chunks)] {
		if c != nil {
			s.chunks++
		}
	}
	return s.next.Next(out, budget)
}

// One byte of the next frame must not keep a buffer that was made for a large frame.
func TestTrailingByteKeepsNoLargeBuffer(t *testing.T) {
	a, b := buffered(t, 0)
	frame := func(size int) []byte {
		if err := a.Queue(&Out{Code: 16, Raw: make([]byte, size)}); err != nil {
			t.Fatal(err)
		}
		defer func() { a.out = a.out[:0] }()
		return append([]byte(nil), a.out...)
	}
	stream := frame(5 << 20)
	var ends []int // of the frames
	for range 20 {
		ends = append(ends, len(stream))
		stream = append(stream, frame(10)...)
	}
	at := 0
	for _, end := range ends {
		b.c.(*memStream).in.Write(stream[at : end+1])
		at = end + 1
		if _, _, err := b.Read(time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	if len(b.in) > keepBuffer {
		t.Errorf("after %d pings the buffer still has %d bytes", len(ends)-1, len(b.in))
	}
}

// Invisible and direction characters could make a log line read as another one.
func TestClientNamesAreVisible(t *testing.T) {
	if got := cleanName([]byte("a\u202eb\u200bc\u2028d\ue000é")); got != "a?b?c?d?é" {
		t.Errorf("got %q", got)
	}
}
