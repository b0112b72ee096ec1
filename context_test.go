// SPDX-License-Identifier: Apache-2.0

package ethpeer

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/nodedb"
	"github.com/ethpeer/ethpeer/p2p/server"
	"github.com/ethpeer/ethpeer/params"
)

// oneCandidate is a source that finds one node, again and again.
type oneCandidate struct{ node enr.Node }

func (o oneCandidate) Next(ctx context.Context) (server.Candidate, bool) {
	select {
	case <-time.After(200 * time.Millisecond):
		return server.Candidate{Node: o.node, Source: "v4"}, true
	case <-ctx.Done():
		return server.Candidate{}, false
	}
}

// TestDataDirectoryOfAnotherChain: a program that was started for another chain by mistake meets a node of
// mainnet. The next run on the right chain, with the same data directory, dials that node at once, whether it
// is named or found.
func TestDataDirectoryOfAnotherChain(t *testing.T) {
	for _, named := range []bool{true, false} {
		mainnet, _ := params.ByName("mainnet")
		sepolia, _ := params.ByName("sepolia")
		db, err := nodedb.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		url := make(chan string, 1)
		other, err := New(Config{Chain: mainnet, Listen: "127.0.0.1:0", Ready: func(u string) { url <- u }})
		if err != nil {
			t.Fatal(err)
		}
		go other.Run(ctx)
		node, err := enr.ParseNode(<-url)
		if err != nil {
			t.Fatal(err)
		}
		for _, chain := range []*params.Chain{sepolia, mainnet} {
			ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
			n, err := New(Config{Chain: chain, DB: db})
			if err != nil {
				t.Fatal(err)
			}
			key, err := ecc.NewPrivateKey(rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			cfg := n.serverConfig(key, seams{})
			cfg.Listen = "127.0.0.1:0" // so that candidates on this machine are dialled
			if named {
				cfg.Static = []enr.Node{node}
			} else {
				cfg.Candidates = oneCandidate{node}
			}
			heard := make(chan event.Peer, 1)
			cfg.Record = func(e event.Event) {
				if p, ok := e.(event.Peer); ok {
					select {
					case heard <- p:
						cancel()
					default:
					}
				}
			}
			s, err := server.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			_ = s.Run(ctx)
			cancel()
			select {
			case p := <-heard:
				t.Logf("named %v, %s: %s %s", named, chain.Name, p.Change, p.Err)
			default:
				e, _ := db.Get(node.ID())
				t.Errorf("named %v, %s: not dialled in 10 s; to be left alone for %v because %q", named, chain.Name, time.Until(e.NotBefore).Round(time.Hour), e.Cause)
			}
		}
	}
}
