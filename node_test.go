// SPDX-License-Identifier: Apache-2.0

package ethpeer

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/params"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// running is a node that runs for a test.
type running struct {
	node  *Node
	enode string
	peers chan event.Peer
	stop  context.CancelFunc
	ended chan error
}

func run(t *testing.T, change func(*Config)) *running {
	t.Helper()
	chain, _ := params.ByName("mainnet")
	r := &running{peers: make(chan event.Peer, 10), ended: make(chan error, 1)}
	ready := make(chan string, 1)
	cfg := Config{
		Chain: chain, Listen: "127.0.0.1:0", Identity: "test",
		Record: func(e event.Event) {
			if p, ok := e.(event.Peer); ok {
				r.peers <- p
			}
		},
		Ready: func(enode string) { ready <- enode },
	}
	change(&cfg)
	n, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r.node = n
	ctx, cancel := context.WithCancel(context.Background())
	r.stop = cancel
	go func() { r.ended <- n.Run(ctx) }()
	select {
	case r.enode = <-ready:
	case err := <-r.ended:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		if err := <-r.ended; err != nil {
			t.Error(err)
		}
	})
	return r
}

// next waits for the next event of a peer, up to the timeout of go test, because a busy machine may take any
// time.
func (r *running) next() event.Peer { return <-r.peers }

// Nodes of ours are peers of each other in each version.
func TestTwoNodesMeetOnEveryVersion(t *testing.T) {
	for _, v := range wire.Known() {
		t.Run(v.String(), func(t *testing.T) {
			a := run(t, func(c *Config) { c.Versions = wire.Known() })
			self, err := enr.ParseNode(a.enode)
			if err != nil {
				t.Fatal(err)
			}
			b := run(t, func(c *Config) {
				c.Static, c.Versions, c.Listen = []enr.Node{self}, []wire.Version{v}, ""
			})
			for _, n := range []*running{a, b} {
				e := n.next()
				if e.Change != event.PeerUp || e.Stage != event.StageEth || e.Eth != uint(v) || !strings.HasPrefix(e.Client, "ethpeer/test/v") {
					t.Errorf("%+v", e)
				}
			}
			b.stop()
			if e := a.next(); e.Change != event.PeerDown || e.By != event.ByThem {
				t.Errorf("%+v", e)
			}
		})
	}
}

// The set of peers can be changed while the node runs.
func TestPeersComeAndGo(t *testing.T) {
	a := run(t, func(*Config) {})
	self, _ := enr.ParseNode(a.enode)
	b := run(t, func(*Config) {})
	b.node.Trust(self.ID())
	b.node.AddPeer(self)
	if e := b.next(); e.Change != event.PeerUp {
		t.Fatalf("%+v", e)
	}
	all := b.node.Peers()
	if len(all) != 1 || all[0].ID != self.ID() || !all[0].Static || !all[0].Trusted || all[0].Inbound {
		t.Fatalf("peers %+v", all)
	}
	if info, ok := all[0].Protocols[0].Info.(eth.PeerInfo); !ok || info.Version != wire.Supported()[0] || info.Head.IsZero() {
		t.Errorf("eth says %+v", all[0].Protocols[0].Info)
	}
	b.node.Untrust(self.ID())
	if all = b.node.Peers(); len(all) != 1 || all[0].Trusted {
		t.Errorf("peers %+v", all)
	}
	if !b.node.RemovePeer(self.ID()) || len(b.node.Peers()) != 0 {
		t.Error("the peer is still there")
	}
	if e := b.next(); e.Change != event.PeerDown || e.Reason != "disconnect requested" {
		t.Errorf("%+v", e)
	}
	if b.node.RemovePeer(self.ID()) {
		t.Error("it was removed twice")
	}
}

// Subscribe gives the events that are recorded, and ends with the node.
func TestEvents(t *testing.T) {
	a := run(t, func(*Config) {})
	self, _ := enr.ParseNode(a.enode)
	b := run(t, func(c *Config) { c.Static = []enr.Node{self} })
	events := b.node.Subscribe(nil, 0)
	peers := b.node.Subscribe(func(e event.Event) bool { return e.Kind() == event.KindPeer }, 1)
	b.next()
	a.stop()
	if e := b.next(); e.Change != event.PeerDown {
		t.Fatalf("%+v", e)
	}
	b.stop()
	if err := <-b.ended; err != nil {
		t.Error(err)
	}
	b.ended <- nil
	downs := 0
	for e := range events.All(nil) {
		if p, ok := e.(event.Peer); ok && p.Change == event.PeerDown {
			downs++
		}
	}
	var kinds []event.Kind
	for e := range peers.All(nil) {
		kinds = append(kinds, e.Kind())
	}
	if want := []event.Kind{event.KindPeer, event.KindLoss}; !slices.Equal(kinds, want) {
		t.Errorf("a subscription with room for one event has %v, want %v", kinds, want)
	}
	for e := range b.node.Subscribe(nil, 0).All(nil) {
		t.Errorf("an event after the end: %v", e)
	}
	if downs != 1 {
		t.Errorf("%d peers went down", downs)
	}
}

// A start reports our record once, with both ports. A second report would leave open which one holds, and
// caused a second warning in the log.
func TestAStartReportsOurRecordOnce(t *testing.T) {
	var selves []event.Self
	a := run(t, func(c *Config) {
		c.Discovery = Discovery{V4: true, V5: true, Bootnodes: []enr.Node{}}
		c.Record = func(e event.Event) {
			if s, ok := e.(event.Self); ok {
				selves = append(selves, s)
			}
		}
	})
	a.stop()
	if err := <-a.ended; err != nil {
		t.Error(err)
	}
	a.ended <- nil
	if len(selves) != 1 || selves[0].URL != a.enode {
		t.Errorf("reported %+v, want %s alone", selves, a.enode)
	}
}

func TestNodesOfOtherChainsDoNotMeet(t *testing.T) {
	a := run(t, func(*Config) {})
	self, _ := enr.ParseNode(a.enode)
	b := run(t, func(c *Config) {
		c.Chain, _ = params.ByName("sepolia")
		c.Static, c.Listen = []enr.Node{self}, ""
	})
	for _, n := range []*running{a, b} {
		if e := n.next(); e.Change != event.PeerFailed || e.Stage != event.StageStatus || e.Reason != "subprotocol error" {
			t.Errorf("%+v", e)
		}
	}
}

func TestConfigReportsAllItsProblems(t *testing.T) {
	_, err := New(Config{
		Key: make([]byte, 31), Identity: strings.Repeat("x", 65), MaxPeers: -1,
		Versions: []wire.Version{69, 60, 69},
	})
	if err == nil {
		t.Fatal("it was accepted")
	}
	for _, want := range []string{"no chain", "31 bytes", "identity", "-1 peers", "eth/60", "eth/69 is listed twice"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in: %v", want, err)
		}
	}
	chain, _ := params.ByName("mainnet")
	if _, err := New(Config{Chain: chain, Key: make([]byte, 32)}); err == nil {
		t.Error("a key of zeros was accepted")
	}
}

func TestRunFailsAtOnceIfThePortIsTaken(t *testing.T) {
	a := run(t, func(*Config) {})
	self, _ := enr.ParseNode(a.enode)
	chain, _ := params.ByName("mainnet")
	n, err := New(Config{Chain: chain, Listen: netip.AddrPortFrom(self.IP, self.TCP).String()})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Run(t.Context()); err == nil {
		t.Error("two nodes listen on one port")
	}
}
