// SPDX-License-Identifier: Apache-2.0

//go:build interop

package runs

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/interop/network"
	"github.com/ethpeer/ethpeer/interop/watcher"
	"github.com/ethpeer/ethpeer/interop/witness"
)

// output is all that a watcher printed, by what it is about.
type output struct {
	plan   plan
	txs    map[string]watcher.Line // first line of each transaction
	body   map[string]bool         // a line said who sent it
	blocks map[string]watcher.Line
	peers  []watcher.Line
	losses []watcher.Line
}

func newOutput(p plan, lines []watcher.Line) output {
	o := output{plan: p, txs: map[string]watcher.Line{}, body: map[string]bool{}, blocks: map[string]watcher.Line{}}
	for _, l := range lines {
		switch l.Kind {
		case "tx":
			if _, ok := o.txs[l.Hash]; !ok {
				o.txs[l.Hash] = l
			}
			if l.From != "" {
				o.body[l.Hash] = true
			}
		case "block":
			if _, ok := o.blocks[l.Hash]; !ok {
				o.blocks[l.Hash] = l
			}
		case "peer":
			o.peers = append(o.peers, l)
		case "loss":
			o.losses = append(o.losses, l)
		}
	}
	return o
}

// checkPeers checks that each node came up once, as what it is, and that nothing else
// happened to any connection before we stopped, and that nothing was lost.
func (o output) checkPeers(t *testing.T, networks ...*network.Network) {
	t.Helper()
	clients, ups := map[string]string{}, map[string]int{}
	for _, n := range networks {
		for _, node := range n.Nodes {
			clients[node.ID] = n.Client()
		}
	}
	direction := "outbound"
	if o.plan.inbound {
		direction = "inbound"
	}
	for _, l := range o.peers {
		client, known := clients[l.Peer]
		switch {
		case l.Event == "down" && l.By == "us" && ups[l.Peer] == 1: // at the end
		case l.Event != "up" || !known:
			t.Errorf("unexpected: %s", l.Raw)
		case l.Direction != direction, o.plan.eth != 0 && l.Eth != o.plan.eth, !strings.HasPrefix(l.Client, "Geth/"+client):
			t.Errorf("want %s, eth/%d, Geth/%s: %s", direction, o.plan.eth, client, l.Raw)
		default:
			ups[l.Peer]++
		}
	}
	for id := range clients {
		if ups[id] != 1 {
			t.Errorf("peer %.8s came up %d times, want once", id, ups[id])
		}
	}
	for _, l := range o.losses {
		t.Errorf("lost: %s", l.Raw)
	}
}

// missingTxs returns those of the transactions that have no line.
func (o output) missingTxs(hashes []string) (missing []string) {
	for _, h := range hashes {
		if _, ok := o.txs[h]; !ok {
			missing = append(missing, h)
		}
	}
	return missing
}

// ways counts the transactions by how they first reached us.
func (o output) ways(hashes []string) string {
	count := map[string]int{}
	for _, h := range hashes {
		if l, ok := o.txs[h]; ok {
			count[l.Via]++
		}
	}
	var parts []string
	for via, n := range count {
		parts = append(parts, fmt.Sprintf("%s %d", via, n))
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}

// bodies counts the transactions whose body became known.
func (o output) bodies(hashes []string) (n int) {
	for _, h := range hashes {
		if o.body[h] {
			n++
		}
	}
	return n
}

// lags returns by how much the line of each block is later than its first visibility over
// RPC, and the blocks that have no line. A line that says something else about its block
// than RPC counts as none.
func (o output) lags(mined []witness.Sighting) (lags []time.Duration, absent []witness.Sighting) {
	for _, b := range mined {
		l, ok := o.blocks[b.Hash]
		if !ok || l.Number != b.Number || l.Parent != b.Parent || l.Txs != len(b.Txs) {
			absent = append(absent, b)
			continue
		}
		lags = append(lags, l.Time.Sub(b.Seen))
	}
	return lags, absent
}

// transactions returns the hashes of all transactions in blocks.
func transactions(blocks []witness.Sighting) (hashes []string) {
	for _, b := range blocks {
		hashes = append(hashes, b.Txs...)
	}
	return hashes
}
