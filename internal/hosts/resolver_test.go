// SPDX-License-Identifier: Apache-2.0

package hosts

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

func addrs(texts ...string) (all []netip.Addr) {
	for _, text := range texts {
		all = append(all, netip.MustParseAddr(text))
	}
	return all
}

// script is a system whose answers the test sets. Owner: the test; calls come one after the other.
type script struct {
	ips   []netip.Addr
	err   error
	asked int
}

func (s *script) lookUp(context.Context, string) ([]netip.Addr, error) {
	s.asked++
	return s.ips, s.err
}

func TestLookup(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		s := &script{ips: addrs("2a01::1", "::ffff:34.1.1.1", "34.1.1.1", "fe80::1%eth0")}
		r := Resolver{System: s.lookUp}
		want := func(asked int, texts ...string) {
			t.Helper()
			got, err := r.Lookup(t.Context(), "a.example")
			if !slices.Equal(got, addrs(texts...)) || (err == nil) != (len(texts) > 0) || s.asked != asked {
				t.Fatalf("after %d lookups: %v, %v; want %v after %d", s.asked, got, err, texts, asked)
			}
			clear(got) // it is the caller's
		}
		want(1, "2a01::1", "34.1.1.1", "fe80::1%eth0")
		s.ips = addrs("34.2.2.2") // the host moves
		time.Sleep(fresh - 1)
		want(1, "2a01::1", "34.1.1.1", "fe80::1%eth0")
		time.Sleep(time.Nanosecond)
		want(2, "34.2.2.2")
		s.err = errors.New("server failure")
		time.Sleep(stale - 1)
		want(3, "34.2.2.2") // the last answer serves meanwhile
		want(4, "34.2.2.2") // and every call asks again
		time.Sleep(time.Nanosecond)
		want(5)
		s.ips, s.err = nil, nil
		want(6)
		s.ips = addrs("34.3.3.3")
		want(7, "34.3.3.3")
	})
}

func TestLiteral(t *testing.T) {
	r := Resolver{System: func(context.Context, string) ([]netip.Addr, error) { panic("looked up") }}
	for _, text := range []string{"34.1.1.1", "2a01::1", "::ffff:34.1.1.1"} {
		if got, err := r.Lookup(t.Context(), text); err != nil || !slices.Equal(got, []netip.Addr{netip.MustParseAddr(text).Unmap()}) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
}

// TestNil: neither a nil Resolver nor the zero one needs anything else.
func TestNil(t *testing.T) {
	for _, r := range []*Resolver{nil, {}} {
		got, err := r.Lookup(t.Context(), "localhost")
		if err != nil || !slices.ContainsFunc(got, netip.Addr.IsLoopback) {
			t.Errorf("localhost: %v, %v", got, err)
		}
	}
}

func TestManyAddresses(t *testing.T) {
	s := &script{}
	for i := range 100 {
		s.ips = append(s.ips, netip.AddrFrom4([4]byte{34, 1, 1, byte(i)}))
	}
	r := Resolver{System: s.lookUp}
	if got, _ := r.Lookup(t.Context(), "a.example"); len(got) != maxAddresses || got[maxAddresses-1] != s.ips[maxAddresses-1] {
		t.Errorf("%d addresses", len(got))
	}
}

// TestOneLookupForAll: calls for one name at the same time share one.
func TestOneLookupForAll(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		asked := 0
		r := Resolver{System: func(context.Context, string) ([]netip.Addr, error) {
			asked++
			time.Sleep(time.Second)
			return addrs("34.1.1.1"), nil
		}}
		var all sync.WaitGroup
		for i := range 5 {
			all.Go(func() {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if i == 0 {
					// The first stops waiting; the lookup goes on for the others.
					time.AfterFunc(time.Millisecond, cancel)
				}
				if got, err := r.Lookup(ctx, "a.example"); (err == nil) != (i > 0) {
					t.Errorf("call %d: %v, %v", i, got, err)
				}
			})
		}
		all.Wait()
		if asked != 1 {
			t.Errorf("looked up %d times", asked)
		}
	})
}

// TestSilentServer: neither the end of a context nor the limit waits for a system that ignores its context.
// Hanging lookups are bounded, and lookups succeed when the server is back.
func TestSilentServer(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		back := make(chan struct{})
		r := Resolver{System: func(context.Context, string) ([]netip.Addr, error) {
			<-back
			return addrs("34.1.1.1"), nil
		}}
		start := time.Now()
		if _, err := r.Lookup(t.Context(), "a.example"); !errors.Is(err, ErrTimeout) || time.Since(start) != timeout {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		why := errors.New("the end")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(why)
		if _, err := r.Lookup(ctx, "a.example"); !errors.Is(err, why) {
			t.Errorf("with an ended context: %v", err)
		}
		for i := range 2 * maxLookups {
			if _, err := r.Lookup(ctx, fmt.Sprintf("%d.example", i)); errors.Is(err, ErrTimeout) != (i >= maxLookups-2) {
				t.Errorf("name %d: %v", i, err)
			}
		}
		close(back)
		time.Sleep(time.Second)
		r.mu.Lock()
		if len(r.pending) != 0 || len(r.slots) != 0 {
			t.Errorf("%d lookups are left", len(r.pending))
		}
		r.mu.Unlock()
		if _, err := r.Lookup(t.Context(), "new.example"); err != nil {
			t.Error(err)
		}
	})
}

// TestLookupEndsWithItsCallers: one that none waits for any more is cancelled, and a later call starts another.
func TestLookupEndsWithItsCallers(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		asked := make(chan context.Context, 9)
		r := Resolver{System: func(ctx context.Context, _ string) ([]netip.Addr, error) {
			asked <- ctx
			<-ctx.Done()
			return nil, ctx.Err()
		}}
		var all sync.WaitGroup
		first, end := context.WithCancel(t.Context())
		second, endToo := context.WithCancel(t.Context())
		for _, ctx := range []context.Context{first, second} {
			all.Go(func() { _, _ = r.Lookup(ctx, "a.example") })
		}
		synctest.Wait()
		lookup := <-asked
		end()
		synctest.Wait()
		if lookup.Err() != nil {
			t.Error("ended while something waits for it")
		}
		endToo()
		synctest.Wait()
		if lookup.Err() == nil {
			t.Error("goes on for nothing")
		}
		again, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if _, err := r.Lookup(again, "a.example"); !errors.Is(err, context.DeadlineExceeded) || len(asked) != 1 {
			t.Errorf("%v, %d lookups", err, len(asked))
		}
		all.Wait()
	})
}

func TestAnswersAreBounded(t *testing.T) {
	r := Resolver{System: (&script{ips: addrs("34.1.1.1")}).lookUp}
	for i := range 2 * maxNames {
		if _, err := r.Lookup(t.Context(), fmt.Sprintf("%d.example", i)); err != nil {
			t.Fatal(err)
		}
	}
	if n := r.answers.Len(); n != maxNames {
		t.Errorf("%d answers are kept", n)
	}
}

func TestAwait(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		if n, err := Await(t.Context(), func(context.Context) (int, error) { return 7, nil }); n != 7 || err != nil {
			t.Error(n, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := Await(ctx, func(context.Context) (int, error) { time.Sleep(time.Minute); return 7, nil })
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		time.Sleep(time.Minute) // for what was not waited for
	})
}

// TestSystemThatIgnoresItsContext: Go is such a system when the name server is silent, because its datagram
// sockets have a deadline of their own.
func TestSystemThatIgnoresItsContext(t *testing.T) {
	silent, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp4", silent.LocalAddr().String())
	}}
	r := Resolver{System: func(ctx context.Context, host string) ([]netip.Addr, error) {
		return resolver.LookupNetIP(ctx, "ip", host)
	}}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	if _, err := r.Lookup(ctx, "host.example."); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
