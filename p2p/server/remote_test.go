// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/memnet"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/p2p"
)

// The tests of this package play the other nodes, message by message, over a network in memory, in a bubble
// of testing/synctest.

// A bench is a server in a bubble, with its network.
type bench struct {
	*Server
	t      *testing.T
	key    *ecc.PrivateKey
	lis    *memListener
	cancel context.CancelFunc
	ended  chan error

	mu         sync.Mutex
	events     []event.Peer
	candidates []event.Candidate
	troubles   []event.Trouble
}

// newBench runs a server that listens. Its Dial reaches no node unless change sets another.
func newBench(t *testing.T, change func(*Config)) *bench {
	t.Helper()
	b := &bench{t: t, lis: &memListener{conns: make(chan net.Conn), closed: make(chan struct{})}}
	b.ended = make(chan error, 1)
	cfg := Config{
		Key: mustKey(t), Client: "us", Protocols: []p2p.Protocol{nod{1}}, Listener: b.lis,
		Dial: func(context.Context, netip.AddrPort) (net.Conn, error) { return nil, memnet.ErrRefused },
		Record: func(e event.Event) {
			b.mu.Lock()
			defer b.mu.Unlock()
			switch e := e.(type) {
			case event.Peer:
				b.events = append(b.events, e)
			case event.Candidate:
				b.candidates = append(b.candidates, e)
			case event.Trouble:
				b.troubles = append(b.troubles, e)
			}
		},
	}
	if change != nil {
		change(&cfg)
	}
	b.key = cfg.Key
	var err error
	if b.Server, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	b.cancel = cancel
	go func() { b.ended <- b.Run(ctx) }()
	t.Cleanup(func() { b.stop() })
	synctest.Wait()
	return b
}

// stop ends the server and waits for it.
func (b *bench) stop() {
	b.cancel()
	if err := <-b.ended; err != nil {
		b.t.Error(err)
	}
	b.ended <- nil // for a second stop
}

func (b *bench) count(change event.PeerChange, stage event.Stage) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.events {
		if e.Change == change && e.Stage == stage {
			n++
		}
	}
	return n
}

// connect opens a stream to the server from an address.
func (b *bench) connect(from string) net.Conn {
	b.t.Helper()
	ours, theirs := memnet.Pipe()
	addr := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(from))
	select {
	case b.lis.conns <- addressed{ours, addr}:
	case <-b.lis.closed:
		b.t.Fatal("the server does not listen any more")
	}
	b.t.Cleanup(func() { theirs.Close() })
	return theirs
}

// connects reports whether the server takes a stream at once.
func (b *bench) connects(from string) (net.Conn, bool) {
	ours, theirs := memnet.Pipe()
	select {
	case b.lis.conns <- addressed{ours, net.TCPAddrFromAddrPort(netip.MustParseAddrPort(from))}:
		b.t.Cleanup(func() { theirs.Close() })
		return theirs, true
	default:
		return nil, false
	}
}

// A remote is a node that the test plays. It speaks RLPx and Hello, and then only listens.
type remote struct {
	*peers.Raw
	t *testing.T
}

// join connects and runs the RLPx handshake.
func (b *bench) join(from string, key *ecc.PrivateKey) *remote {
	b.t.Helper()
	r := &remote{&peers.Raw{Stream: b.connect(from), Key: key, IgnorePings: true}, b.t}
	if err := r.Initiate(b.key.Public(), soon()); err != nil {
		b.t.Fatal(err)
	}
	return r
}

// peer joins and exchanges Hellos. It must be admitted.
func (b *bench) peer(from string, key *ecc.PrivateKey) *remote {
	b.t.Helper()
	r := b.join(from, key)
	r.hello(p2p.Cap{Name: "nod", Version: 1})
	synctest.Wait()
	if _, ok := b.admission.find(enr.IDOf(key.Public())); !ok {
		b.t.Fatal("the peer was not admitted")
	}
	return r
}

func soon() time.Time { return time.Now().Add(3 * time.Second) }

func (r *remote) hello(caps ...p2p.Cap) {
	r.t.Helper()
	if _, err := r.Greet(soon(), "them", caps...); err != nil {
		r.t.Fatal(err)
	}
}

// wantGoodbye expects a Disconnect with the reason, and then the end of the stream.
func (r *remote) wantGoodbye(want p2p.Reason) {
	r.t.Helper()
	if err := r.WantGoodbye(want); err != nil {
		r.t.Fatal(err)
	}
	if _, _, err := r.Conn.Read(time.Now().Add(time.Minute)); !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrClosedPipe) {
		r.t.Fatalf("after the goodbye: %v", err)
	}
}

// addressed is a stream with a remote address.
type addressed struct {
	net.Conn
	from net.Addr
}

func (a addressed) RemoteAddr() net.Addr { return a.from }

// memListener is a listener in memory.
type memListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *memListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *memListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *memListener) Addr() net.Addr {
	return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 30303}
}
