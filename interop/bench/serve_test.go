// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bytes"
	"context"
	"io"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	ethwire "github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/types"
)

// requests are under way at a time on the connection, in a batch.
const requestsAtOnce = 16

// A tap is a client's stream. Once sealing, what is written is kept and not sent.
type tap struct {
	net.Conn
	sealing bool
	sealed  bytes.Buffer
	read    int
}

func (s *tap) Write(b []byte) (int, error) {
	if s.sealing {
		return s.sealed.Write(b)
	}
	return s.Conn.Write(b)
}

func (s *tap) Read(b []byte) (int, error) {
	n, err := s.Conn.Read(b)
	s.read += n
	return n, err
}

// An eater sends requests that were sealed before, and counts the bytes of their replies: it decrypts nothing, so what is
// measured is the server, and what the kernel does for both.
type eater struct {
	*tap
	conn  *peers.Conn
	reply int // bytes of a reply on the wire
}

// connectTo opens a session with a server at a port of loopback, and has one request answered.
func connectTo(tb testing.TB, c *served, addr string, to ecc.PublicKey, kind ethwire.Kind, payload []byte, want int) *eater {
	tb.Helper()
	stream, err := net.Dial("tcp", addr)
	if err != nil {
		tb.Fatal(err)
	}
	e := &eater{tap: &tap{Conn: stream}}
	key, _ := newKey(tb, 9)
	if e.conn, err = peers.Dial(e.tap, to, key, "bench", c.params, servedVersion); err != nil {
		tb.Fatal(err)
	}
	if err := e.conn.Greet(); err != nil {
		tb.Fatal(err)
	}
	if code, _, err := e.conn.Read(); err != nil || code != peers.CodeEth {
		tb.Fatalf("message %d, %v instead of a Status", code, err)
	}
	for range 2 { // the first fills caches
		before := e.read
		if err := e.conn.Tell(kind, payload); err != nil {
			tb.Fatal(err)
		}
		for {
			code, got, err := e.conn.Read()
			if err != nil {
				tb.Fatal(err)
			}
			if code != peers.CodeEth+kind.Row().Reply.Row().Code {
				before = e.read // a range update, say
				continue
			}
			if n := itemsOf(tb, kind.Row().Reply, got); n != want {
				tb.Fatalf("%d items, want %d", n, want)
			}
			break
		}
		e.reply = e.read - before
	}
	return e
}

func itemsOf(tb testing.TB, kind ethwire.Kind, payload []byte) int {
	tb.Helper()
	var s ethwire.Storage
	m, err := s.Decode(servedVersion, kind.Row().Code, payload)
	if err != nil {
		tb.Fatal(err)
	}
	return m.(interface{ Len() int }).Len()
}

// batch seals requests, which is not measured, and has them answered, which is.
func (e *eater) batch(tb testing.TB, m *meter, kind ethwire.Kind, payload []byte) {
	e.sealing = true
	for range requestsAtOnce {
		if err := e.conn.Tell(kind, payload); err != nil {
			tb.Fatal(err)
		}
	}
	e.sealing = false
	_ = e.SetDeadline(time.Now().Add(30 * time.Second))
	m.start()
	defer m.stop()
	if _, err := e.Conn.Write(e.sealed.Bytes()); err != nil {
		tb.Fatal(err)
	}
	if _, err := io.CopyN(io.Discard, bare{e.Conn}, int64(requestsAtOnce*e.reply)); err != nil {
		tb.Fatal(err)
	}
	e.sealed.Reset()
}

// bare hides that a stream can be spliced.
type bare struct{ io.Reader }

// compareServing has go-ethereum's server and ours answer batches of one request in turns.
func compareServing(b *testing.B, cached bool, kind ethwire.Kind, payload []byte, want int) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	c := serving(b)
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	var eaters [2]*eater
	for i, start := range []func(context.Context, testing.TB, bool) (string, ecc.PublicKey){c.geth, c.ours} {
		addr, key := start(ctx, b, cached)
		eaters[i] = connectTo(b, c, addr, key, kind, payload, want)
		defer eaters[i].Conn.Close()
	}
	var meters [2]meter
	for b.Loop() {
		for i, e := range eaters {
			e.batch(b, &meters[i], kind, payload)
		}
	}
	per := func(m *meter) float64 { return float64(m.sum.Microseconds()) / float64(b.N*requestsAtOnce) }
	b.ReportMetric(per(&meters[0]), "geth-µs/request")
	b.ReportMetric(per(&meters[1]), "ours-µs/request")
	b.ReportMetric(per(&meters[0])/per(&meters[1]), "geth/ours")
	b.ReportMetric(0, "ns/op")
}

// served is asked for in two ways of ours: from the cache, as for the second peer that asks, and from the store, as for the first.
func serveBoth(b *testing.B, kind ethwire.Kind, payload []byte, want int) {
	for _, cached := range []bool{true, false} {
		name := "again"
		if !cached {
			name = "first"
		}
		b.Run(name, func(b *testing.B) { compareServing(b, cached, kind, payload, want) })
	}
}

func BenchmarkServeHeaders(b *testing.B) {
	q := ethwire.HeadersRequest{Origin: ethwire.AtNumber(100), Amount: 192}
	serveBoth(b, ethwire.KindGetBlockHeaders, q.Append(nil, servedVersion, 1), 192)
}

func (c *served) hashes(from, count int) (all []types.Hash) {
	for _, block := range c.blocks[from : from+count] {
		all = append(all, types.Hash(block.Hash()))
	}
	return all
}

func BenchmarkServeBodies(b *testing.B) {
	q := ethwire.BodiesRequest{Hashes: serving(b).hashes(100, 128)}
	serveBoth(b, ethwire.KindGetBlockBodies, q.Append(nil, servedVersion, 1), 128)
}

func BenchmarkServeReceipts(b *testing.B) {
	q := ethwire.ReceiptsRequest{Hashes: serving(b).hashes(100, 128)}
	serveBoth(b, ethwire.KindGetReceipts, q.Append(nil, servedVersion, 1), 128)
}
