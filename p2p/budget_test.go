// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

func TestBudgetTakesAndGives(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		b := NewBudget(100)
		soon := func() time.Time { return time.Now().Add(time.Second) }
		if err := b.take(101, soon(), nil); !errors.Is(err, errNoMemory) {
			t.Fatalf("more than there ever is: %v", err)
		}
		if err := b.take(60, soon(), nil); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if err := b.take(60, soon(), nil); !errors.Is(err, errNoMemory) || time.Since(began) != time.Second {
			t.Fatalf("after %v: %v", time.Since(began), err)
		}
		quit := make(chan struct{})
		close(quit)
		if err := b.take(60, soon(), quit); !errors.Is(err, net.ErrClosed) {
			t.Fatalf("of a closed connection: %v", err)
		}

		// Waiters are served in order of arrival; one that does not fit is passed over.
		var order []string
		var mu sync.Mutex
		wait := func(name string, n int) {
			go func() {
				if err := b.take(n, time.Time{}, nil); err != nil {
					t.Error(name, err)
				}
				mu.Lock()
				defer mu.Unlock()
				order = append(order, name)
			}()
			synctest.Wait()
		}
		wait("large", 90)
		wait("small", 45)
		wait("tiny", 1)
		b.Give(10)
		synctest.Wait()
		b.Give(50)
		synctest.Wait()
		b.Give(46)
		synctest.Wait()
		if len(order) != 3 || order[0] != "tiny" && order[1] != "tiny" || order[2] != "large" {
			t.Errorf("served in order %v", order)
		}
		b.Give(90)
		if b.Used() != 0 || len(b.waiting) != 0 {
			t.Errorf("%d bytes are used, %d wait", b.Used(), len(b.waiting))
		}
	})
}

func TestAccountsAreSettledOnce(t *testing.T) {
	b := NewBudget(10 * allowance)
	var a account
	a.open(b, nil)
	for _, test := range []struct{ use, used int }{
		{0, 0}, {allowance, 0}, {allowance + 5, 5}, {allowance + 3, 3}, {3 * allowance, 2 * allowance}, {1, 0}, {allowance + 7, 7},
	} {
		if err := a.cover(test.use, time.Time{}); err != nil || b.Used() != test.used {
			t.Fatalf("buffers of %d: %d are used, want %d (%v)", test.use, b.Used(), test.used, err)
		}
	}
	a.close()
	a.close()
	if b.Used() != 0 {
		t.Errorf("%d bytes are used by a closed connection", b.Used())
	}
	if err := a.cover(0, time.Time{}); err != nil || b.Used() != 0 {
		t.Errorf("%d bytes were given back twice (%v)", -b.Used(), err)
	}
	if err := a.cover(3*allowance, time.Time{}); !errors.Is(err, net.ErrClosed) || b.Used() != 0 {
		t.Errorf("a closed connection took %d bytes (%v)", b.Used(), err)
	}
	var free account
	if err := free.cover(1<<40, time.Time{}); err != nil {
		t.Errorf("without a budget: %v", err)
	}
}

// guarded returns both ends of a connection. The second end shares a budget and runs a peer. heard counts the
// bytes that it reads.
func guarded(t *testing.T, b *Budget, heard chan<- int) (remote *Conn, ours *Conn, ended chan error) {
	t.Helper()
	remote, ours, ids := secured(t)
	chat := RunProtocol("chat", 1, 4, func(_ context.Context, _ *Peer, rw MsgReadWriter) error {
		for {
			m, err := rw.ReadMsg()
			if err != nil {
				return err
			}
			heard <- len(m.Payload)
		}
	})
	peer, err := NewPeer(ours, Config{
		ID: ids[0], Hello: &Hello{Version: 5, Caps: []Cap{{"chat", 1}}}, Protocols: []Protocol{chat}, Budget: b,
	})
	if err != nil {
		t.Fatal(err)
	}
	remote.SetSnappy(true)
	_ = remote.c.SetDeadline(time.Time{}) // the handshake is over
	ended = make(chan error, 1)
	go func() { ended <- peer.Run(t.Context()) }()
	go func() { // the remote side reads everything
		_, _ = io.Copy(io.Discard, remote.c)
	}()
	return remote, ours, ended
}

// held returns what a connection's buffers take. Its goroutines must have ended, or be idle.
func held(c *Conn) int { return len(c.in) + c.opener.Holds(0) + cap(c.out) }

// Many connections begin huge messages and never finish them. Memory stays under the cap. A connection that
// gets no memory ends by our decision at its read deadline, and small messages of other connections pass all
// the time.
func TestUnfinishedGiantsShareOneBudget(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		const each, size = 6, 1 << 20
		b := NewBudget(3 << 20)
		heard := make(chan int, 1000)
		honest, _, honestEnd := guarded(t, b, heard)
		noise := make([]byte, size) // does not compress
		_, _ = rand.NewChaCha8([32]byte{1}).Read(noise)

		// The first connections begin their messages last, so that they reach the deadline while the others
		// hold all memory.
		var ends []chan error
		attack := func(after time.Duration, pieces int) {
			remote, _, ended := guarded(t, b, heard)
			ends = append(ends, ended)
			if err := remote.Queue(&Out{Code: 16, Raw: noise}); err != nil {
				t.Fatal(err)
			}
			frame := remote.out[:len(remote.out)-1]
			go func() {
				time.Sleep(after)
				for piece := range slices.Chunk(frame, len(frame)/pieces+1) {
					if _, err := remote.c.Write(piece); err != nil {
						return
					}
					time.Sleep(time.Second / 4)
				}
			}()
		}
		for range each {
			attack(10*time.Second, 40)
		}
		time.Sleep(3 * time.Second)
		for range each {
			attack(time.Second, 4)
		}

		most := 0
		for range 70 {
			time.Sleep(time.Second/2 + time.Millisecond)
			synctest.Wait()
			most = max(most, b.Used())
			if err := honest.Queue(&Out{Code: 17, Raw: noise[:20_000]}); err != nil {
				t.Fatal(err)
			}
			asked := time.Now()
			if err := honest.Flush(time.Now().Add(time.Second)); err != nil {
				t.Fatal(err)
			}
			if n := <-heard; n != 20_000 || time.Since(asked) != 0 {
				t.Fatalf("an honest message of %d bytes took %v", n, time.Since(asked))
			}
		}
		if most > b.size || most < b.size*3/4 {
			t.Errorf("up to %d bytes were used, of %d", most, b.size)
		}
		refused := 0
		for _, ended := range ends {
			err := <-ended
			if l, ok := errors.AsType[*LocalClose](err); ok && l.Reason == ReasonTimeout {
				refused++
			} else if !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("ended by %v", err)
			}
		}
		if refused == 0 {
			t.Error("nobody had to wait for memory")
		}
		if b.Used() != 0 {
			t.Errorf("%d bytes are used by connections that have ended", b.Used())
		}
		honest.Close()
		<-honestEnd
	})
}

// The budget is charged for the size of the buffers at every stage of a message.
func TestBuffersArePaidFor(t *testing.T) {
	for _, arrived := range []int{0, 1000, 100_000, 140_000, 300_000, 700_000, 1 << 20} {
		for _, repeat := range []int{1, 100} { // noise, and what compresses well
			a, c := buffered(t, 4096)
			b := NewBudget(20 << 20)
			c.Limit(Limits{Budget: b})
			a.SetSnappy(true)
			c.SetSnappy(true)
			noise := make([]byte, (1<<20)/repeat)
			_, _ = rand.NewChaCha8([32]byte{1}).Read(noise)
			if err := a.Queue(&Out{Code: 16, Raw: bytes.Repeat(noise, repeat)}); err != nil {
				t.Fatal(err)
			}
			c.c.(*memStream).in = bytes.NewBuffer(a.out[:min(arrived, len(a.out))])
			_, _, err := c.Read(time.Time{})
			if arrived >= len(a.out) != (err == nil) {
				t.Fatalf("%d of %d bytes: %v", arrived, len(a.out), err)
			}
			if want := max(0, len(c.in)+c.opener.Holds(0)-allowance); b.Used() != want {
				t.Errorf("%d of %d bytes have made buffers of %d, and %d are paid for", arrived, len(a.out), want+allowance, b.Used())
			}
			if len(c.in) > 2*arrived+firstRead {
				t.Errorf("%d bytes have made a buffer of %d", arrived, len(c.in))
			}
			c.Close()
			if b.Used() != 0 {
				t.Errorf("%d bytes are used by a closed connection", b.Used())
			}
		}
	}
}

// A large message leaves no memory behind: neither its read buffer nor, when memory is short, the buffer of
// its decompressed payload.
func TestLargeMessageGivesItsMemoryBack(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		b := NewBudget(2 << 20)
		heard := make(chan int, 10)
		remote, ours, ended := guarded(t, b, heard)
		for range 3 { // bombs: few bytes that decompress to many
			if err := remote.Queue(&Out{Code: 16, Raw: make([]byte, 2<<20)}); err != nil {
				t.Fatal(err)
			}
			if err := remote.Flush(time.Now().Add(time.Second)); err != nil {
				t.Fatal(err)
			}
			if n := <-heard; n != 2<<20 {
				t.Fatalf("got %d bytes", n)
			}
			synctest.Wait()
			if b.Used() != 0 || held(ours) > 2*allowance {
				t.Fatalf("%d bytes are used, and %d held, by a quiet connection", b.Used(), held(ours))
			}
		}
		remote.Close()
		<-ended
	})
}

// Outgoing messages are counted while they exist.
func TestOutgoingMessagesAreCounted(t *testing.T) {
	a, _ := buffered(t, 0)
	b := NewBudget(1 << 20)
	a.Limit(Limits{Budget: b})
	if err := a.Queue(&Out{Code: 16, Raw: make([]byte, 3<<20)}); err != nil {
		t.Fatal(err)
	}
	if b.Used() < 2<<20 {
		t.Errorf("3 MiB to send are counted as %d bytes", b.Used())
	}
	if err := a.Flush(time.Time{}); err != nil || b.Used() != 0 {
		t.Errorf("%d bytes are used when all is sent, %v", b.Used(), err)
	}
}
