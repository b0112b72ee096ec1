// SPDX-License-Identifier: Apache-2.0

package status

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/chainsync"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/p2p/server"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

func TestPeersAreBounded(t *testing.T) {
	b := newBackend(t)
	b.peers = make([]server.PeerInfo, maxPeers+3)
	if r := Collect(time.Now(), b); len(r.Peers) != maxPeers || r.More != 3 {
		t.Errorf("%d peers and %d more", len(r.Peers), r.More)
	}
}

// TestChainOfAReport: the head that a source names and the one up to which blocks are held are told apart.
func TestChainOfAReport(t *testing.T) {
	b := newBackend(t)
	r := Collect(b.started, b)
	mainnet := b.chain.Params()
	if want := (Chain{Name: "mainnet", ID: 1, NetworkID: 1, Genesis: mainnet.GenesisHash.String(), Fork: "fc64ec04", Next: 1150000}); r.Chain != want {
		t.Errorf("chain %+v, want %+v", r.Chain, want)
	}
	if want := (Held{Hash: mainnet.GenesisHash.String(), Time: time.Unix(0, 0).UTC(), Stored: true}); r.Held != want {
		t.Errorf("holds %+v, want %+v", r.Held, want)
	}
	want := &Head{Number: 20_000_000, Hash: types.Hash{1}.String(), By: "light", Proved: true, Supporters: 3, Lag: 2, Stale: true, At: b.started}
	if diff := cmp.Diff(want, r.Head); diff != "" {
		t.Errorf("head (-want +got):\n%s", diff)
	}
	if want := (Sync{Head: 1, Target: 9, Headers: 3, HeadersLeft: 4, BlocksLeft: 5, Peers: 2}); r.Sync == nil || *r.Sync != want {
		t.Errorf("sync %+v, want %+v", r.Sync, want)
	}
	if r.Clique != nil {
		t.Errorf("mainnet has signers: %+v", r.Clique)
	}
	b.head = head.Selected{}
	if r := Collect(b.started, b); r.Head != nil {
		t.Errorf("a head without a source: %+v", r.Head)
	}
}

// TestPeerOfAReport: every field that is known of a peer.
func TestPeerOfAReport(t *testing.T) {
	b := newBackend(t)
	got := Collect(b.started.Add(time.Hour), b).Peers
	want := []Peer{{
		ID: enr.ID{7}.String(), Client: "Geth/v1.17.8", Addr: "203.0.113.7:30303", Direction: "inbound", Static: true, Trusted: true, Eth: 69,
		Since: b.started, Age: 3600, Received: 1000, Sent: 2000, Head: 19, Score: -2.5, Reason: "too many peers",
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// backend is a node that never changes.
type backend struct {
	started time.Time
	self    enr.Node
	chain   *chain.Chain
	head    head.Selected
	peers   []server.PeerInfo
	asked   chan struct{} // gets a token for each report, if block is not nil
	block   chan struct{} // nil = does not block
}

func newBackend(t *testing.T) *backend {
	t.Helper()
	key, err := ecc.ParsePrivateKey(append(make([]byte, 31), 1))
	if err != nil {
		t.Fatal(err)
	}
	var build enr.Builder
	build.SetIP(netip.MustParseAddr("203.0.113.1"))
	build.SetTCP(30303)
	record, err := build.Sign(key, 1)
	if err != nil {
		t.Fatal(err)
	}
	mainnet, _ := params.ByName("mainnet")
	c, err := chain.Open(chain.Config{Params: mainnet})
	if err != nil {
		t.Fatal(err)
	}
	started := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return &backend{
		started: started, self: record.Node(), chain: c,
		head: head.Selected{Believed: head.Believed{
			Ref: chain.Ref{Number: 20_000_000, Hash: types.Hash{1}}, By: event.HeadByLight, Proved: true, Supporters: 3, Lag: 2, At: started,
		}, Stale: true}, asked: make(chan struct{}, 100),
		peers: []server.PeerInfo{{
			ID: enr.ID{7}, Client: "Geth/v1.17.8", Addr: netip.MustParseAddrPort("203.0.113.7:30303"), Inbound: true, Static: true, Trusted: true,
			Since: started, Received: 1000, Sent: 2000,
			Protocols: []server.ProtocolInfo{{Cap: p2p.Cap{Name: "eth", Version: 69}, Info: eth.PeerInfo{Version: 69, Latest: 19}}},
		}},
	}
}

func (b *backend) Chain() *chain.Chain   { return b.chain }
func (b *backend) Stored() bool          { return true }
func (b *backend) NetworkID() uint64     { return b.chain.Params().NetworkID }
func (b *backend) ForkID() params.ForkID { return b.chain.Params().ForkID(0, 0) }

func (b *backend) Head() (head.Selected, bool) { return b.head, !b.head.Hash.IsZero() }

func (b *backend) Progress() chainsync.Progress {
	return chainsync.Progress{Syncing: true, Head: 1, Target: 9, Headers: 3, HeadersLeft: 4, BlocksLeft: 5, Peers: 2}
}

func (b *backend) ClientName() string { return "ethpeer/v0" }
func (b *backend) Started() time.Time { return b.started }
func (b *backend) Self() enr.Node     { return b.self }

func (b *backend) Peers() []server.PeerInfo {
	if b.block != nil {
		b.asked <- struct{}{}
		<-b.block
	}
	return b.peers
}

func (b *backend) Troubles() []event.Trouble {
	return []event.Trouble{{At: event.At{Time: b.started}, Where: event.TroubleStore, Err: "no space left"}}
}

func (b *backend) Judged(enr.ID) (float64, string) { return -2.5, "too many peers" }
