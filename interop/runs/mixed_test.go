// SPDX-License-Identifier: Apache-2.0

//go:build interop

package runs

import (
	"slices"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/interop/network"
	"github.com/ethpeer/ethpeer/interop/observer"
)

// TestTwoGenerations connects one watcher with nodes of 2020 and of 2024 that hold the
// same chain but share no version of eth with each other: it is the only peer of both.
// Both keep it, and what each of them has is reported. The watcher is built with the race
// detector.
func TestTwoGenerations(t *testing.T) {
	old := network.Start(t, network.Config{
		Script: "start-clique.sh", Client: "v1.9.25", Nodes: 1, Period: "1", TPS: tps, ChainID: 1926, Ready: 3,
	})
	// The newer node stays at the genesis: nobody brings it blocks. Its pool takes
	// transactions of the funded account all the same.
	young := network.Start(t, network.Config{
		Script: "start-clique.sh", Client: "v1.13.15", Nodes: 1, Period: "1", TPS: tps, ChainID: 1926,
		Env: []string{"KIND=new", "MINERS=0", "FROM=" + old.Dir},
	})
	both := []*network.Network{old, young}
	w := observer.Watch(t, old.Nodes[0], young.Nodes[0])
	s := startMixed(t, binary(t, true), both)
	last := waitUp(t, []*subject{s}, both...)
	from, to := last.Add(settle), last.Add(settle+minute/2)

	time.Sleep(time.Until(from))
	before := []int{len(old.Sent(t)), len(young.Sent(t))}
	time.Sleep(time.Until(to))
	sent := [][]string{old.Sent(t)[before[0]:], young.Sent(t)[before[1]:]}
	w.Stop()
	waitLines(t, []*subject{s}, nil, slices.Concat(sent...))
	out := s.stop(t)

	out.checkPeers(t, both...)
	for i, n := range both {
		node := n.Nodes[0]
		if err := observer.Unchanged(w.Polls(node, from, to), s.watcher.ID, []int{65, 68}[i], true); err != nil {
			t.Errorf("geth %s: %v", n.Client(), err)
		}
		if least := tps * int(minute/2/time.Second) / 2; len(sent[i]) < least {
			t.Errorf("geth %s: only %d transactions were sent, want %d at least", n.Client(), len(sent[i]), least)
		}
		missing := out.missingTxs(sent[i])
		if len(missing) > 0 {
			t.Errorf("geth %s: %d of %d transactions have no line, the first is %s", n.Client(), len(missing), len(sent[i]), missing[0])
		}
		foreign := slices.IndexFunc(sent[i], func(h string) bool { l, ok := out.txs[h]; return ok && l.Peer != node.ID })
		if foreign >= 0 {
			t.Errorf("geth %s: its own transaction came from elsewhere: %s", n.Client(), out.txs[sent[i][foreign]].Raw)
		}
		t.Logf("FIGURES mixed          %-8s tx lines %d of %d sent (%s; body known %d) · connections unchanged: %v",
			n.Client(), len(sent[i])-len(missing), len(sent[i]), out.ways(sent[i]), out.bodies(sent[i]), !t.Failed())
	}
}
