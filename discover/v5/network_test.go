// SPDX-License-Identifier: Apache-2.0

package v5

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
)

// testKey returns the nth key.
func testKey(t testing.TB, n int) *ecc.PrivateKey {
	t.Helper()
	b := make([]byte, 32)
	b[30], b[31] = byte(n>>8), byte(n)
	k, err := ecc.ParsePrivateKey(b)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// testRecord signs a record with an endpoint, or without one for the zero address.
func testRecord(t testing.TB, key *ecc.PrivateKey, seq uint64, at netip.AddrPort) *enr.Record {
	t.Helper()
	var b enr.Builder
	if at.IsValid() {
		b.SetIP(at.Addr())
		b.SetUDP(at.Port())
	}
	r, err := b.Sign(key, seq)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A network takes datagrams from one node to the other, in 10 ms. It is for bubbles.
type network struct {
	t     *testing.T
	ctx   context.Context
	links sync.WaitGroup

	mu    sync.Mutex // guards what follows
	hosts map[netip.AddrPort]*host
}

// A host is a node and its end of the network.
type host struct {
	*Node
	net    *network
	addr   netip.AddrPort
	key    *ecc.PrivateKey
	record atomic.Pointer[enr.Record]
	line   chan sentDatagram
	sent   atomic.Uint64
	stop   context.CancelFunc
	over   chan struct{} // closed when Run has returned
}

type sentDatagram struct {
	from netip.AddrPort
	at   time.Time
	b    []byte
}

// inNetwork runs f in a network that ends when f does.
func inNetwork(t *testing.T, f func(w *network)) {
	ctx, cancel := context.WithCancel(context.Background())
	w := &network{t: t, ctx: ctx, hosts: make(map[netip.AddrPort]*host)}
	f(w)
	cancel()
	for _, h := range w.hosts {
		<-h.over
	}
	w.links.Wait()
}

// add returns the nth host; its node does not run yet. The function change may change its configuration.
func (w *network) add(n int, change func(*Config), bootnodes ...*host) *host {
	w.t.Helper()
	h := &host{
		net: w, key: testKey(w.t, n+1), line: make(chan sentDatagram, 1024), over: make(chan struct{}),
		addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{34 + byte(n>>8), byte(n), 1, 1}), 30303),
	}
	h.record.Store(testRecord(w.t, h.key, 1, h.addr))
	cfg := Config{Key: h.key, Conn: h, Self: h.record.Load, Rand: rand.NewChaCha8([32]byte{1, byte(n), byte(n >> 8)})}
	for _, b := range bootnodes {
		cfg.Bootnodes = append(cfg.Bootnodes, b.record.Load().Node())
	}
	if change != nil {
		change(&cfg)
	}
	var err error
	if h.Node, err = New(cfg); err != nil {
		w.t.Fatal(err)
	}
	return h
}

// start runs the host's node.
func (h *host) start() *host {
	w := h.net
	ctx, cancel := context.WithCancel(w.ctx)
	h.stop = cancel
	w.mu.Lock()
	w.hosts[h.addr] = h
	w.mu.Unlock()
	w.links.Go(func() {
		for {
			select {
			case d := <-h.line:
				pause(ctx, time.Until(d.at))
				h.Deliver(d.from, d.b)
			case <-ctx.Done():
				return
			}
		}
	})
	w.links.Go(func() {
		defer close(h.over)
		if err := h.Run(ctx); err != nil {
			w.t.Error(err)
		}
	})
	return h
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// WriteToUDPAddrPort implements Conn. A datagram to an address without a listener is lost, as in a real network.
func (h *host) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	h.sent.Add(1)
	h.net.mu.Lock()
	remote := h.net.hosts[to]
	h.net.mu.Unlock()
	if remote != nil {
		select {
		case remote.line <- sentDatagram{h.addr, time.Now().Add(10 * time.Millisecond), append([]byte(nil), b...)}:
		default:
		}
	}
	return len(b), nil
}

func (h *host) id() enr.ID     { return enr.IDOf(h.key.Public()) }
func (h *host) node() enr.Node { return h.record.Load().Node() }
