// SPDX-License-Identifier: Apache-2.0

package peers

import (
	"bytes"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/ethpeer/ethpeer/eth/wire"
)

// A Peer is one side of a dialogue: the test says each of its messages, and expects each of the
// node's.
type Peer struct {
	*Conn
	t    *testing.T
	said chan note // what the node said
}

type note struct {
	code    uint64
	payload []byte
}

// Join connects a peer that the node dialled, speaks version v and has exchanged its Status. Its
// client name is name, with which its ID begins. Change may change its Status, which otherwise
// says that it is at the genesis block.
func (n *Node) Join(name string, v wire.Version, change ...func(*wire.Status)) *Peer {
	n.t.Helper()
	p := &Peer{Conn: n.attach(name, v, false), t: n.t, said: make(chan note, 1000)}
	n.t.Cleanup(p.Close)
	go p.listen()
	status := p.Status()
	for _, f := range change {
		f(status)
	}
	p.WantKind(wire.KindStatus)
	p.Send(status)
	synctest.Wait()
	return p
}

func (p *Peer) listen() {
	defer close(p.said)
	for {
		code, payload, err := p.Read()
		if err != nil {
			return
		}
		p.said <- note{code, slices.Clone(payload)}
		p.pipe.Release()
	}
}

// Send sends a message. It returns when the node has taken it.
func (p *Peer) Send(m wire.Message) {
	p.t.Helper()
	p.SendRaw(m.Kind(), m.Append(nil, p.version))
}

// SendRaw sends a message of a kind with any payload.
func (p *Peer) SendRaw(kind wire.Kind, payload []byte) {
	p.t.Helper()
	if err := p.Tell(kind, payload); err != nil {
		p.t.Fatalf("sending %v: %v", kind, err)
	}
}

// Want waits for the node's next message and fails the test if it is another one.
func (p *Peer) Want(kind wire.Kind, payload []byte) {
	p.t.Helper()
	if got := p.WantKind(kind); !bytes.Equal(got, payload) {
		p.t.Fatalf("got %v %x; want %x", kind, got, payload)
	}
}

// WantKind waits for the node's next message, pings left out, and returns its payload.
func (p *Peer) WantKind(kind wire.Kind) []byte {
	p.t.Helper()
	for {
		got, ok := <-p.said
		switch {
		case !ok:
			p.t.Fatalf("want %v; the connection closed: %v", kind, p.Cause())
		case got.code == CodeEth+kind.Row().Code:
			return got.payload
		case got.code != CodePing:
			p.t.Fatalf("got message %#x %x; want %v", got.code, got.payload, kind)
		}
	}
}

// WantSilence lets everything settle and fails the test if the node has said something.
func (p *Peer) WantSilence() {
	p.t.Helper()
	for {
		synctest.Wait()
		select {
		case got, ok := <-p.said:
			switch {
			case !ok:
				p.t.Fatalf("want silence; the connection closed: %v", p.Cause())
			case got.code != CodePing:
				p.t.Fatalf("got message %#x %x; want silence", got.code, got.payload)
			}
		default:
			return
		}
	}
}

// Heard lets everything settle and returns how many messages of each kind the node has said since the last one that was
// waited for.
func (p *Peer) Heard() map[wire.Kind]int {
	p.t.Helper()
	heard := make(map[wire.Kind]int)
	for {
		synctest.Wait()
		select {
		case got, ok := <-p.said:
			if !ok {
				return heard
			}
			if row, known := wire.BlockGossip.Lookup(p.version, got.code-CodeEth); known && got.code >= CodeEth {
				heard[row.Kind]++
			}
		default:
			return heard
		}
	}
}

// WantEnd waits until the node has ended the session, and returns its cause.
func (p *Peer) WantEnd() error {
	p.t.Helper()
	for got := range p.said {
		if got.code >= CodeEth {
			p.t.Fatalf("got message %#x %x; want the end", got.code, got.payload)
		}
	}
	return p.Cause()
}

// Leave closes the connection and waits until the session is over.
func (p *Peer) Leave() {
	p.t.Helper()
	p.Close()
	_ = p.Cause()
}
