// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"crypto/ecdsa"
	crand "crypto/rand"
	"encoding/binary"
	"math/rand/v2"
	"net"
	"net/netip"
	"runtime"
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
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
)

var (
	serverAddr = netip.MustParseAddrPort("44.1.1.1:30303")
	clientAddr = netip.MustParseAddrPort("45.1.1.1:30303")
)

// batch is how many requests are under way at a time. A server that sleeps between any two
// would be measured by what it costs to wake it.
const batch = 32

// A datagram is on its way from a client, or to one.
type datagram struct {
	client  netip.AddrPort
	payload []byte
}

// A wire is the server's socket.
type wire struct {
	in, out chan datagram
	closed  chan struct{}
}

func newWire() *wire {
	return &wire{in: make(chan datagram, batch), out: make(chan datagram, 16*batch), closed: make(chan struct{})}
}

func (w *wire) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	select {
	case d := <-w.in:
		return copy(b, d.payload), d.client, nil
	case <-w.closed:
		return 0, netip.AddrPort{}, net.ErrClosed
	}
}

// WriteToUDPAddrPort loses what nobody reads, such as pings to nodes that are not there.
func (w *wire) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	select {
	case w.out <- datagram{to, append([]byte(nil), b...)}:
	default:
	}
	return len(b), nil
}

func (w *wire) Close() error { close(w.closed); return nil }

func (w *wire) LocalAddr() net.Addr { return net.UDPAddrFromAddrPort(serverAddr) }

// answer returns what the server says next, and to whom.
func (w *wire) answer(tb testing.TB) datagram {
	select {
	case d := <-w.out:
		return d
	case <-time.After(5 * time.Second):
		tb.Fatal("the server does not answer")
		return datagram{}
	}
}

// exchange gives the server requests, and returns the answers when each client has so many
// for each of its requests. Only this is measured.
func (w *wire) exchange(tb testing.TB, m *meter, requests []datagram, answers int, isAnswer func(datagram) bool) (got []datagram) {
	wanted := map[netip.AddrPort]int{}
	for _, r := range requests {
		wanted[r.client] += answers
	}
	for len(w.out) > 0 {
		<-w.out
	}
	m.start()
	defer m.stop()
	for _, r := range requests {
		w.in <- r
	}
	for len(got) < answers*len(requests) {
		if d := w.answer(tb); wanted[d.client] > 0 && isAnswer(d) {
			wanted[d.client]--
			got = append(got, d)
		}
	}
	return got
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

func (m *meter) perRequest(b *testing.B) float64 {
	return float64(m.sum.Nanoseconds()) / 1000 / float64(b.N*batch)
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

// compare has go-ethereum's server and ours answer one batch each in turns, so that what else the
// machine does takes from both alike. Round prepares a server, and returns what gives it a
// batch. There is one processor: what others would do meanwhile is search for work, which would be
// counted.
func compare(b *testing.B, kinds map[string]func(testing.TB) *server, round func(b *testing.B, s *server, m *meter) (give func())) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var geth, ours meter
	gives := [2]func(){}
	for i, kind := range []string{"geth", "ethpeer"} {
		s := kinds[kind](b)
		defer s.stop()
		gives[i] = round(b, s, [...]*meter{&geth, &ours}[i])
	}
	geth, ours = meter{}, meter{} // without what prepared them
	for b.Loop() {
		gives[0]()
		gives[1]()
	}
	b.ReportMetric(geth.perRequest(b), "geth-µs/request")
	b.ReportMetric(ours.perRequest(b), "ours-µs/request")
	b.ReportMetric(geth.perRequest(b)/ours.perRequest(b), "geth/ours")
	b.ReportMetric(0, "ns/op") // the clients' work is in it
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
	s.in <- datagram{clientAddr, packet(b, key, ping())}
	for bonded, ponged := false, false; !bonded || !ponged; {
		d := s.answer(b)
		if d.client != clientAddr {
			continue
		}
		p, err := v4wire.Decode(d.payload)
		if err != nil {
			b.Fatal(err)
		}
		switch p.Message.(type) {
		case *v4wire.Ping:
			s.in <- datagram{clientAddr, packet(b, key, &v4wire.Pong{PingHash: p.Hash, Expiration: expiration()})}
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

// kindAt is where a packet of version 4 says what it is: behind hash and signature.
const kindAt = 32 + 65

// v4Requests measures requests that get so many packets of a kind each.
func v4Requests(b *testing.B, kind byte, answers int, request func() v4wire.Message) {
	compare(b, v4Servers, func(b *testing.B, s *server, m *meter) func() {
		key, _ := newKey(b, 2)
		bond(b, s, key)
		return func() {
			var requests []datagram
			for range batch {
				requests = append(requests, datagram{clientAddr, packet(b, key, request())})
			}
			s.exchange(b, m, requests, answers, func(d datagram) bool { return d.payload[kindAt] == kind })
		}
	})
}

func BenchmarkV4Ping(b *testing.B) {
	v4Requests(b, 2, 1, func() v4wire.Message {
		p := ping()
		p.Expiration += rand.Int64N(1000) // each is a packet of its own
		return p
	})
}

func BenchmarkV4Findnode(b *testing.B) {
	v4Requests(b, 4, 2, func() v4wire.Message { // 16 nodes as 12 and 4
		f := &v4wire.Findnode{Expiration: expiration()}
		_, _ = crand.Read(f.Target[:])
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

// A caller is one client of discovery v5, in a network of its own.
type caller struct {
	codec *v5wire.Codec
	addr  netip.AddrPort
}

func newCaller(tb testing.TB, n int) *caller {
	key, _ := newKey(tb, 10_000+n)
	addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{60 + byte(n>>16), byte(n >> 8), byte(n), 1}), 30303)
	return &caller{v5wire.NewCodec(crand.Reader, key, recordOf(tb, key, addr)), addr}
}

// say returns the packet that says m, which is one to be challenged if there is no session.
func (c *caller) say(tb testing.TB, s *server, m v5wire.Message) datagram {
	p, _, err := c.codec.AppendMessage(nil, s.id, serverAddr, m)
	if err != nil {
		tb.Fatal(err)
	}
	return datagram{c.addr, p}
}

// prove returns the packet that answers a challenge and says m.
func (c *caller) prove(tb testing.TB, s *server, whoareyou []byte, m v5wire.Message) datagram {
	got, err := c.codec.Decode(time.Now(), serverAddr, whoareyou)
	if err != nil || got.Challenge == nil {
		tb.Fatalf("%v, %v instead of a challenge", got.Message, err)
	}
	p, _, err := c.codec.AppendHandshake(nil, s.node, serverAddr, got.Challenge, m)
	if err != nil {
		tb.Fatal(err)
	}
	return datagram{c.addr, p}
}

// hears fails if the packet does not answer the request.
func (c *caller) hears(tb testing.TB, answer []byte, id v5wire.RequestID) {
	if got, err := c.codec.Decode(time.Now(), serverAddr, answer); err != nil || got.Message == nil || got.Message.RequestID() != id {
		tb.Fatalf("%v, %v instead of the answer", got.Message, err)
	}
}

// shake makes sessions with the server, and measures the server's part.
func shake(b *testing.B, s *server, m *meter, callers []*caller) {
	at := map[netip.AddrPort]*caller{}
	first := &v5wire.Ping{ID: v5wire.RequestIDOf([]byte("first")), ENRSeq: 1}
	var requests, proofs []datagram
	for _, c := range callers {
		at[c.addr] = c
		requests = append(requests, c.say(b, s, first))
	}
	for _, d := range s.exchange(b, m, requests, 1, anything) {
		proofs = append(proofs, at[d.client].prove(b, s, d.payload, first))
	}
	for _, d := range s.exchange(b, m, proofs, 1, anything) {
		at[d.client].hears(b, d.payload, first.ID)
	}
}

func anything(datagram) bool { return true }

func BenchmarkV5Handshake(b *testing.B) {
	compare(b, v5Servers, func(b *testing.B, s *server, m *meter) func() {
		n := 0
		return func() {
			var callers []*caller
			for range batch {
				callers = append(callers, newCaller(b, n))
				n++
			}
			shake(b, s, m, callers)
		}
	})
}

func BenchmarkV5Talk(b *testing.B) {
	compare(b, v5Servers, func(b *testing.B, s *server, m *meter) func() {
		c, data, n := newCaller(b, 0), make([]byte, 100), uint64(0)
		shake(b, s, m, []*caller{c})
		return func() {
			var requests []datagram
			for range batch {
				n++
				id := v5wire.RequestIDOf(binary.BigEndian.AppendUint64(nil, n))
				requests = append(requests, c.say(b, s, &v5wire.TalkReq{ID: id, Protocol: []byte("bench"), Data: data}))
			}
			s.exchange(b, m, requests, 1, anything)
		}
	})
}
