// SPDX-License-Identifier: Apache-2.0

//go:build interop

package runs

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/interop/network"
	"github.com/ethpeer/ethpeer/interop/observer"
)

const (
	tps     = 20
	minute  = 60 * time.Second
	settle  = 2 * time.Second  // from our last peer's coming up until everything counts
	drain   = 15 * time.Second // for lines about the last blocks, at most
	upLimit = 50 * time.Second // geth dials a static peer again after 35 s
)

// TestWatch is the main job on real input: every transaction that is mined while we
// watch has a line, no connection changes, and gossiped blocks are prompt.
func TestWatch(t *testing.T) {
	for _, c := range []struct {
		name    string
		network network.Config
		gossip  bool // the chain gossips blocks
		plans   []plan
	}{
		{
			name:    "eth63to65", // eth/63 and eth/64 announce no transactions: all come whole
			network: network.Config{Script: "start-clique.sh", Client: "v1.9.25", Period: "1", ChainID: 1925},
			gossip:  true,
			plans:   []plan{{eth: 63}, {eth: 64}, {eth: 65}, {eth: 63, inbound: true}, {eth: 64, inbound: true}, {eth: 65, inbound: true}},
		},
		{
			name:    "eth66and67",
			network: network.Config{Script: "start-clique.sh", Client: "v1.10.26", Period: "1", ChainID: 11026, Env: []string{"KIND=new"}},
			gossip:  true,
			plans:   []plan{{eth: 66}, {eth: 67}, {eth: 66, inbound: true}, {eth: 67, inbound: true}},
		},
		{
			name:    "eth68",
			network: network.Config{Script: "start-clique.sh", Client: "v1.13.15", Period: "1", ChainID: 11315, Env: []string{"KIND=new"}},
			gossip:  true,
			plans:   []plan{{eth: 68}, {eth: 68, inbound: true}},
		},
		{
			name:    "eth68and69",
			network: network.Config{Script: "start-pos.sh", Client: "v1.16.9", Period: "1s", ChainID: 11609},
			plans:   []plan{{eth: 68}, {eth: 69}, {eth: 68, inbound: true}, {eth: 69, inbound: true}},
		},
		{
			name:    "eth69to72",
			network: network.Config{Script: "start-pos.sh", Client: "v1.17.8", Period: "1s", ChainID: 11717, Args: []string{"20"}},
			plans:   []plan{{eth: 69}, {eth: 70}, {eth: 71}, {eth: 72}, {eth: 69, inbound: true}, {eth: 70, inbound: true}, {eth: 71, inbound: true}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.network.Nodes, c.network.TPS, c.network.Ready = 2, tps, 3
			n := network.Start(t, c.network)
			w := observer.Watch(t, n.Nodes...)
			subjects := startAll(t, n, binary(t, false), c.plans)
			last := waitUp(t, subjects, n)
			from, to := last.Add(settle), last.Add(settle+minute)
			time.Sleep(time.Until(from))
			before := len(n.Sent(t))
			time.Sleep(time.Until(to))
			sent := n.Sent(t)[before:]
			w.Stop()
			for _, err := range w.Errors() {
				t.Errorf("RPC: %v", err)
			}
			mined := w.Blocks(from, to)
			waitLines(t, subjects, mined, sent)
			if got, least := len(transactions(mined)), tps*int(minute/time.Second)/2; got < least {
				t.Errorf("only %d transactions were mined, want %d at least: the network is not under load", got, least)
			}
			r := record{n, w, mined, bodies(t, n.Nodes[0], mined), sent, from, to, c.gossip}
			kinds := kinds(r.bodies)
			t.Logf("FIGURES %s: geth %s mined %d transactions in %d blocks, by type: %v", c.name, c.network.Client, len(r.bodies), len(mined), kinds)
			// Of two nodes of v1.17.8 the one fetches few of the other's blobs: over eth/72 it
			// waits for a second announcer, unless it draws the lot to fetch all (EIP-8070).
			if !c.gossip && kinds["0x3"] == 0 {
				t.Error("no blob transaction was mined")
			}
			for _, s := range subjects {
				t.Run(s.String(), func(t *testing.T) { s.judge(t, r) })
			}
		})
	}
}

// record is what the nodes said about a run.
type record struct {
	network  *network.Network
	watched  *observer.Observer
	mined    []observer.Sighting
	bodies   []network.Tx
	sent     []string // hashes of the transactions that the generator sent
	from, to time.Time
	gossip   bool
}

// bodies asks for what is in the blocks.
func bodies(t *testing.T, n *network.Node, blocks []observer.Sighting) (txs []network.Tx) {
	t.Helper()
	for _, b := range blocks {
		some, err := n.TxsAt(t.Context(), b.Number)
		if err != nil {
			t.Fatal(err)
		}
		txs = append(txs, some...)
	}
	return txs
}

func kinds(txs []network.Tx) map[string]int {
	count := map[string]int{}
	for _, tx := range txs {
		count[tx.Type]++
	}
	return count
}

// waitLines waits until every subject has a line for each block and each transaction, as
// long as that may take.
func waitLines(t *testing.T, subjects []*subject, mined []observer.Sighting, sent []string) {
	t.Helper()
	hashes := append(transactions(mined), sent...)
	for _, b := range mined {
		hashes = append(hashes, b.Hash)
	}
	for end := time.Now().Add(drain); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if !slices.ContainsFunc(subjects, func(s *subject) bool { return !s.watcher.Has(hashes) }) {
			return
		}
	}
}

// judge stops a subject and compares what it printed with what the nodes said.
func (s *subject) judge(t *testing.T, r record) {
	n, mined := r.network, r.mined
	out := s.stop(t)
	for _, node := range n.Nodes {
		if err := observer.Unchanged(r.watched.Polls(node, r.from, r.to), s.watcher.ID, s.plan.eth, !s.plan.inbound); err != nil {
			t.Errorf("%s: %v", node.Name, err)
		}
	}
	out.checkPeers(t, n)
	txs := transactions(mined)
	missing := out.missingTxs(txs)
	for i, hash := range missing {
		if i == 10 {
			t.Errorf("and %d more", len(missing)-i)
			break
		}
		t.Errorf("mined, but no tx line: %s", hash)
	}
	out.checkBodies(t, r.bodies)
	lags, absent := out.lags(t, mined)
	for _, b := range absent {
		t.Errorf("no block line: %d %s", b.Number, b.Hash)
	}
	lag := observer.SpreadOf(lags)
	if r.gossip && lag.Median >= time.Second {
		t.Errorf("median block lag is %v, want less than a second", lag.Median)
	}
	unheard := out.missingTxs(r.sent)
	if len(unheard) > 0 {
		t.Errorf("sent, but no tx line: %d of %d, the first is %s", len(unheard), len(r.sent), unheard[0])
	}
	t.Logf("FIGURES %-14s %-8s tx lines %d of %d mined (%s; body known %d), %d of %d sent · blocks %d of %d, lag %s · connections unchanged: %v",
		s, n.Client(), len(txs)-len(missing), len(txs), out.ways(txs), out.bodies(txs), len(r.sent)-len(unheard), len(r.sent), len(mined)-len(absent), len(mined), lag, !t.Failed())
}

// String names a subject by version and direction.
func (s *subject) String() string {
	direction := "outbound"
	if s.plan.inbound {
		direction = "inbound"
	}
	if s.plan.eth == 0 {
		return "any-" + direction
	}
	return fmt.Sprintf("eth%d-%s", s.plan.eth, direction)
}
