// SPDX-License-Identifier: Apache-2.0

//go:build interop

package runs

import (
	"context"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/interop/network"
	"github.com/ethpeer/ethpeer/interop/watcher"
)

// plan says which watcher to run.
type plan struct {
	eth     int  // the only version it offers; 0 = the default list
	inbound bool // the nodes dial it, instead of it the nodes
}

// subject is a watcher that runs by a plan.
type subject struct {
	plan    plan
	watcher *watcher.Watcher
}

var buildDir = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "ethpeer-bin-") })

var builds = map[bool]func() (string, error){
	false: sync.OnceValues(func() (string, error) { return buildIn(false) }),
	true:  sync.OnceValues(func() (string, error) { return buildIn(true) }),
}

func buildIn(race bool) (string, error) {
	dir, err := buildDir()
	if err != nil {
		return "", err
	}
	return watcher.Build(dir, race)
}

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := buildDir(); err == nil {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

// binary builds the command on first use.
func binary(t *testing.T, race bool) string {
	t.Helper()
	bin, err := builds[race]()
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

// startAll starts a watcher for each plan and has them all connected with all nodes soon.
func startAll(t *testing.T, n *network.Network, bin string, plans []plan) []*subject {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), upLimit)
	defer cancel()
	var all []*subject
	for _, p := range plans {
		c := watcher.Config{Bin: bin, Genesis: n.Genesis(), Network: n.ChainID()}
		if p.eth != 0 {
			c.Eth = strconv.Itoa(p.eth)
		}
		if !p.inbound {
			c.Peers = enodes(n)
		}
		s := &subject{p, watcher.Start(t, c)}
		all = append(all, s)
		if !p.inbound {
			continue
		}
		if err := s.watcher.Listening(ctx); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		for _, node := range n.Nodes {
			if err := node.AddPeer(ctx, s.watcher.Enode); err != nil {
				t.Fatal(err)
			}
		}
	}
	return all
}

// waitUp waits until every subject is connected with every node of the networks, and
// returns when the last of them came up.
func waitUp(t *testing.T, subjects []*subject, networks ...*network.Network) (last time.Time) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), upLimit)
	defer cancel()
	var ids []string
	for _, n := range networks {
		for _, node := range n.Nodes {
			ids = append(ids, node.ID)
		}
	}
	for _, s := range subjects {
		lines, err := s.watcher.Up(ctx, ids...)
		if err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		for _, l := range lines {
			if l.Arrived.After(last) {
				last = l.Arrived
			}
		}
	}
	return last
}

// stop ends the watcher and checks its output as such.
func (s *subject) stop(t *testing.T) output {
	t.Helper()
	lines, err := s.watcher.Stop()
	if err != nil {
		t.Error(err)
	}
	if err := watcher.Problems(lines); err != nil {
		t.Error(err)
	}
	return newOutput(s.plan, lines)
}

func enodes(ns ...*network.Network) []string {
	var urls []string
	for _, n := range ns {
		for _, node := range n.Nodes {
			urls = append(urls, node.Enode)
		}
	}
	return urls
}

// startMixed starts one watcher that offers every version and dials all nodes.
func startMixed(t *testing.T, bin string, ns []*network.Network) *subject {
	t.Helper()
	c := watcher.Config{Bin: bin, Genesis: ns[0].Genesis(), Network: ns[0].ChainID(), Peers: enodes(ns...)}
	return &subject{watcher: watcher.Start(t, c)}
}
