// SPDX-License-Identifier: Apache-2.0

package devnet_test

import (
	"context"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ethpeer/ethpeer"
	"github.com/ethpeer/ethpeer/devnet"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is far more than anything here takes, on a machine that is busy with other
// things.
const patience = 4 * time.Minute

// start runs a network until the test is over.
func start(t *testing.T, cfg devnet.Config) *devnet.Network {
	t.Helper()
	n, err := devnet.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	runUntilCleanup(t, func(ctx context.Context, ready func()) error { return n.Run(ctx, ready) })
	return n
}

// runUntilCleanup returns when run is ready.
func runUntilCleanup(t *testing.T, run func(ctx context.Context, ready func()) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- run(ctx, func() { close(ready) }) }()
	select {
	case <-ready:
	case err := <-ended:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// watch runs a node that is connected to the whole network, and returns what it records.
func watch(t *testing.T, n *devnet.Network, versions ...wire.Version) <-chan event.Event {
	t.Helper()
	events := make(chan event.Event, 1<<16)
	ready := make(chan func(), 1)
	node, err := ethpeer.New(ethpeer.Config{
		Chain: n.Chain(), Static: n.Nodes(), Versions: versions,
		Record: func(e event.Event) { events <- e },
		Ready:  func(string) { (<-ready)() },
	})
	if err != nil {
		t.Fatal(err)
	}
	runUntilCleanup(t, func(ctx context.Context, done func()) error {
		ready <- done
		return node.Run(ctx)
	})
	return events
}

// hear reads events until done says so.
func hear(t *testing.T, events <-chan event.Event, what string, done func(event.Event) bool) {
	t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case e := <-events:
			if done(e) {
				return
			}
			if p, ok := e.(event.Peer); ok && p.Change == event.PeerDown {
				t.Errorf("a peer was lost: %+v", p)
			}
		case <-timeout:
			t.Fatalf("not heard in time: %s", what)
		}
	}
}

// fast makes blocks fast, and no more transactions than signatures can be checked under the
// race detector.
func fast() devnet.Config {
	if bubble.Race {
		return devnet.Config{Period: 250 * time.Millisecond, TPS: 5}
	}
	return devnet.Config{Period: 100 * time.Millisecond, TPS: 10}
}

// A watcher sees what there is to be seen: peers of five versions, transactions of four
// types, whole and by their hashes, blocks likewise, and a head that moves.
func TestAWatcherSeesEverything(t *testing.T) {
	events := watch(t, start(t, fast()))
	missing := map[string]bool{}
	for _, sight := range []string{
		"up eth/65", "up eth/68", "up eth/70", "up eth/71",
		"tx 0", "tx 1", "tx 2", "tx 4", "tx broadcast", "tx announcement", "tx body", "sighting",
		"block broadcast", "block announcement", "head",
	} {
		missing[sight] = true
	}
	ups := map[string]bool{}
	hear(t, events, "everything", func(e event.Event) bool {
		switch e := e.(type) {
		case event.Peer:
			if e.Change == event.PeerUp {
				ups[e.Client] = true
				delete(missing, "up "+wire.Version(e.Eth).String())
			}
		case event.Tx:
			if e.Typed {
				delete(missing, "tx "+string(rune('0'+e.Type)))
			}
			delete(missing, "tx "+string(e.Via))
			if e.Update && e.Body != nil {
				delete(missing, "tx body")
			}
		case event.Sighting:
			delete(missing, "sighting")
		case event.Block:
			delete(missing, "block "+string(e.Via))
		case event.Head:
			if e.Number > 3 {
				delete(missing, "head")
			}
		case event.Loss:
			t.Errorf("lost: %+v", e)
		}
		return len(missing) == 0 && len(ups) == 5
	})
}

// A watcher of any one version receives transactions and blocks: on a chain without a consensus layer, peers
// gossip blocks in every version.
func TestEachVersionAloneIsEnough(t *testing.T) {
	n := start(t, fast())
	for _, v := range wire.Known() {
		if !ethpeer.Offers(v) {
			continue
		}
		t.Run(v.String(), func(t *testing.T) {
			events := watch(t, n, v)
			bodies, gossiped := 0, false
			hear(t, events, "blocks and transactions", func(e event.Event) bool {
				switch e := e.(type) {
				case event.Tx:
					if e.Body != nil {
						bodies++
					}
				case event.Block:
					gossiped = gossiped || e.Txs > 0 && (e.Via == event.ViaBroadcast || e.Via == event.ViaAnnouncement)
				}
				return bodies > 3 && gossiped
			})
		})
	}
}

func TestASmallNetworkIsOneToo(t *testing.T) {
	cfg := fast()
	cfg.Peers = 1
	events := watch(t, start(t, cfg))
	hear(t, events, "a block", func(e event.Event) bool {
		b, ok := e.(event.Block)
		return ok && b.Txs > 0
	})
}

// Twelve peers, of which some share no version.
func TestALargeNetwork(t *testing.T) {
	cfg := fast()
	cfg.Peers, cfg.TPS = 12, 1
	events := watch(t, start(t, cfg))
	up := 0
	hear(t, events, "twelve peers", func(e event.Event) bool {
		if p, ok := e.(event.Peer); ok && p.Change == event.PeerUp {
			up++
		}
		return up == 12
	})
}
