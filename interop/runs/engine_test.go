// SPDX-License-Identifier: Apache-2.0

//go:build interop && soak

package runs

import (
	"context"
	"encoding/hex"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/chain/head/sources"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/interop/network"
	"github.com/ethpeer/ethpeer/rpc/engine"
	"github.com/ethpeer/ethpeer/types"
)

const (
	engineSlot   = 3 * time.Second
	engineLate   = time.Minute // how much later than the consensus client ethpeer starts
	engineFirst  = time.Minute // until the consensus client has called
	engineSlots  = 30
	engineBehind = 2 // blocks
)

// TestSoakEngine: a real consensus client without validators has ethpeer as its execution client, and geth as the source of its
// blocks. ethpeer starts a minute late; the consensus client comes back to it, syncs through it, and then names a head in each slot:
// geth's block of that number. Each payload is a whole block with geth's header. A secret that is wrong keeps the client out.
func TestSoakEngine(t *testing.T) {
	port := freePort(t)
	n := network.Start(t, network.Config{
		Script: "start-beacon.sh", Client: "v1.16.9", Nodes: 1, Period: strconv.Itoa(int(engineSlot / time.Second)), TPS: 2, ChainID: 11523, Ready: 1,
		Env: []string{"LOG=warn", "DELAY=90", "FOLLOW=http://127.0.0.1:" + port},
	})
	text, err := os.ReadFile(filepath.Join(n.Dir, "jwt"))
	if err != nil {
		t.Fatal(err)
	}
	secret, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(engineLate)

	wrong := make([]byte, len(secret))
	d := drive(t, port, wrong)
	d.until("a refusal", engineFirst, func() bool { return d.troubles[event.TroubleToken] == 1 })
	d.stop()
	if len(d.heads) > 0 || len(d.blocks) > 0 {
		t.Errorf("with another secret: %d heads, %d blocks", len(d.heads), len(d.blocks))
	}

	d = drive(t, port, secret)
	d.until("a head", engineFirst, func() bool { return len(d.heads) > 0 })
	node := n.Nodes[0]
	d.until("the client's sync", 2*time.Minute, func() bool { return d.behind(node) <= engineBehind })
	synced, late := d.named(), 0
	for range engineSlots {
		time.Sleep(engineSlot)
		d.mu.Lock()
		if d.behind(node) > engineBehind {
			late++
		}
		d.mu.Unlock()
	}
	d.stop()
	if late > 2 {
		t.Errorf("in %d of %d slots the head was more than %d blocks behind geth's", late, engineSlots, engineBehind)
	}
	if named := len(d.heads) - synced; named < engineSlots*8/10 {
		t.Errorf("%d heads in %d slots", named, engineSlots)
	}
	d.compare(node)
	if d.troubles[event.TroubleProposer] != 0 || d.troubles[event.TroublePayload] != 0 || d.lost != 0 {
		t.Errorf("troubles %v, %d blocks lost", d.troubles, d.lost)
	}
	t.Logf("FIGURES engine: %d heads, %d in the sync before; %d whole blocks; late in %d of %d slots", len(d.heads), synced, len(d.blocks), late, engineSlots)
}

// freePort returns a port that no one listens at.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// A driven is an engine port, and what its consensus client did.
type driven struct {
	t    *testing.T
	stop func()

	mu       sync.Mutex // guards what follows
	heads    []head.Selected
	blocks   map[types.Hash]uint64
	troubles map[string]int
	lost     uint64
}

// drive listens for a consensus client.
func drive(t *testing.T, port string, secret []byte) *driven {
	t.Helper()
	d := &driven{t: t, blocks: map[types.Hash]uint64{}, troubles: map[string]int{}}
	s, err := engine.New(engine.Config{Listen: "127.0.0.1:" + port, Secret: secret, ChainID: 11523, NetworkID: 11523, Record: d.record})
	if err != nil {
		t.Fatal(err)
	}
	s.Attach(engine.Backend{AddBlock: d.addBlock})
	all := sources.New(sources.Config{
		Policy:  head.Policy{Slot: engineSlot, Sources: []string{event.HeadByEngine}, Record: d.record},
		Sources: []sources.Source{s},
		Changed: func(h head.Selected) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.heads = append(d.heads, h)
		},
	})
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := all.Run(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("the sources ended: %v", err)
		}
	})
	d.stop = sync.OnceFunc(func() { cancel(); running.Wait() })
	t.Cleanup(d.stop)
	return d
}

func (d *driven) record(e event.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch e := e.(type) {
	case event.Trouble:
		d.t.Logf("%s: %s (over %v)", e.Where, e.Err, e.Over)
		if !e.Over {
			d.troubles[e.Where]++
		}
	case event.Loss:
		d.lost += e.Count
	}
}

// addBlock checks that a payload's body belongs to its header.
func (d *driven) addBlock(header, body, _ []byte) error {
	h, err := types.DecodeHeader(header)
	if err != nil {
		return err
	}
	b, err := types.DecodeBody(body)
	if err != nil {
		return err
	}
	if !b.Matches(&h) {
		return errors.New("the body is another block's")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.blocks[h.Hash()] = h.Number
	return nil
}

func (d *driven) until(what string, limit time.Duration, ok func() bool) {
	d.t.Helper()
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		d.mu.Lock()
		done := ok()
		d.mu.Unlock()
		if done {
			return
		}
	}
	d.t.Fatalf("waited %v for %s", limit, what)
}

func (d *driven) named() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.heads)
}

// behind returns how many blocks the head is behind geth's. The caller holds the mutex.
func (d *driven) behind(n *network.Node) uint64 {
	latest, err := n.Latest(d.t.Context())
	if err != nil || len(d.heads) == 0 {
		return 1 << 62
	}
	at := d.heads[len(d.heads)-1].Number
	return max(latest.Number, at) - at
}

// compare checks that each head and each block is geth's of that number.
func (d *driven) compare(n *network.Node) {
	hashes := map[uint64]string{}
	check := func(number uint64, hash types.Hash, what string) {
		want, ok := hashes[number]
		if !ok {
			b, err := n.BlockAt(d.t.Context(), number)
			if err != nil {
				d.t.Fatal(err)
			}
			want, hashes[number] = b.Hash, b.Hash
		}
		if hash.String() != want {
			d.t.Errorf("%s %d is %v, geth's is %s", what, number, hash, want)
		}
	}
	for _, h := range d.heads {
		if h.By != event.HeadByEngine || h.Proved {
			d.t.Errorf("head %d by %s, proved %v", h.Number, h.By, h.Proved)
		}
		if h.Numbered() {
			check(h.Number, h.Hash, "head")
		}
	}
	for hash, number := range d.blocks {
		check(number, hash, "block")
	}
}
