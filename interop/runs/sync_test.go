// SPDX-License-Identifier: Apache-2.0

//go:build interop

package runs

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer"
	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/head/sources"
	"github.com/ethpeer/ethpeer/chain/pebble"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/interop/network"
	"github.com/ethpeer/ethpeer/params"
)

// Bounds of one download between two nodes on loopback, on a slow machine.
const (
	syncBlocks = 2000
	syncLimit  = 4 * time.Minute
)

// A syncer is a node of ours with a fresh data directory, and all of the history.
type syncer struct {
	*ethpeer.Node
	enode string
}

// startSyncer starts a node that dials the peers.
func startSyncer(t *testing.T, genesis string, networkID int, version wire.Version, source []sources.Source, peers ...string) *syncer {
	t.Helper()
	file, err := os.ReadFile(genesis)
	if err != nil {
		t.Fatal(err)
	}
	p, err := params.ParseGenesis(file)
	if err != nil {
		t.Fatal(err)
	}
	store, err := pebble.Open(t.TempDir(), func(problem string) { t.Error(problem) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &syncer{}
	ready := make(chan string, 1)
	cfg := ethpeer.Config{
		Chain: p, NetworkID: uint64(networkID), Store: store, History: chain.HistoryFull, Listen: "127.0.0.1:0", Heads: source, //nolint:gosec // small
		Ready: func(url string) { ready <- url },
		Record: func(e event.Event) {
			switch e := e.(type) {
			case event.Sync:
				t.Logf("%v", e)
			case event.Peer:
				t.Logf("%v", e)
			case event.Loss:
				t.Logf("%v", e)
			}
		},
	}
	if version != 0 {
		cfg.Versions = []wire.Version{version}
	}
	for _, url := range peers {
		n, err := enr.ParseNode(url)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Static = append(cfg.Static, n)
	}
	if s.Node, err = ethpeer.New(cfg); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	select {
	case s.enode = <-ready:
	case err := <-ended:
		ended <- nil
		t.Fatal(err)
	}
	return s
}

// wait waits until our head is a block and its whole history is here.
func (s *syncer) wait(t *testing.T, want network.Block) time.Duration {
	t.Helper()
	began := time.Now()
	for time.Since(began) < syncLimit {
		p := s.Progress()
		if h := s.Chain().Head(); h.Hash.String() == want.Hash && p.BlocksLeft == 0 && !p.Syncing {
			if s.Chain().Earliest() > 1 || s.Chain().Tail() > 1 {
				t.Fatalf("headers from %d on, bodies and receipts from %d on", s.Chain().Tail(), s.Chain().Earliest())
			}
			return time.Since(began)
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("after %v: head %d, want %d: %+v", syncLimit, s.Chain().Head().Number, want.Number, s.Progress())
	return 0
}

// waitFor waits until a node of geth has a block as its head.
func waitFor(t *testing.T, n *network.Node, want network.Block) time.Duration {
	t.Helper()
	began := time.Now()
	var last network.Block
	for time.Since(began) < syncLimit {
		b, err := n.Latest(t.Context())
		if err == nil && b.Hash == want.Hash {
			return time.Since(began)
		}
		last = b
		time.Sleep(200 * time.Millisecond)
	}
	t.Fatalf("after %v geth is at block %d, want %d", syncLimit, last.Number, want.Number)
	return 0
}

// stopSealing has a node of geth seal no more, and returns its head.
func stopSealing(t *testing.T, n *network.Network) network.Block {
	t.Helper()
	geth := filepath.Join(network.Clients(), n.Client(), "geth")
	out, err := exec.CommandContext(t.Context(), geth, "--exec", "miner.stop()", "attach", "ipc:"+filepath.Join(n.Dir, "n1.ipc")).CombinedOutput()
	if err != nil || bytes.Contains(out, []byte("Error")) {
		t.Fatalf("miner.stop(): %v\n%s", err, out)
	}
	for before := (network.Block{}); ; {
		time.Sleep(time.Second)
		b, err := n.Nodes[0].Latest(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if b.Hash == before.Hash {
			return b
		}
		before = b
	}
}

// follower starts a node of geth that does not seal, and has the genesis block of another network's chain.
func follower(t *testing.T, of *network.Network, client string) *network.Network {
	t.Helper()
	env := []string{"MINERS=0", "NOTX=1", "FROM=" + of.Dir}
	if client != "v1.9.25" {
		env = append(env, "KIND=new")
	}
	return network.Start(t, network.Config{Script: "start-clique.sh", Client: client, Nodes: 1, Period: "0", TPS: 1, ChainID: of.ChainID(), Env: env})
}

// TestSyncClique has ethpeer download 2,000 blocks with transactions from geth v1.9.25, with a fresh data directory; then geth v1.9.25
// and v1.13.15 download and execute them from ethpeer alone; and another ethpeer downloads them from v1.13.15.
func TestSyncClique(t *testing.T) {
	source := network.Start(t, network.Config{
		Script: "start-clique.sh", Client: "v1.9.25", Nodes: 1, Period: "0", TPS: 100, ChainID: 1930, Ready: 200,
	})
	ctx, cancel := context.WithTimeout(t.Context(), syncLimit)
	defer cancel()
	for b := (network.Block{}); b.Number < syncBlocks; time.Sleep(time.Second) {
		var err error
		if b, err = source.Nodes[0].Latest(ctx); err != nil {
			t.Fatal(err)
		}
	}
	last := stopSealing(t, source)
	ours := startSyncer(t, source.Genesis(), source.ChainID(), 0, nil, source.Nodes[0].Enode)
	t.Logf("FIGURES sync: ethpeer, %d blocks from geth v1.9.25, head by gossip: %v", last.Number, ours.wait(t, last).Round(time.Millisecond))
	var young *network.Network
	for _, client := range []string{"v1.9.25", "v1.13.15"} {
		young = follower(t, source, client)
		if err := young.Nodes[0].AddPeer(t.Context(), ours.enode); err != nil {
			t.Fatal(err)
		}
		t.Logf("FIGURES sync: geth %s, %d blocks from ethpeer alone, executed: %v", client, last.Number, waitFor(t, young.Nodes[0], last).Round(time.Millisecond))
	}
	again := startSyncer(t, source.Genesis(), source.ChainID(), 0, nil, young.Nodes[0].Enode)
	t.Logf("FIGURES sync: ethpeer, %d blocks from geth v1.13.15, head by gossip: %v", last.Number, again.wait(t, last).Round(time.Millisecond))
}
