// SPDX-License-Identifier: Apache-2.0

package v4

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/discover/v4wire"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/memnet"
)

// An outsider sends an engine datagrams that no engine would send, and keeps the responses.
type outsider struct {
	t      *testing.T
	engine *Node
	remote *remote
	key    *ecc.PrivateKey

	mu    sync.Mutex // guards what follows
	heard []v4wire.Packet
}

// outside runs an engine and an outsider.
func outside(t *testing.T, f func(o *outsider)) {
	network, us, them := memnet.NewDatagrams(), remoteOf(t, 1), remoteOf(t, 2)
	o := &outsider{t: t, remote: them, key: keyOf(t, 2)}
	ours, theirs := network.Listen(us.addr), network.Listen(them.addr)
	defer ours.Close()
	defer theirs.Close()
	var err error
	if o.engine, err = New(Config{Key: keyOf(t, 1), Conn: ours, Self: func() *enr.Record { return us.record }}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() { _ = o.engine.Run(ctx) }()
	go func() {
		b := make([]byte, v4wire.MaxSize)
		for {
			n, _, err := theirs.ReadFromUDPAddrPort(b)
			if err != nil {
				return
			}
			p, err := v4wire.Decode(append([]byte(nil), b[:n]...))
			if err != nil {
				t.Error(err)
			}
			o.mu.Lock()
			o.heard = append(o.heard, p)
			o.mu.Unlock()
		}
	}()
	time.Sleep(time.Second)
	f(o)
}

// hears returns the responses to a datagram.
func (o *outsider) hears(datagram []byte) []v4wire.Packet {
	o.t.Helper()
	if !o.engine.Deliver(o.remote.addr, datagram) {
		o.t.Error("it is taken for another protocol")
	}
	synctest.Wait()
	o.mu.Lock()
	defer o.mu.Unlock()
	heard := o.heard
	o.heard = nil
	return heard
}

func (o *outsider) packet(m v4wire.Message) []byte {
	o.t.Helper()
	p, _, err := v4wire.Append(nil, o.key, m)
	if err != nil {
		o.t.Fatal(err)
	}
	return p
}

// changed changes a datagram after its hash, and computes the hash again.
func changed(datagram []byte, change func(behind []byte)) []byte {
	const hash = 32
	b := append([]byte(nil), datagram...)
	change(b[hash:])
	h := keccak.Sum256(b[hash:])
	copy(b, h[:])
	return b
}

// Where the parts of a datagram begin, behind its hash.
const (
	recoveryAt = 64
	typeAt     = 65
	dataAt     = 66
)

// TestWhatIsNotAnswered: packets that are expired, malformed or not signed are dropped
// without a response and without a penalty.
func TestWhatIsNotAnswered(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		outside(t, func(o *outsider) {
			now := time.Now().Unix()
			ping := func(expiration int64) *v4wire.Ping {
				return &v4wire.Ping{Version: 4, From: v4wire.EndpointOf(o.remote.addr, 1), Expiration: expiration}
			}
			good := o.packet(ping(now + 10))
			silent := map[string][]byte{
				"an expired ping":              o.packet(ping(now - 1)),
				"an unknown type":              changed(good, func(b []byte) { b[typeAt] = 0x77 }),
				"junk":                         changed(good, func(b []byte) { b[dataAt] = 0x01 }),
				"a signature that is none":     changed(good, func(b []byte) { b[recoveryAt] = 9 }),
				"a request before the proof":   o.packet(&v4wire.Findnode{Expiration: now + 10}),
				"an answer that nobody asked":  o.packet(&v4wire.Neighbors{Expiration: now + 10}),
				"an expired request, unproven": o.packet(&v4wire.ENRRequest{Expiration: now - 1}),
			}
			for name, b := range silent {
				if heard := o.hears(b); len(heard) != 0 {
					t.Errorf("%s: %+v", name, heard)
				}
			}
			heard := o.hears(good)
			if len(heard) != 2 {
				t.Fatalf("a good ping: %+v", heard)
			}
			if pong, ok := heard[0].Message.(*v4wire.Pong); !ok || string(pong.PingHash[:]) != string(good[:32]) {
				t.Errorf("a good ping: %+v", heard[0])
			}
			if heard := o.hears(o.packet(&v4wire.Pong{PingHash: heard[1].Hash, Expiration: now + 10})); len(heard) != 0 {
				t.Errorf("a pong: %+v", heard)
			}
			for expiration, answers := range map[int64]int{now + 10: 1, now - 1: 0} {
				for range 3 * checkOneIn { // unverified, and checked
					if heard := o.hears(o.packet(&v4wire.Findnode{Expiration: expiration})); len(heard) != answers {
						t.Errorf("a request that expires at now%+d: %+v", expiration-now, heard)
					}
				}
			}
		})
	})
}
