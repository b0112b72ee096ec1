// SPDX-License-Identifier: Apache-2.0

package eth

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// ear is a role that writes down what it hears.
type ear struct {
	log    []string
	answer func(s *Session, m wire.Message) error
	up     []*Session
}

func (*ear) Kinds() []wire.Kind {
	return []wire.Kind{wire.KindTransactions, wire.KindGetBlockHeaders}
}

func (e *ear) Open(s *Session) Listener {
	e.log = append(e.log, "up")
	e.up = append(e.up, s)
	return earListener{e, s}
}

type earListener struct {
	*ear
	session *Session
}

func (e earListener) On(m wire.Message) error {
	e.log = append(e.log, m.Kind().String())
	if e.answer != nil {
		return e.answer(e.session, m)
	}
	return nil
}

func (e earListener) Close(error) { e.log = append(e.log, "down") }

// A dialogue is a session and, at the other end of a pipe, the test. It lives in a
// synctest bubble. Codes are those of eth.
type dialogue struct {
	t      *testing.T
	v      wire.Version
	proto  *Protocol
	ear    *ear
	remote p2p.Transport
	heard  chan note
	ended  chan error
	ups    int
	deaf   chan struct{} // while it is full, listen reads nothing
}

type note struct {
	code    uint64
	payload []byte
}

const ethOffset = 16

func startDialogue(t *testing.T, v wire.Version) *dialogue {
	t.Helper()
	chain, _ := params.ByName("mainnet")
	d := &dialogue{t: t, v: v, ear: new(ear), heard: make(chan note, 100), ended: make(chan error, 1), deaf: make(chan struct{}, 1)}
	var err error
	d.proto, err = New(Config{
		Chain: chain, Versions: []wire.Version{v}, Roles: []Role{d.ear},
		RequestIDs: func() uint64 { return 7000 },
	})
	if err != nil {
		t.Fatal(err)
	}
	ours, remote := p2p.Pipe()
	d.remote = remote
	peer, err := p2p.NewPeer(ours, p2p.Config{
		ID: enr.ID{1}, Hello: &p2p.Hello{Version: 5, Client: "test", Caps: []p2p.Cap{{Name: "eth", Version: uint(v)}}},
		Protocols: []p2p.Protocol{d.proto},
		Up:        func(event.Stage, uint) { d.ups++ },
	})
	if err != nil {
		t.Fatal(err)
	}
	go func() { d.ended <- peer.Run(context.Background()) }()
	go d.listen()
	t.Cleanup(func() { remote.Close() })
	return d
}

func (d *dialogue) listen() {
	defer close(d.heard)
	for {
		d.deaf <- struct{}{}
		<-d.deaf
		code, payload, err := d.remote.Read(time.Now().Add(time.Hour))
		if err != nil {
			return
		}
		d.heard <- note{code, slices.Clone(payload)}
		d.remote.Release()
	}
}

func (d *dialogue) send(code uint64, payload []byte) {
	d.t.Helper()
	d.raw(ethOffset+code, payload)
}

func (d *dialogue) raw(code uint64, payload []byte) {
	d.t.Helper()
	if err := d.remote.Queue(&p2p.Out{Code: code, Raw: payload}); err != nil {
		d.t.Fatal(err)
	}
	if err := d.remote.Flush(time.Now().Add(time.Minute)); err != nil {
		d.t.Fatalf("sending %#x: %v", code, err)
	}
}

// want waits for the session's next message.
func (d *dialogue) want(why string, code uint64, payload []byte) {
	d.t.Helper()
	got, ok := <-d.heard
	if !ok {
		d.t.Fatalf("%s: the connection closed: %v", why, <-d.ended)
	}
	if got.code != ethOffset+code || !bytes.Equal(got.payload, payload) {
		d.t.Fatalf("%s: got message %#x %x; want %#x %x", why, got.code, got.payload, ethOffset+code, payload)
	}
}

// wantIdle lets everything settle and checks that nothing was said.
func (d *dialogue) wantIdle(why string) {
	d.t.Helper()
	synctest.Wait()
	select {
	case got := <-d.heard:
		d.t.Fatalf("%s: got message %#x %x; want silence", why, got.code, got.payload)
	default:
	}
}

// wantEnd waits for a Disconnect with the reason, and returns the recorded cause.
func (d *dialogue) wantEnd(why string, reason p2p.Reason) error {
	d.t.Helper()
	for got := range d.heard {
		switch got.code {
		case 1:
			if want := []byte{0xc1, byte(reason)}; !bytes.Equal(got.payload, want) {
				d.t.Fatalf("%s: said %x, want %v", why, got.payload, reason)
			}
			return <-d.ended
		case 2: // a ping
		default:
			d.t.Fatalf("%s: got message %#x %x; want the end", why, got.code, got.payload)
		}
	}
	d.t.Fatalf("%s: closed without a word: %v", why, <-d.ended)
	return nil
}

// ourStatus is what the session must say first, written out here once more.
func ourStatus(v wire.Version) *wire.Status {
	chain, _ := params.ByName("mainnet")
	return &wire.Status{
		Version: v, NetworkID: 1, TD: chain.GenesisDifficulty, Head: chain.GenesisHash, Genesis: chain.GenesisHash,
		ForkID: params.ForkID{Hash: [4]byte{0xfc, 0x64, 0xec, 0x04}, Next: 1_150_000},
	}
}

func (d *dialogue) shakeHands() {
	d.t.Helper()
	d.want("status comes first", 0, ourStatus(d.v).Append(nil, d.v))
	d.send(0, ourStatus(d.v).Append(nil, d.v))
	synctest.Wait()
	if d.ups != 1 || len(d.proto.Sessions()) != 1 || !slices.Equal(d.ear.log, []string{"up"}) {
		d.t.Fatalf("after the handshake: %d ups, %d sessions, role saw %v", d.ups, len(d.proto.Sessions()), d.ear.log)
	}
}

func inBubble(t *testing.T, v wire.Version, run func(d *dialogue)) {
	t.Helper()
	bubble.Test(t, func(t *testing.T) {
		t.Helper()
		run(startDialogue(t, v))
	})
}

// Checklist row 77: the shapes themselves are golden vectors of eth/wire.
func TestStatusByVersion(t *testing.T) {
	for v := wire.First; v <= wire.Last; v++ {
		inBubble(t, v, func(d *dialogue) {
			d.shakeHands()
			d.remote.Close()
			<-d.ended
			if len(d.proto.Sessions()) != 0 || !slices.Equal(d.ear.log, []string{"up", "down"}) {
				t.Errorf("%v: after the end: %d sessions, role saw %v", v, len(d.proto.Sessions()), d.ear.log)
			}
		})
	}
}

// Checklist row 78.
func TestStatusMismatches(t *testing.T) {
	tests := []struct {
		name   string
		change func(*wire.Status)
		from   wire.Version
		text   string
	}{
		{"network", func(s *wire.Status) { s.NetworkID = 2 }, 63, "network ID 2: ours is 1"},
		{"genesis", func(s *wire.Status) { s.Genesis[0]++ }, 63, "genesis 0x"},
		{"version", func(s *wire.Status) { s.Version++ }, 63, "was negotiated"},
		{"fork ID", func(s *wire.Status) { s.ForkID.Hash[0]++ }, 64, "fork ID"},
		{"fork ID, next", func(s *wire.Status) { s.ForkID = params.ForkID{Hash: [4]byte{1, 2, 3, 4}} }, 64, "fork ID"},
		{"range", func(s *wire.Status) { s.Earliest = 1 }, 69, "status"},
		{"no head", func(s *wire.Status) { s.Head = types.Hash{} }, 69, "status"},
	}
	for _, test := range tests {
		for v := test.from; v <= wire.Last; v++ {
			inBubble(t, v, func(d *dialogue) {
				d.want("status comes first", 0, ourStatus(v).Append(nil, v))
				theirs := ourStatus(v)
				test.change(theirs)
				d.send(0, theirs.Append(nil, v))
				err := d.wantEnd(test.name, p2p.ReasonSubprotocol)
				if !strings.Contains(err.Error(), test.text) || p2p.Judge(err).By != event.ByUs {
					t.Errorf("%s on %v: %v", test.name, v, err)
				}
				if d.ups != 0 || len(d.ear.log) != 0 {
					t.Errorf("%s on %v: the session came up", test.name, v)
				}
			})
		}
	}
}

func TestFirstMessageMustBeAStatus(t *testing.T) {
	for name, first := range map[string]struct {
		note
		says string
	}{
		"transactions": {note{0x02, []byte{0xc0}}, "first message is Transactions: want Status"},
		"unknown code": {note{0x0b, []byte{0xc0}}, "first message has code 0xb: want Status"},
		"rubbish":      {note{0x00, []byte{0xff}}, "status: "},
		"empty":        {note{0x00, nil}, "status: "},
	} {
		inBubble(t, 68, func(d *dialogue) {
			d.want("status comes first", 0, ourStatus(68).Append(nil, 68))
			d.send(first.code, first.payload)
			if err := d.wantEnd(name, p2p.ReasonSubprotocol); !strings.HasPrefix(err.Error(), first.says) {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

// Checklist row 79.
func TestStatusTimeout(t *testing.T) {
	inBubble(t, 69, func(d *dialogue) {
		began := time.Now()
		d.want("status comes first", 0, ourStatus(69).Append(nil, 69))
		err := d.wantEnd("silence", p2p.ReasonTimeout)
		if waited := time.Since(began); waited != 5*time.Second {
			t.Errorf("ended after %v: %v", waited, err)
		}
	})
}

func TestBreachesAfterTheHandshake(t *testing.T) {
	tests := []struct {
		name    string
		v       wire.Version
		code    uint64
		payload []byte
	}{
		{"second status", 68, 0, ourStatus(68).Append(nil, 68)},
		{"code that the version lacks", 69, 0x01, []byte{0xc0}},
		{"bad RLP", 69, 0x02, []byte{0xc1}},
		{"reply nobody asked for", 69, 0x04, []byte{0xc3, 0x82, 1, 2, 0xc0}},
		{"reply without an ID", 69, 0x04, []byte{0xc0}},
		{"announcement before eth/65", 64, 0x08, []byte{0xc0}},
		{"more than 10 MiB", 69, 0x02, make([]byte, wire.MaxMessage+1)},
	}
	for _, test := range tests {
		inBubble(t, test.v, func(d *dialogue) {
			d.shakeHands()
			d.send(test.code, test.payload)
			err := d.wantEnd(test.name, p2p.ReasonSubprotocol)
			if _, ok := errors.AsType[*p2p.Violation](err); !ok {
				t.Errorf("%s: %v", test.name, err)
			}
		})
	}
}

func TestMessagesReachTheirRole(t *testing.T) {
	inBubble(t, 69, func(d *dialogue) {
		d.shakeHands()
		d.send(0x02, []byte{0xc0})
		d.send(0x08, []byte{0xc3, 0x80, 0xc0, 0xc0}) // no role takes it
		d.wantIdle("there is nothing to answer")
		if !slices.Equal(d.ear.log, []string{"up", "Transactions"}) {
			t.Errorf("role saw %v", d.ear.log)
		}
	})
}

func TestOneRolePerKind(t *testing.T) {
	chain, _ := params.ByName("mainnet")
	if _, err := New(Config{Chain: chain, Roles: []Role{new(ear), new(ear)}}); err == nil {
		t.Error("two roles got the same messages")
	}
}
