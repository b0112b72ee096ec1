// SPDX-License-Identifier: Apache-2.0

//go:build interop

package runs

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/interop/network"
	"github.com/ethpeer/ethpeer/interop/observer"
	"github.com/ethpeer/ethpeer/interop/watcher"
)

// output is all that a watcher printed, by what it is about.
type output struct {
	plan   plan
	txs    map[string]watcher.Line // first line of each transaction
	body   map[string]watcher.Line // the line that says who sent it
	blocks map[string]watcher.Line
	peers  []watcher.Line
	losses []watcher.Line
}

func newOutput(p plan, lines []watcher.Line) output {
	o := output{plan: p, txs: map[string]watcher.Line{}, body: map[string]watcher.Line{}, blocks: map[string]watcher.Line{}}
	for _, l := range lines {
		switch l.Kind {
		case "tx":
			if _, ok := o.txs[l.Hash]; !ok {
				o.txs[l.Hash] = l
			}
			if l.From != "" {
				o.body[l.Hash] = l
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
		if !o.atTheEnd(l) {
			t.Errorf("lost: %s", l.Raw)
		}
	}
}

// atTheEnd reports whether a loss is of transactions that waited for the recovery of their sender when the process was stopped, while
// geth went on sending.
func (o output) atTheEnd(loss watcher.Line) bool {
	return loss.Where == "txgossip.stage" && slices.ContainsFunc(o.peers, func(l watcher.Line) bool {
		return l.Event == "down" && l.By == "us" && l.Seq < loss.Seq
	})
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
		if _, ok := o.body[h]; ok {
			n++
		}
	}
	return n
}

// checkBodies compares what the lines say about transactions with what RPC says.
func (o output) checkBodies(t *testing.T, txs []network.Tx) {
	t.Helper()
	wrong := 0
	for _, tx := range txs {
		l, ok := o.body[tx.Hash]
		if !ok {
			continue
		}
		value, _ := new(big.Int).SetString(l.Value, 10)
		kind := ""
		if l.Type != nil && tx.Type != "" {
			kind = fmt.Sprintf("%#x", *l.Type)
		}
		have := network.Tx{Hash: l.Hash, From: l.From, To: l.To, Nonce: fmt.Sprintf("%#x", l.Nonce), Value: fmt.Sprintf("%#x", value), Gas: fmt.Sprintf("%#x", l.Gas), Type: kind}
		if have != tx {
			if wrong++; wrong <= 3 {
				t.Errorf("line says %+v, RPC %+v: %s", have, tx, l.Raw)
			}
		}
	}
	if wrong > 3 {
		t.Errorf("and %d more transactions whose line is wrong", wrong-3)
	}
}

// lags returns by how much the line of each block is later than its first visibility over
// RPC, and the blocks that have no line. It checks what the lines say.
func (o output) lags(t *testing.T, mined []observer.Sighting) (lags []time.Duration, absent []observer.Sighting) {
	t.Helper()
	for _, b := range mined {
		l, ok := o.blocks[b.Hash]
		if !ok {
			absent = append(absent, b)
			continue
		}
		if l.Number != b.Number || l.Parent != b.Parent || l.Txs == nil || *l.Txs != len(b.Txs) || l.Size != b.Size {
			t.Errorf("RPC says block %d, parent %s, %d transactions, %d bytes: %s", b.Number, b.Parent, len(b.Txs), b.Size, l.Raw)
		}
		lags = append(lags, l.Time.Sub(b.Seen))
	}
	return lags, absent
}

// transactions returns the hashes of all transactions in blocks.
func transactions(blocks []observer.Sighting) (hashes []string) {
	for _, b := range blocks {
		hashes = append(hashes, b.Txs...)
	}
	return hashes
}
