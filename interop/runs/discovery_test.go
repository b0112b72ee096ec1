// SPDX-License-Identifier: Apache-2.0

//go:build interop

package runs

import (
	"context"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/interop/network"
	"github.com/ethpeer/ethpeer/interop/watcher"
)

const (
	findNodes = 5
	findLimit = 60 * time.Second
)

// finding is a network of geth nodes that do discovery and are not linked to each other.
func finding(chainID int, env ...string) network.Config {
	return network.Config{
		Script: "start-pos.sh", Client: "v1.17.8", Nodes: findNodes, Period: "1s", TPS: 1, ChainID: chainID, Ready: 1,
		Env: append([]string{"DISC=1", "NOLINK=1", "NOTX=1"}, env...),
	}
}

// TestFindsGeth: given one bootnode, we find all nodes and are connected with them; and a crawl
// says what they are.
func TestFindsGeth(t *testing.T) {
	n := network.Start(t, finding(11720))
	began := time.Now()
	w := watcher.Start(t, watcher.Config{
		Bin: binary(t, false), Genesis: n.Genesis(), Network: n.ChainID(), Bootnodes: []string{n.Nodes[0].Enode},
	})
	ctx, cancel := context.WithTimeout(t.Context(), findLimit)
	defer cancel()
	var ids []string
	for _, node := range n.Nodes {
		ids = append(ids, node.ID)
	}
	if _, err := w.Up(ctx, ids...); err != nil {
		t.Fatal(err)
	}
	t.Logf("FIGURES found all %d nodes in %.1f s", findNodes, time.Since(began).Seconds())
	if _, err := w.Stop(); err != nil {
		t.Error(err)
	}
	crawlsAndPings(t, n)
}

// TestBootsGeth: nodes that know only our bootnode find each other.
func TestBootsGeth(t *testing.T) {
	b := startBootnode(t, binary(t, false))
	n := network.Start(t, finding(11721, "BOOTNODE="+b.Enode))
	began := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), findLimit)
	defer cancel()
	for _, node := range n.Nodes {
		for {
			peers, err := node.Connections(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if others := len(peers); others == findNodes-1 {
				break
			} else if ctx.Err() != nil {
				t.Fatalf("%s has %d peers", node.Name, others)
			}
			time.Sleep(250 * time.Millisecond)
		}
	}
	t.Logf("FIGURES geth nodes with our bootnode alone: each has all %d others after %.1f s", findNodes-1, time.Since(began).Seconds())
}
