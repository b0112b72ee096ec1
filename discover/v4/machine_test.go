// SPDX-License-Identifier: Apache-2.0

package v4

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/discover/v4wire"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/keccak"
)

var start = time.Unix(1_800_000_000, 0)

// keyOf returns the n-th key.
func keyOf(tb testing.TB, n int) *ecc.PrivateKey {
	tb.Helper()
	var seed [32]byte
	seed[0] = 1
	binary.BigEndian.PutUint32(seed[28:], uint32(n))
	key, err := ecc.ParsePrivateKey(seed[:])
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

// A remote is a node as the machine sees it: its messages are not signed, and have the
// hash that the test gives them.
type remote struct {
	contact kad.Contact
	key     ecc.PublicKey
	addr    netip.AddrPort
	record  *enr.Record
}

func remoteOf(tb testing.TB, n int) *remote {
	tb.Helper()
	key := keyOf(tb, n)
	r := &remote{key: key.Public(), addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{20 + byte(n>>8), byte(n), 1, 1}), 30303)}
	var b enr.Builder
	b.SetIP(r.addr.Addr())
	b.SetUDP(r.addr.Port())
	b.SetTCP(r.addr.Port())
	var err error
	if r.record, err = b.Sign(key, 5); err != nil {
		tb.Fatal(err)
	}
	r.contact = kad.NewContact(enr.Node{Key: r.key, IP: r.addr.Addr(), UDP: r.addr.Port(), TCP: r.addr.Port()})
	return r
}

// sent is a message that the machine sent.
type sent struct {
	to   netip.AddrPort
	hash v4wire.Hash
	msg  v4wire.Message
}

// A dialogue is a machine with a clock and the messages that it sent.
type dialogue struct {
	t   testing.TB
	m   *machine
	now time.Time
	out []sent
	n   uint64 // hashes given
}

func newDialogue(t testing.TB, boot ...*remote) *dialogue {
	t.Helper()
	d := &dialogue{t: t, now: start}
	key := keyOf(t, 1<<20)
	var b enr.Builder
	b.SetUDP(30303)
	record, err := b.Sign(key, 9)
	if err != nil {
		t.Fatal(err)
	}
	cfg := &Config{Key: key, Self: func() *enr.Record { return record }, Rand: rand.NewChaCha8([32]byte{7})}
	for _, r := range boot {
		cfg.Bootnodes = append(cfg.Bootnodes, r.contact.Node)
	}
	d.m = newMachine(d.now, cfg, func(to netip.AddrPort, msg v4wire.Message) v4wire.Hash {
		hash := d.hash()
		d.out = append(d.out, sent{to, hash, msg})
		return hash
	})
	d.m.onTick(d.now)
	return d
}

func (d *dialogue) hash() (h v4wire.Hash) {
	d.n++
	binary.BigEndian.PutUint64(h[:], d.n)
	return h
}

// says passes the machine a message of a remote from an address, and returns the message's hash.
func (d *dialogue) says(r *remote, from netip.AddrPort, msg v4wire.Message) v4wire.Hash {
	h := d.hash()
	if d.m.wanted(from, msg) && !d.m.answerUnverified(d.now, from, h, msg) {
		d.m.onMessage(d.now, from, r.key, h, msg)
	}
	d.m.checkInvariants(d.t, d.now)
	return h
}

func (d *dialogue) pings(r *remote) v4wire.Hash {
	return d.says(r, r.addr, &v4wire.Ping{Version: 4, From: v4wire.EndpointOf(r.addr, r.addr.Port()), Expiration: d.now.Unix() + 1})
}

// passes lets time pass, in steps.
func (d *dialogue) passes(t time.Duration) {
	for end := d.now.Add(t); d.now.Before(end); {
		d.now = d.now.Add(10 * time.Millisecond)
		d.m.onTick(d.now)
		d.m.checkInvariants(d.t, d.now)
	}
}

// want takes the next sent message, and fails the test if it went to another address.
func want[M v4wire.Message](d *dialogue, why string, to netip.AddrPort) (m M, hash v4wire.Hash) {
	d.t.Helper()
	if len(d.out) == 0 {
		d.t.Fatalf("%s: nothing is said", why)
	}
	first := d.out[0]
	d.out = d.out[1:]
	m, ok := first.msg.(M)
	if !ok || first.to != to {
		d.t.Fatalf("%s: %v to %v", why, first.msg.Type(), first.to)
	}
	return m, first.hash
}

func (d *dialogue) wantIdle(why string) {
	d.t.Helper()
	for _, s := range d.out {
		d.t.Errorf("%s: %v to %v", why, s.msg.Type(), s.to)
	}
	d.out = nil
}

// bond has the remote and us prove our endpoints to each other.
func (d *dialogue) bond(r *remote) {
	d.t.Helper()
	d.pings(r)
	want[*v4wire.Pong](d, "a ping is answered", r.addr)
	_, hash := want[*v4wire.Ping](d, "a stranger is pinged back", r.addr)
	d.says(r, r.addr, &v4wire.Pong{To: v4wire.EndpointOf(netip.MustParseAddrPort("19.1.1.1:30303"), 0), PingHash: hash, Expiration: d.now.Unix() + 1})
	d.wantIdle("after bonding")
}

// checkInvariants holds a machine to what is always true.
func (m *machine) checkInvariants(t testing.TB, now time.Time) {
	t.Helper()
	backs := 0
	for i, q := range m.requests.all {
		if i > 0 && q.deadline.Before(m.requests.all[i-1].deadline) {
			t.Fatal("requests are out of order")
		}
		if q.back {
			backs++
		}
	}
	switch it := &m.iterator; {
	case backs != m.requests.backs:
		t.Fatalf("%d pings back, counted are %d", backs, m.requests.backs)
	case len(m.requests.all) > maxRequests || backs > maxPingBacks:
		t.Fatalf("%d requests, %d pings back", len(m.requests.all), backs)
	case m.endpoints.of.Len() > maxEndpoints || m.endpoints.at.Len() > maxEndpoints:
		t.Fatalf("%d and %d endpoints", m.endpoints.of.Len(), m.endpoints.at.Len())
	case it.fetching < 0 || it.fetching > fetchAtOnce || len(it.ready) > maxReady || it.nodes.Len() > maxRecords:
		t.Fatalf("%d records are got, %d nodes ready, %d records", it.fetching, len(it.ready), it.nodes.Len())
	}
	m.onTick(now)
	if at := m.deadline(); !at.IsZero() && !at.After(now) {
		t.Fatalf("the deadline was %v ago, and nothing was due: a loop would turn in circles", now.Sub(at))
	}
}

// Checklist row 60, 63: the pong names the ping and its real source; a node without endpoint proof is
// pinged back, once.
func TestPing(t *testing.T) {
	d, r := newDialogue(t), remoteOf(t, 1)
	lie := netip.MustParseAddrPort("1.2.3.4:5")
	h := d.says(r, r.addr, &v4wire.Ping{From: v4wire.EndpointOf(lie, 77), To: v4wire.EndpointOf(lie, 0), Expiration: d.now.Unix() + 1})
	pong, _ := want[*v4wire.Pong](d, "a ping is answered", r.addr)
	if pong.PingHash != h || pong.To.UDPAddr() != r.addr || pong.To.TCP != 77 || pong.ENRSeq != 9 || pong.Expiration != d.now.Unix()+20 {
		t.Errorf("%+v", pong)
	}
	ping, _ := want[*v4wire.Ping](d, "a stranger is pinged back", r.addr)
	if ping.To.UDPAddr() != r.addr || ping.ENRSeq != 9 {
		t.Errorf("%+v", ping)
	}
	d.pings(r)
	want[*v4wire.Pong](d, "a second ping is answered", r.addr)
	d.wantIdle("it is being pinged already")
}

// Checklist row 62, 63: nothing larger than the request goes to an endpoint that is not
// proven.
func TestProofComesFirst(t *testing.T) {
	find, ask := &v4wire.Findnode{Expiration: start.Unix() + 99}, &v4wire.ENRRequest{Expiration: start.Unix() + 99}
	d, r := newDialogue(t), remoteOf(t, 1)
	d.says(r, r.addr, find)
	d.says(r, r.addr, ask)
	d.wantIdle("from a stranger")

	d.pings(r)
	want[*v4wire.Pong](d, "a ping is answered", r.addr)
	_, hash := want[*v4wire.Ping](d, "a stranger is pinged back", r.addr)
	wrong := hash
	wrong[9]++
	d.says(r, r.addr, &v4wire.Pong{PingHash: wrong, Expiration: d.now.Unix() + 1}) // row 66
	d.says(r, r.addr, find)
	d.wantIdle("a pong with a wrong hash proves nothing")
	elsewhere := netip.MustParseAddrPort("66.1.1.1:30303")
	d.says(r, elsewhere, &v4wire.Pong{PingHash: hash, Expiration: d.now.Unix() + 1})
	d.says(r, elsewhere, find)
	d.says(r, r.addr, find)
	d.wantIdle("a pong from elsewhere proves nothing, neither here nor there")
	d.says(remoteOf(t, 2), r.addr, &v4wire.Pong{PingHash: hash, Expiration: d.now.Unix() + 1})
	d.says(r, r.addr, find)
	d.wantIdle("another node's pong proves nothing")

	d.says(r, r.addr, &v4wire.Pong{PingHash: hash, Expiration: d.now.Unix() + 1})
	h := d.says(r, r.addr, ask)
	if m, _ := want[*v4wire.ENRResponse](d, "a proven node gets our record", r.addr); m.RequestHash != h || string(m.Record) != string(d.m.cfg.Self().Raw()) {
		t.Errorf("%+v", m)
	}
	d.says(r, r.addr, find)
	want[*v4wire.Neighbors](d, "a proven node is told of others", r.addr)
	d.says(r, netip.AddrPortFrom(elsewhere.Addr(), 1), find)
	d.wantIdle("from elsewhere it has proven nothing")
	d.now = d.now.Add(proofLife)
	d.says(r, r.addr, find)
	d.out = slices.DeleteFunc(d.out, func(s sent) bool { return s.msg.Type() == v4wire.TypePing }) // table checks
	d.wantIdle("a proof ends after a day")
}

// Checklist row 64.
func TestNeighborsInTwoPackets(t *testing.T) {
	var boot []*remote
	for i := range 20 {
		boot = append(boot, remoteOf(t, 10+i))
	}
	d, r := newDialogue(t, boot...), remoteOf(t, 1)
	d.out = nil // what the first refresh asks
	d.bond(r)
	d.says(r, r.addr, &v4wire.Findnode{Expiration: d.now.Unix() + 1})
	for _, n := range []int{12, 4} {
		if m, _ := want[*v4wire.Neighbors](d, "an answer", r.addr); len(m.Nodes) != n {
			t.Errorf("%d nodes in a packet, want %d", len(m.Nodes), n)
		}
	}
	d.wantIdle("after the answer")

	d = newDialogue(t)
	d.bond(r)
	d.says(r, r.addr, &v4wire.Findnode{Expiration: d.now.Unix() + 1})
	if m, _ := want[*v4wire.Neighbors](d, "an empty answer is one", r.addr); len(m.Nodes) > 1 { // r itself, perhaps
		t.Errorf("%d nodes", len(m.Nodes))
	}
}

// TestUnasked: the signer of a response without a pending request is not recovered.
func TestUnasked(t *testing.T) {
	d, r := newDialogue(t), remoteOf(t, 1)
	d.bond(r)
	fake := remoteOf(t, 2)
	for _, msg := range []v4wire.Message{
		&v4wire.Pong{}, &v4wire.Neighbors{Nodes: []v4wire.Node{v4wire.NodeOf(fake.contact.Node)}}, &v4wire.ENRResponse{Record: fake.record.Raw()},
	} {
		if d.m.wanted(r.addr, msg) {
			t.Errorf("%v is wanted", msg.Type())
		}
		d.m.onMessage(d.now, r.addr, r.key, v4wire.Hash{}, msg) // even if it were
	}
	record := d.asks(r, v4wire.TypeENRRequest)
	want[*v4wire.ENRRequest](d, "a question", r.addr)
	d.says(r, r.addr, &v4wire.ENRResponse{RequestHash: v4wire.Hash{1}, Record: r.record.Raw()})
	quiet := remoteOf(t, 3)
	waits := d.asks(quiet, v4wire.TypeFindnode)
	d.pongs(quiet)
	d.says(quiet, quiet.addr, neighborsOf(d.now, fake)) // before it was asked
	if len(record.answers) != 0 || len(waits.answers) != 0 {
		t.Errorf("answers to other requests: %+v, %+v", record.answers, waits.answers)
	}
	if _, ok := d.m.table.Get(fake.contact.ID); ok {
		t.Error("a node was learned from an answer to nothing")
	}
	d.wantIdle("to answers to nothing")
}

// asked collects the results of requests.
type asked struct {
	answers []response
	at      []time.Time
}

func (a *asked) done(now time.Time, one response) {
	a.answers, a.at = append(a.answers, one), append(a.at, now)
}

func (d *dialogue) asks(r *remote, kind v4wire.Type) *asked {
	a := new(asked)
	d.m.request(d.now, &request{to: r.contact, kind: kind, done: a.done})
	d.m.checkInvariants(d.t, d.now)
	return a
}

// pongs answers the next ping to the remote.
func (d *dialogue) pongs(r *remote) {
	d.t.Helper()
	_, hash := want[*v4wire.Ping](d, "a node is pinged before it is asked", r.addr)
	d.says(r, r.addr, &v4wire.Pong{PingHash: hash, Expiration: d.now.Unix() + 1, ENRSeq: 5})
}

func neighborsOf(now time.Time, rs ...*remote) *v4wire.Neighbors {
	m := &v4wire.Neighbors{Expiration: now.Unix() + 1}
	for _, r := range rs {
		m.Nodes = append(m.Nodes, v4wire.NodeOf(r.contact.Node))
	}
	return m
}

// TestBondBeforeQuestion: a node that has not pinged us is pinged before a request. The request follows
// the node's own ping, or half a second.
func TestBondBeforeQuestion(t *testing.T) {
	d, r := newDialogue(t), remoteOf(t, 1)
	got := d.asks(r, v4wire.TypeFindnode)
	d.pongs(r)
	d.wantIdle("until it has pinged us")
	d.pings(r)
	want[*v4wire.Pong](d, "its ping is answered", r.addr)
	want[*v4wire.Findnode](d, "now it is asked", r.addr)
	d.passes(timeout)
	if len(got.answers) != 1 || !errors.Is(got.answers[0].err, ErrTimeout) {
		t.Errorf("%+v", got.answers)
	}

	again := d.asks(r, v4wire.TypeFindnode)
	want[*v4wire.Findnode](d, "a node that has pinged us is asked at once", r.addr)
	d.passes(timeout)
	if len(again.answers) != 1 {
		t.Error("no end")
	}

	quiet := remoteOf(t, 2)
	waits := d.asks(quiet, v4wire.TypeENRRequest)
	d.pongs(quiet)
	d.passes(timeout - 10*time.Millisecond)
	d.wantIdle("it may ping yet")
	d.passes(20 * time.Millisecond)
	_, hash := want[*v4wire.ENRRequest](d, "it has known us from before", quiet.addr)
	d.says(quiet, quiet.addr, &v4wire.ENRResponse{RequestHash: hash, Record: quiet.record.Raw()})
	if len(waits.answers) != 1 || waits.answers[0].record.Seq() != 5 {
		t.Errorf("%+v", waits.answers)
	}

	dead := d.asks(remoteOf(t, 3), v4wire.TypeFindnode)
	want[*v4wire.Ping](d, "a ping", remoteOf(t, 3).addr)
	d.passes(timeout)
	if d.wantIdle("a node that does not answer pings is asked nothing"); len(dead.answers) != 1 || !errors.Is(dead.answers[0].err, ErrTimeout) {
		t.Errorf("%+v", dead.answers)
	}
}

// TestFailuresMakeUsPing: after more than five failed requests a node is pinged again.
func TestFailuresMakeUsPing(t *testing.T) {
	d, r := newDialogue(t), remoteOf(t, 1)
	d.bond(r)
	for range maxFailures + 1 {
		d.asks(r, v4wire.TypeFindnode)
		want[*v4wire.Findnode](d, "a question", r.addr)
		d.passes(timeout)
		d.out = slices.DeleteFunc(d.out, func(s sent) bool { return s.msg.Type() == v4wire.TypePing }) // table checks
	}
	d.asks(r, v4wire.TypeFindnode)
	want[*v4wire.Ping](d, "it has failed too often", r.addr)
}

// TestFindnodeEnds: a Findnode ends with 16 nodes, valid or not, or after half a second with the nodes
// that have arrived.
func TestFindnodeEnds(t *testing.T) {
	var told []*remote
	for i := range 20 {
		told = append(told, remoteOf(t, 10+i))
	}
	d, r := newDialogue(t), remoteOf(t, 1)
	d.bond(r)
	got := d.asks(r, v4wire.TypeFindnode)
	want[*v4wire.Findnode](d, "a question", r.addr)
	first := neighborsOf(d.now, told[:12]...)
	first.Nodes[3].Key = [64]byte{} // no point of the curve
	d.says(r, r.addr, first)
	if len(got.answers) != 0 {
		t.Fatal("it has ended after 12")
	}
	d.says(r, r.addr, neighborsOf(d.now, told[12:20]...))
	if len(got.answers) != 1 || len(got.answers[0].found) != 15 {
		t.Errorf("%+v", got.answers)
	}

	got = d.asks(r, v4wire.TypeFindnode)
	want[*v4wire.Findnode](d, "a question", r.addr)
	d.says(r, r.addr, neighborsOf(d.now, told[:12]...))
	d.says(r, r.addr, neighborsOf(d.now, told[12:16]...))
	if len(got.answers) != 1 || len(got.answers[0].found) != 16 {
		t.Errorf("after 16: %+v", got.answers)
	}

	got = d.asks(r, v4wire.TypeFindnode)
	want[*v4wire.Findnode](d, "a question", r.addr)
	asked := d.now
	d.passes(timeout / 2)
	d.says(r, r.addr, neighborsOf(d.now, told[:3]...))
	d.passes(timeout)
	if len(got.answers) != 1 || len(got.answers[0].found) != 3 || got.at[0].Sub(asked) != timeout {
		t.Errorf("%+v after %v", got.answers, got.at[0].Sub(asked))
	}
}

// TestOlderQuestionsStay: a response ends the first request that it matches.
func TestOlderQuestionsStay(t *testing.T) {
	d, r := newDialogue(t), remoteOf(t, 1)
	first, second := d.asks(r, v4wire.TypePing), d.asks(r, v4wire.TypePing)
	_, one := want[*v4wire.Ping](d, "the first", r.addr)
	_, two := want[*v4wire.Ping](d, "the second", r.addr)
	d.says(r, r.addr, &v4wire.Pong{PingHash: two, Expiration: d.now.Unix() + 1, ENRSeq: 2})
	d.says(r, r.addr, &v4wire.Pong{PingHash: one, Expiration: d.now.Unix() + 1, ENRSeq: 1})
	if len(first.answers) != 1 || first.answers[0].seq != 1 || len(second.answers) != 1 || second.answers[0].seq != 2 {
		t.Errorf("%+v, %+v", first.answers, second.answers)
	}
}

// TestRecordsAreChecked: a record must be the node's own. An address in it that the node may not relay is
// skipped: the node stays where it has answered.
func TestRecordsAreChecked(t *testing.T) {
	d, r, other := newDialogue(t), remoteOf(t, 1), remoteOf(t, 2)
	d.bond(r)
	var b enr.Builder
	b.SetIP(netip.MustParseAddr("192.168.1.1"))
	local, err := b.Sign(keyOf(t, 1), 7)
	if err != nil {
		t.Fatal(err)
	}
	forged := slices.Clone(r.record.Raw())
	forged[10]++
	for name, raw := range map[string][]byte{"another's": other.record.Raw(), "forged": forged} {
		got := d.asks(r, v4wire.TypeENRRequest)
		_, hash := want[*v4wire.ENRRequest](d, name, r.addr)
		d.says(r, r.addr, &v4wire.ENRResponse{RequestHash: hash, Record: raw})
		if len(got.answers) != 1 || !errors.Is(got.answers[0].err, ErrRecord) {
			t.Errorf("%s: %+v", name, got.answers)
		}
	}
	d.m.iterator.OnFound(d.now, r.contact)
	given := d.waits()
	for _, s := range d.requests() {
		d.says(r, r.addr, &v4wire.ENRResponse{RequestHash: s.hash, Record: local.Raw()})
	}
	if len(*given) != 1 || (*given)[0].IP != r.addr.Addr() || (*given)[0].TCP != r.addr.Port() || (*given)[0].Record.Seq() != 7 {
		t.Errorf("a local address: given are %+v", *given)
	}
	d.passes(time.Second)
	if at := d.endpoint(r); at != r.addr {
		t.Errorf("a local address: the table has the node at %v", at)
	}
}

// TestAnswersFromElsewhere: a response counts only if it comes from the IP address of the request, and from
// the node itself.
func TestAnswersFromElsewhere(t *testing.T) {
	elsewhere := netip.MustParseAddrPort("66.1.1.1:30303")
	for kind, answer := range map[v4wire.Type]func(r *remote, hash v4wire.Hash) v4wire.Message{
		v4wire.TypePing: func(_ *remote, hash v4wire.Hash) v4wire.Message {
			return &v4wire.Pong{PingHash: hash, Expiration: start.Unix() + 99, ENRSeq: 5}
		},
		v4wire.TypeFindnode: func(*remote, v4wire.Hash) v4wire.Message {
			var told []*remote
			for i := range maxFound {
				told = append(told, remoteOf(t, 10+i))
			}
			return neighborsOf(start.Add(time.Minute), told...)
		},
		v4wire.TypeENRRequest: func(r *remote, hash v4wire.Hash) v4wire.Message {
			return &v4wire.ENRResponse{RequestHash: hash, Record: r.record.Raw()}
		},
	} {
		d, r, other := newDialogue(t), remoteOf(t, 1), remoteOf(t, 2)
		d.bond(r)
		d.bond(other)
		got := d.asks(r, kind)
		if len(d.out) != 1 || d.out[0].to != r.addr || d.out[0].msg.Type() != kind {
			t.Fatalf("%v: %+v", kind, d.out)
		}
		msg := answer(r, d.out[0].hash)
		d.says(r, elsewhere, msg)
		d.says(r, other.addr, msg)
		d.says(other, r.addr, msg)
		d.says(other, other.addr, msg)
		if len(got.answers) != 0 {
			t.Errorf("%v: an answer from elsewhere or of another node counts: %+v", kind, got.answers)
		}
		d.says(r, r.addr, msg)
		if len(got.answers) != 1 || got.answers[0].err != nil {
			t.Errorf("%v: the answer does not count: %+v", kind, got.answers)
		}
	}
}

// TestNodesOfAnotherScope: a node on the Internet tells of no local addresses, and a LAN node of no loopback ones.
func TestNodesOfAnotherScope(t *testing.T) {
	at := func(n int, ip string) *remote {
		r := remoteOf(t, n)
		r.addr = netip.AddrPortFrom(netip.MustParseAddr(ip), 30303)
		r.contact.Node.IP = r.addr.Addr()
		return r
	}
	told := []*remote{
		at(10, "34.1.1.1"), at(11, "192.168.1.1"), at(12, "169.254.169.254"), at(13, "100.64.0.1"), at(14, "127.0.0.1"), at(15, "192.0.2.1"), at(16, "fe80::1"),
	}
	for ip, count := range map[string]int{"20.1.1.1": 1, "192.168.7.7": 5, "127.0.0.1": 6} {
		d, r := newDialogue(t), at(1, ip)
		d.bond(r)
		got := d.asks(r, v4wire.TypeFindnode)
		want[*v4wire.Findnode](d, "a question", r.addr)
		d.says(r, r.addr, neighborsOf(d.now, told...))
		d.passes(2 * timeout)
		if len(got.answers) != 1 || len(got.answers[0].found) != count {
			t.Errorf("%s tells of %+v, want %d", ip, got.answers, count)
		}
	}
}

func TestWhoCannotBeAsked(t *testing.T) {
	d := newDialogue(t)
	nowhere, us := remoteOf(t, 1), remoteOf(t, 1)
	nowhere.contact.Node.IP = netip.Addr{}
	us.contact.ID = d.m.self
	for r, want := range map[*remote]error{nowhere: ErrNoAddress, us: ErrSelf} {
		if got := d.asks(r, v4wire.TypePing); len(got.answers) != 1 || !errors.Is(got.answers[0].err, want) {
			t.Errorf("%+v, want %v", got.answers, want)
		}
	}
	d.wantIdle("to nobody")
	busy := 0
	for i := range maxRequests + 10 {
		if got := d.asks(remoteOf(t, 100+i%200), v4wire.TypePing); len(got.answers) == 1 && errors.Is(got.answers[0].err, ErrBusy) {
			busy++
		}
	}
	if busy != 10 {
		t.Errorf("%d of 10 were too many", busy)
	}
	d.passes(2 * timeout)
	if len(d.m.requests.all) > 20 { // checks of the table
		t.Errorf("%d are still under way", len(d.m.requests.all))
	}
}

// TestClockMoved: a request fails if its deadline is too far ahead, because the clock was set back.
func TestClockMoved(t *testing.T) {
	d, r := newDialogue(t), remoteOf(t, 1)
	got := d.asks(r, v4wire.TypePing)
	d.now = d.now.Add(-time.Hour)
	d.m.onTick(d.now)
	if len(got.answers) != 1 || !errors.Is(got.answers[0].err, ErrTimeout) {
		t.Errorf("%+v", got.answers)
	}
}

// TestUnverified: most packets of a proven endpoint are answered without recovering the signer; a
// sender that forges its address gets a few responses, and then none.
func TestUnverified(t *testing.T) {
	d, r, forger := newDialogue(t), remoteOf(t, 1), remoteOf(t, 2)
	find := &v4wire.Findnode{Expiration: start.Unix() + 99}
	d.bond(r)
	unverified := 0
	for range 800 {
		d.says(r, r.addr, find)
		want[*v4wire.Neighbors](d, "the node itself is always answered", r.addr)
		if d.m.answerUnverified(d.now, r.addr, v4wire.Hash{}, find) {
			unverified++
			d.out = nil
		}
	}
	if most := 800 * (checkOneIn - 1) / checkOneIn; unverified < most-50 || unverified > most+50 {
		t.Errorf("%d of 800 are answered unverified, want about %d", unverified, most)
	}
	answers := 0
	for range 1000 {
		d.says(forger, r.addr, find)
		answers += len(d.out)
		d.out = nil
	}
	if answers == 0 || answers > 10*checkOneIn {
		t.Errorf("a forger got %d answers sent", answers)
	}
	d.says(forger, r.addr, find)
	d.wantIdle("to a forger that was seen through")
	d.says(r, r.addr, find)
	want[*v4wire.Neighbors](d, "the node itself is still answered", r.addr)
	trusted := func() (yes bool) {
		for range 10 * checkOneIn {
			yes = d.m.answerUnverified(d.now, r.addr, v4wire.Hash{}, find) || yes
		}
		d.out = nil
		return yes
	}
	if trusted() {
		t.Error("its packets are not checked any more")
	}
	again := func(after time.Duration) {
		d.now = d.now.Add(after)
		d.m.endpoints.onPong(d.now, r.contact.ID, r.addr)
	}
	if again(proofLife / 2); trusted() {
		t.Error("another pong washes the address clean")
	}
	if again(proofLife / 2); !trusted() {
		t.Error("it is distrusted for more than a day")
	}
	d.m.endpoints.distrust(r.addr)
	if d.m.endpoints.onPong(d.now, forger.contact.ID, r.addr); !trusted() {
		t.Error("a node is distrusted for what was sent in the name of the one before it")
	}
}

// TestFlood: a hundred thousand identities do not exceed the stated limits.
func TestFlood(t *testing.T) {
	d := newDialogue(t)
	key := remoteOf(t, 1).key
	for i := range 100_000 {
		from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{30 + byte(i>>16), byte(i >> 8), byte(i), 7}), 30303)
		id := enr.ID(keccak.Sum256(binary.BigEndian.AppendUint32(nil, uint32(i))))
		d.m.onPing(d.now, from, id, key, v4wire.Hash{}, &v4wire.Ping{})
		if i%1000 == 0 {
			d.m.checkInvariants(t, d.now)
		}
		d.out = d.out[:0]
	}
	if n := d.m.requests.backs; n != maxPingBacks {
		t.Errorf("%d are pinged back at a time, want %d", n, maxPingBacks)
	}
	d.m.checkInvariants(t, d.now)
}

// FuzzDialogue sends arbitrary messages and requests, from arbitrary nodes, at any time.
func FuzzDialogue(f *testing.F) {
	f.Add([]byte("ping pong find near"))
	f.Add([]byte{0, 0, 0, 1, 0, 1, 2, 2, 3, 3, 200, 4, 4, 5, 5, 6, 6, 250, 7, 7})
	remotes := make([]*remote, 8)
	for i := range remotes {
		remotes[i] = remoteOf(f, i+1)
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		d := newDialogue(t, remotes[7])
		waiting := false
		for i := 0; i+1 < len(script) && i < 400; i += 2 {
			r := remotes[script[i+1]%8]
			var hash v4wire.Hash
			if n := len(d.out); n > 0 {
				hash = d.out[n-1].hash
			}
			until := d.now.Unix() + 1
			switch script[i] % 12 {
			case 0:
				d.pings(r)
			case 1:
				d.says(r, r.addr, &v4wire.Pong{PingHash: hash, Expiration: until, ENRSeq: uint64(script[i+1])})
			case 2:
				d.says(r, r.addr, &v4wire.Findnode{Expiration: until})
			case 3:
				d.says(r, r.addr, neighborsOf(d.now, remotes[:script[i+1]%8]...))
			case 4:
				d.says(r, r.addr, &v4wire.ENRRequest{Expiration: until})
			case 5:
				d.says(r, r.addr, &v4wire.ENRResponse{RequestHash: hash, Record: r.record.Raw()})
			case 6, 7, 8:
				d.asks(r, []v4wire.Type{v4wire.TypePing, v4wire.TypeFindnode, v4wire.TypeENRRequest}[script[i]%12-6])
			case 9:
				d.passes(time.Duration(script[i+1]) * 10 * time.Millisecond)
			case 10:
				if !waiting {
					waiting = true
					d.m.onWait(d.now, func(enr.Node) { waiting = false })
					d.m.checkInvariants(t, d.now)
				}
			case 11:
				d.m.search.Begin(d.now, kad.Query{Target: d.m.randomTarget(), Done: func(time.Time, []kad.Contact) {}})
				d.m.checkInvariants(t, d.now)
			}
			if len(d.out) > 64 {
				d.out = d.out[len(d.out)-64:]
			}
		}
		d.passes(3 * timeout)
	})
}
