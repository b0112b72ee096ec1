// SPDX-License-Identifier: Apache-2.0

package peers

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
)

// ethOffset is where eth's codes begin if it is the only protocol.
const ethOffset = 16

// A Node is the side that is tested.
type Node struct {
	t     *testing.T
	chain *params.Chain
	proto *eth.Protocol
}

// NewNode returns a node of the chain with these roles, whose loops the test runs. Its
// request IDs begin with 7000.
func NewNode(t *testing.T, chain *params.Chain, roles ...eth.Role) *Node {
	t.Helper()
	var versions []wire.Version
	for v := wire.First; v <= wire.Last; v++ {
		versions = append(versions, v)
	}
	proto, err := eth.New(eth.Config{
		Chain: chain, Versions: versions, Roles: roles,
		RequestIDs: func() uint64 { return 7000 },
	})
	if err != nil {
		t.Fatal(err)
	}
	return &Node{t: t, chain: chain, proto: proto}
}

// A Peer is the side that the test plays.
type Peer struct {
	t       *testing.T
	version wire.Version
	remote  p2p.Transport
	said    chan note
	ended   chan error
}

type note struct {
	code    uint64
	payload []byte
}

// Join connects a peer that speaks version v and shakes hands. Its name is its client
// name, and the beginning of its ID. Change may change its Status, which otherwise says
// that it is at the genesis block.
func (n *Node) Join(name string, v wire.Version, change ...func(*wire.Status)) *Peer {
	n.t.Helper()
	ours, remote := p2p.Pipe()
	config := p2p.Config{
		ID:        IDOf(name),
		Hello:     &p2p.Hello{Version: 5, Client: name, Caps: []p2p.Cap{{Name: "eth", Version: uint(v)}}},
		Protocols: []p2p.Protocol{n.proto},
	}
	peer, err := p2p.NewPeer(ours, config)
	if err != nil {
		n.t.Fatal(err)
	}
	p := &Peer{t: n.t, version: v, remote: remote, said: make(chan note, 1000), ended: make(chan error, 1)}
	n.t.Cleanup(func() { _ = remote.Close() })
	go func() { p.ended <- peer.Run(context.Background()) }()
	go p.listen()

	status := wire.Status{
		Version: v, NetworkID: n.chain.NetworkID, TD: n.chain.GenesisDifficulty,
		Head: n.chain.GenesisHash, Genesis: n.chain.GenesisHash, ForkID: n.chain.ForkID(0, n.chain.GenesisTime),
	}
	for _, f := range change {
		f(&status)
	}
	p.WantKind(wire.KindStatus)
	p.Send(&status)
	synctest.Wait()
	return p
}

// IDOf returns the ID of the peer with that name.
func IDOf(name string) (id enr.ID) {
	copy(id[:], name)
	return id
}

func (p *Peer) listen() {
	defer close(p.said)
	for {
		code, payload, err := p.remote.Read(time.Now().Add(time.Hour))
		if err != nil {
			return
		}
		p.said <- note{code, slices.Clone(payload)}
		p.remote.Release()
	}
}

// Send says a message. It returns when the node has taken it.
func (p *Peer) Send(m wire.Message) {
	p.t.Helper()
	p.SendRaw(m.Kind(), m.Append(nil, p.version))
}

// SendRaw says a message of a kind with any payload.
func (p *Peer) SendRaw(kind wire.Kind, payload []byte) {
	p.t.Helper()
	if err := p.remote.Queue(&p2p.Out{Code: ethOffset + kind.Row().Code, Raw: payload}); err != nil {
		p.t.Fatal(err)
	}
	if err := p.remote.Flush(time.Now().Add(time.Minute)); err != nil {
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
			p.t.Fatalf("want %v; the connection closed: %v", kind, <-p.ended)
		case got.code == ethOffset+kind.Row().Code:
			return got.payload
		case got.code != pingCode:
			p.t.Fatalf("got message %#x %x; want %v", got.code, got.payload, kind)
		}
	}
}

const pingCode = 2

// WantSilence lets everything settle and fails the test if the node has said something.
func (p *Peer) WantSilence() {
	p.t.Helper()
	for {
		synctest.Wait()
		select {
		case got, ok := <-p.said:
			switch {
			case !ok:
				p.t.Fatalf("want silence; the connection closed: %v", <-p.ended)
			case got.code != pingCode:
				p.t.Fatalf("got message %#x %x; want silence", got.code, got.payload)
			}
		default:
			return
		}
	}
}

// WantEnd waits until the node has ended the session, and returns its cause.
func (p *Peer) WantEnd() error {
	p.t.Helper()
	for got := range p.said {
		if got.code >= ethOffset {
			p.t.Fatalf("got message %#x %x; want the end", got.code, got.payload)
		}
	}
	return <-p.ended
}

// Leave closes the connection and waits until the session is over.
func (p *Peer) Leave() {
	p.t.Helper()
	_ = p.remote.Close()
	<-p.ended
}
