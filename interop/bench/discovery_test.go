// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p/discover"
	"github.com/ethereum/go-ethereum/p2p/enode"

	"github.com/ethpeer/ethpeer/discover/v4"
	"github.com/ethpeer/ethpeer/discover/v4wire"
	"github.com/ethpeer/ethpeer/discover/v5"
	"github.com/ethpeer/ethpeer/discover/v5wire"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/ecc"
)

var (
	serverAddr = netip.MustParseAddrPort("44.1.1.1:30303")
	clientAddr = netip.MustParseAddrPort("45.1.1.1:30303")
)

// A wire is the server's socket. What it sends to others than the client is lost.
type wire struct {
	in, out chan []byte
	from    chan netip.AddrPort
	closed  chan struct{}
}

func newWire() *wire {
	return &wire{in: make(chan []byte), out: make(chan []byte, 64), from: make(chan netip.AddrPort, 1), closed: make(chan struct{})}
}

func (w *wire) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	select {
	case p := <-w.in:
		return copy(b, p), <-w.from, nil
	case <-w.closed:
		return 0, netip.AddrPort{}, net.ErrClosed
	}
}

func (w *wire) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	if to.Addr() == clientAddr.Addr() {
		w.out <- append([]byte(nil), b...)
	}
	return len(b), nil
}

func (w *wire) Close() error { close(w.closed); return nil }

func (w *wire) LocalAddr() net.Addr { return net.UDPAddrFromAddrPort(serverAddr) }

// ask gives the server a packet of the client's.
func (w *wire) ask(from netip.AddrPort, packet []byte) {
	w.from <- from
	w.in <- packet
}

// answer returns what the server says.
func (w *wire) answer(tb testing.TB) []byte {
	select {
	case p := <-w.out:
		return p
	case <-time.After(5 * time.Second):
		tb.Fatal("the server does not answer")
		return nil
	}
}

// cpu is the process's time on all processors.
func cpu() time.Duration {
	var ts syscall.Timespec
	const processCPU = 2 // CLOCK_PROCESS_CPUTIME_ID
	_, _, _ = syscall.Syscall(syscall.SYS_CLOCK_GETTIME, processCPU, uintptr(unsafe.Pointer(&ts)), 0)
	return time.Duration(ts.Nano())
}

// A meter adds up the time that servers take.
type meter struct{ sum, began time.Duration }

func (m *meter) start() { m.began = cpu() }

func (m *meter) stop() { m.sum += cpu() - m.began }

func (m *meter) report(b *testing.B) {
	b.ReportMetric(float64(m.sum.Nanoseconds())/1000/float64(b.N), "cpu-µs/op")
	b.ReportMetric(0, "ns/op") // the client's work is in it
}

// A server is either side's node behind a wire.
type server struct {
	*wire
	id   enr.ID
	node enr.Node
	stop func()
}

func newKey(tb testing.TB, n int) (*ecc.PrivateKey, *ecdsa.PrivateKey) {
	var seed [32]byte
	seed[0] = 1
	binary.BigEndian.PutUint32(seed[28:], uint32(n))
	ours, err := ecc.ParsePrivateKey(seed[:])
	if err != nil {
		tb.Fatal(err)
	}
	theirs, err := crypto.ToECDSA(seed[:])
	if err != nil {
		tb.Fatal(err)
	}
	return ours, theirs
}

func recordOf(tb testing.TB, key *ecc.PrivateKey, at netip.AddrPort) *enr.Record {
	var b enr.Builder
	b.SetIP(at.Addr())
	b.SetUDP(at.Port())
	b.SetTCP(at.Port())
	r, err := b.Sign(key, 1)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// known are the nodes that both servers begin with, so that there is something to tell of.
func known(tb testing.TB) (ours []enr.Node, theirs []*enode.Node) {
	for i := range 40 {
		key, _ := newKey(tb, 1000+i)
		r := recordOf(tb, key, netip.AddrPortFrom(netip.AddrFrom4([4]byte{46, byte(i), 1, 1}), 30303))
		ours = append(ours, r.Node())
		theirs = append(theirs, enode.MustParse(r.Text()))
	}
	return ours, theirs
}

// servers starts one of each kind, one after the other.
func servers(b *testing.B, kinds map[string]func(testing.TB) *server, run func(b *testing.B, s *server)) {
	for _, name := range []string{"geth", "ethpeer"} {
		b.Run(name, func(b *testing.B) {
			s := kinds[name](b)
			defer s.stop()
			run(b, s)
		})
	}
}

func runs(w *wire, deliver func(netip.AddrPort, []byte) bool, run func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{}, 2)
	go func() { _ = run(ctx); ended <- struct{}{} }()
	go func() {
		b := make([]byte, 1281)
		for {
			n, from, err := w.ReadFromUDPAddrPort(b)
			if err != nil {
				break
			}
			deliver(from, b[:n])
		}
		ended <- struct{}{}
	}()
	return func() { cancel(); w.Close(); <-ended; <-ended }
}

func localNode(tb testing.TB, key *ecdsa.PrivateKey) *enode.LocalNode {
	db, err := enode.OpenDB("")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(db.Close)
	ln := enode.NewLocalNode(db, key)
	ln.SetStaticIP(net.IP(serverAddr.Addr().AsSlice()))
	ln.SetFallbackUDP(int(serverAddr.Port()))
	return ln
}

var v4Servers = map[string]func(testing.TB) *server{
	"ethpeer": func(tb testing.TB) *server {
		key, _ := newKey(tb, 1)
		w, record := newWire(), recordOf(tb, key, serverAddr)
		ours, _ := known(tb)
		n, err := v4.New(v4.Config{Key: key, Conn: w, Self: func() *enr.Record { return record }, Bootnodes: ours})
		if err != nil {
			tb.Fatal(err)
		}
		return &server{w, record.ID(), record.Node(), runs(w, n.Deliver, n.Run)}
	},
	"geth": func(tb testing.TB) *server {
		key, theirs := newKey(tb, 1)
		_, nodes := known(tb)
		w := newWire()
		n, err := discover.ListenV4(w, localNode(tb, theirs), discover.Config{PrivateKey: theirs, Bootnodes: nodes})
		if err != nil {
			tb.Fatal(err)
		}
		record := recordOf(tb, key, serverAddr)
		return &server{w, record.ID(), record.Node(), n.Close}
	},
}

// bond has the server believe in the client's endpoint.
func bond(b *testing.B, s *server, key *ecc.PrivateKey) {
	s.ask(clientAddr, packet(b, key, ping()))
	for bonded, ponged := false, false; !bonded || !ponged; {
		p, err := v4wire.Decode(s.answer(b))
		if err != nil {
			b.Fatal(err)
		}
		switch p.Message.(type) {
		case *v4wire.Ping:
			s.ask(clientAddr, packet(b, key, &v4wire.Pong{PingHash: p.Hash, Expiration: expiration()}))
			bonded = true
		case *v4wire.Pong:
			ponged = true
		}
	}
	time.Sleep(100 * time.Millisecond) // the pong is dealt with
}

func expiration() int64 { return time.Now().Add(time.Hour).Unix() }

func ping() *v4wire.Ping {
	return &v4wire.Ping{
		Version: 4, From: v4wire.EndpointOf(clientAddr, 30303), To: v4wire.EndpointOf(serverAddr, 0), Expiration: expiration(),
	}
}

func packet(tb testing.TB, key *ecc.PrivateKey, m v4wire.Message) []byte {
	p, _, err := v4wire.Append(nil, key, m)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// v4Requests measures requests that get so many packets each.
func v4Requests(b *testing.B, answers int, request func() v4wire.Message) {
	servers(b, v4Servers, func(b *testing.B, s *server) {
		key, _ := newKey(b, 2)
		bond(b, s, key)
		var m meter
		for b.Loop() {
			p := packet(b, key, request())
			m.start()
			s.ask(clientAddr, p)
			for range answers {
				s.answer(b)
			}
			m.stop()
		}
		m.report(b)
	})
}

func BenchmarkV4Ping(b *testing.B) {
	v4Requests(b, 1, func() v4wire.Message { return ping() })
}

func BenchmarkV4Findnode(b *testing.B) {
	v4Requests(b, 2, func() v4wire.Message { // 16 nodes as 12 and 4
		f := &v4wire.Findnode{Expiration: expiration()}
		_, _ = rand.Read(f.Target[:])
		return f
	})
}

var v5Servers = map[string]func(testing.TB) *server{
	"ethpeer": func(tb testing.TB) *server {
		key, _ := newKey(tb, 1)
		w, record := newWire(), recordOf(tb, key, serverAddr)
		n, err := v5.New(v5.Config{
			Key: key, Conn: w, Self: func() *enr.Record { return record },
			Talk: map[string]v5.TalkHandler{"bench": func(_ enr.ID, _ netip.AddrPort, data []byte) []byte { return data }},
		})
		if err != nil {
			tb.Fatal(err)
		}
		return &server{w, record.ID(), record.Node(), runs(w, n.Deliver, n.Run)}
	},
	"geth": func(tb testing.TB) *server {
		key, theirs := newKey(tb, 1)
		w := newWire()
		n, err := discover.ListenV5(w, localNode(tb, theirs), discover.Config{PrivateKey: theirs})
		if err != nil {
			tb.Fatal(err)
		}
		n.RegisterTalkHandler("bench", func(_ *enode.Node, _ *net.UDPAddr, data []byte) []byte { return data })
		record := recordOf(tb, key, serverAddr)
		return &server{w, record.ID(), record.Node(), n.Close}
	},
}

// A caller is one client of discovery v5, at an address of its own port.
type caller struct {
	codec *v5wire.Codec
	addr  netip.AddrPort
}

func newCaller(tb testing.TB, n int) *caller {
	key, _ := newKey(tb, 10_000+n)
	addr := netip.AddrPortFrom(clientAddr.Addr(), uint16(2000+n%60_000))
	return &caller{v5wire.NewCodec(rand.Reader, key, recordOf(tb, key, addr)), addr}
}

// shake makes a session with the server, and measures the server's part.
func (c *caller) shake(b *testing.B, s *server, m *meter, first v5wire.Message) {
	p, _, err := c.codec.AppendMessage(nil, s.id, serverAddr, first)
	if err != nil {
		b.Fatal(err)
	}
	m.start()
	s.ask(c.addr, p)
	whoareyou := s.answer(b)
	m.stop()
	got, err := c.codec.Decode(time.Now(), serverAddr, whoareyou)
	for ; err != nil || got.Challenge == nil; got, err = c.codec.Decode(time.Now(), serverAddr, s.answer(b)) {
		continue // something for another caller
	}
	p, _, err = c.codec.AppendHandshake(nil, s.node, serverAddr, got.Challenge, first)
	if err != nil {
		b.Fatal(err)
	}
	m.start()
	s.ask(c.addr, p)
	c.until(b, s, first.RequestID())
	m.stop()
}

// until reads until the server answers the request; it may ask things itself.
func (c *caller) until(b *testing.B, s *server, id v5wire.RequestID) {
	for range 8 {
		got, err := c.codec.Decode(time.Now(), serverAddr, s.answer(b))
		if err == nil && got.Message != nil && got.Message.RequestID() == id {
			return
		}
	}
	b.Fatal("other things than the answer")
}

func BenchmarkV5Handshake(b *testing.B) {
	servers(b, v5Servers, func(b *testing.B, s *server) {
		var m meter
		for n := 0; b.Loop(); n++ {
			newCaller(b, n).shake(b, s, &m, &v5wire.Ping{ID: v5wire.RequestIDOf(fmt.Appendf(nil, "%d", n)), ENRSeq: 1})
		}
		m.report(b)
	})
}

func BenchmarkV5Talk(b *testing.B) {
	servers(b, v5Servers, func(b *testing.B, s *server) {
		c := newCaller(b, 0)
		c.shake(b, s, new(meter), &v5wire.Ping{ID: v5wire.RequestIDOf([]byte("first")), ENRSeq: 1})
		data := make([]byte, 100)
		var m meter
		for n := 0; b.Loop(); n++ {
			id := v5wire.RequestIDOf(binary.BigEndian.AppendUint64(nil, uint64(n)+1))
			p, _, err := c.codec.AppendMessage(nil, s.id, serverAddr, &v5wire.TalkReq{ID: id, Protocol: []byte("bench"), Data: data})
			if err != nil {
				b.Fatal(err)
			}
			m.start()
			s.ask(c.addr, p)
			s.answer(b)
			m.stop()
		}
		m.report(b)
	})
}
