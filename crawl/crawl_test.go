// SPDX-License-Identifier: Apache-2.0

package crawl

import (
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/probe"
)

func nodeOf(t testing.TB, n int) enr.Node {
	t.Helper()
	var seed [32]byte
	seed[0] = 1
	binary.BigEndian.PutUint32(seed[28:], uint32(n))
	key, err := ecc.ParsePrivateKey(seed[:])
	if err != nil {
		t.Fatal(err)
	}
	return enr.Node{Key: key.Public(), IP: netip.AddrFrom4([4]byte{20, byte(n >> 8), byte(n), 1}), TCP: 30303, UDP: 30303}
}

// A network is nodes that know some others; a visit takes a second.
type network struct {
	nodes  []enr.Node
	index  map[enr.ID]int
	knows  [][]int
	silent map[int]bool

	busy, most atomic.Int32
	mu         sync.Mutex // guards what follows
	visits     map[int]int
}

func newNetwork(t testing.TB, count int) *network {
	w := &network{index: map[enr.ID]int{}, silent: map[int]bool{}, visits: map[int]int{}}
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range count {
		n := nodeOf(t, i)
		w.nodes, w.index[n.ID()] = append(w.nodes, n), i
		knows := []int{(i + 1) % count} // so that every node can be found
		for range 10 {
			knows = append(knows, rnd.IntN(count))
		}
		w.knows = append(w.knows, knows)
	}
	return w
}

func (w *network) visit(ctx context.Context, n enr.Node) Visit {
	w.most.Store(max(w.most.Load(), w.busy.Add(1)))
	defer w.busy.Add(-1)
	i := w.index[n.ID()]
	w.mu.Lock()
	w.visits[i]++
	w.mu.Unlock()
	timer := time.NewTimer(time.Second)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return Visit{Node: n}
	}
	v := Visit{Node: n}
	if !w.silent[i] {
		v.Answered = true
		for _, other := range w.knows[i] {
			v.Told = append(v.Told, w.nodes[other])
		}
	}
	return v
}

// TestEveryNodeIsVisitedOnce: every node is visited once, however many nodes name it, by the given number of
// workers.
func TestEveryNodeIsVisitedOnce(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		w := newNetwork(t, 500)
		w.silent[100], w.silent[200] = true, true
		var last Progress
		told := 0
		began := time.Now()
		r, err := Run(t.Context(), Config{Start: w.nodes[:1], Visit: w.visit, Workers: 7, Each: func(_ *Visit, p Progress) {
			told++
			last = p
		}})
		if err != nil || r.Known != 500 || r.Visited != 500 || r.Answered != 498 || r.Beyond != 0 || told != 500 || last.Visited != 500 {
			t.Errorf("%+v, told of %d, last %+v", r, told, last)
		}
		for i, n := range w.visits {
			if n != 1 {
				t.Errorf("node %d was visited %d times", i, n)
			}
		}
		if w.most.Load() != 7 || time.Since(began) > 80*time.Second {
			t.Errorf("%d at a time, %v", w.most.Load(), time.Since(began))
		}
	})
}

// TestEndsWithContext: a crawl ends at once with ctx, and returns its results until then.
func TestEndsWithContext(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		w := newNetwork(t, 500)
		ctx, cancel := context.WithTimeout(t.Context(), 5500*time.Millisecond)
		defer cancel()
		began := time.Now()
		r, err := Run(ctx, Config{Start: w.nodes[:1], Visit: w.visit, Workers: 4})
		if err != nil || time.Since(began) != 5500*time.Millisecond || r.Visited == 0 || r.Visited > 25 || r.Known <= r.Visited {
			t.Errorf("%+v after %v", r, time.Since(began))
		}
		synctest.Wait()
		if w.busy.Load() != 0 {
			t.Error("a node is still being visited")
		}
	})
	if r, err := Run(t.Context(), Config{NoDiscovery: true}); err != nil || r.Known != 0 {
		t.Errorf("%+v, %v, with no node to begin with", r, err)
	}
}

// TestLiarsAreBounded: nodes that name new nodes without end fill the crawl to its bound only.
func TestLiarsAreBounded(t *testing.T) {
	m := newMachine([]enr.Node{nodeOf(t, 0)})
	if m.limit != maxNodes {
		t.Fatal(m.limit)
	}
	m.limit = 100 // keys take time
	n, ok := m.next()
	if !ok {
		t.Fatal("no node to visit")
	}
	m.begin()
	v := Visit{Node: n}
	for i := range 150 {
		v.Told = append(v.Told, nodeOf(t, i))
	}
	m.onVisit(&v)
	if len(m.known) != 100 || m.beyond != 50 || len(m.waiting) != 99 || m.done() {
		t.Errorf("%d known, %d beyond, %d wait", len(m.known), m.beyond, len(m.waiting))
	}
}

func TestRelease(t *testing.T) {
	for name, want := range map[string]string{
		"Geth/v1.17.8-stable-0a1b2c3d/linux-amd64/go1.26.1": "Geth v1.17",
		"Geth/my-node/v1.16.0-stable/linux-amd64/go1.25":    "Geth v1.16",
		"reth/v1.9.3-27a8c0f/x86_64-unknown-linux-gnu":      "reth v1.9",
		"Nethermind/v1.32.4+1c4c7c0a/linux-x64/dotnet9.0.8": "Nethermind v1.32",
		"besu/v25.8.0/linux-x86_64/openjdk-java-21":         "besu v25.8",
		"erigon/v3-rc/linux":                                "erigon v3",
		"erigon/v3.1-rc/linux":                              "erigon v3.1",
		"something":                                         "something",
		"x/vortex/y":                                        "x",
		"":                                                  "",
	} {
		if got := Release(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

// TestReport counts nodes by their answers.
func TestReport(t *testing.T) {
	mainnet, _ := params.ByName("mainnet")
	id := mainnet.ForkID(0, mainnet.GenesisTime)
	var b enr.Builder
	b.SetEth(id.Hash, id.Next)
	key, err := ecc.ParsePrivateKey(append(make([]byte, 31), 9))
	if err != nil {
		t.Fatal(err)
	}
	record, err := b.Sign(key, 1)
	if err != nil {
		t.Fatal(err)
	}
	shaken := probe.Times{Dial: 1, RLPx: 1, Hello: 1}
	eth := []p2p.Cap{{Name: "eth", Version: 68}, {Name: "eth", Version: 69}, {Name: "eth", Version: 68}, {Name: "snap", Version: 1}}
	r := newReport()
	for _, v := range []Visit{
		{Node: enr.Node{Key: key.Public(), Record: record}, Answered: true, Probe: &probe.Answer{
			Client: "Geth/v1.17.8/linux", Caps: eth, Took: shaken, Eth: 69,
			Status: &wire.Status{NetworkID: 1, Genesis: mainnet.GenesisHash, ForkID: id},
		}},
		{Answered: true, Probe: &probe.Answer{Client: "Geth/v1.17.2/linux", Took: shaken, Reason: "too many peers"}},
		{Answered: true, Probe: &probe.Answer{Err: errors.New("no route")}},
		{Probe: &probe.Answer{Took: probe.Times{Dial: 1}}},
		{Answered: true},
		{},
	} {
		r.add(&v)
	}
	want := &Report{
		Visited: 6, Answered: 4, Reached: 2,
		Clients:  map[string]int{"Geth v1.17": 2},
		Eth:      map[string]int{"69 68": 1, "no eth": 1},
		Forks:    map[string]int{"fc64ec04/1150000 mainnet genesis": 1, "no record": 5},
		Networks: map[string]int{"1 mainnet": 1},
		Reach: map[string]int{
			"says its Status": 1, "sends us away: too many peers": 1, "answers discovery only": 1, "accepts TCP": 1, "answers discovery": 1, "silent": 1,
		},
	}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := Sorted(map[string]int{"b": 2, "a": 2, "c": 9}); !cmp.Equal(got, []string{"c", "a", "b"}) {
		t.Error(got)
	}
}
