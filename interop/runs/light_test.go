// SPDX-License-Identifier: Apache-2.0

//go:build interop && soak

package runs

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/bits"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/chain/head/beacon"
	"github.com/ethpeer/ethpeer/chain/light"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/interop/network"
)

const (
	beaconSlot    = 2 * time.Second
	beaconPeriod  = 64  // slots, in the minimal preset
	beaconSlots   = 136 // how long the run is: two periods end in it
	beaconVotes   = 22  // of 32: two thirds
	lightPath     = "/eth/v1/beacon/light_client/"
	stopSlots     = 6 // how long the beacon node is stopped: less than an epoch, or it would wait for peers
	withinSlots   = 2
	flippedRuns   = 8
	flippedTime   = 20 * time.Second
	sampleEvery   = 500 * time.Millisecond
	recoverLimit  = 60 * time.Second
	firstHeadTime = 30 * time.Second
)

// TestSoakLight follows a real beacon node through two sync committee periods: each proved head is geth's block, and at most two
// slots behind the newest one that two thirds have signed. A proxy that flips a digit of each answer never moves the head. While
// the beacon node is stopped there is one trouble, and one end of it after. A restart needs no checkpoint.
func TestSoakLight(t *testing.T) {
	n := network.Start(t, network.Config{
		Script: "start-beacon.sh", Client: "v1.16.9", Nodes: 1, Period: "2", TPS: 1, ChainID: 11523, Ready: 9, Env: []string{"LOG=warn", "DELAY=100"}, // a busy machine starts it in 90 s,
	})
	b := &realBeacon{t: t, url: n.Beacon()}
	root := b.root(8)
	store := beacon.File(filepath.Join(t.TempDir(), "light"))
	direct := follow(t, beacon.Config{URLs: []string{b.url}, Checkpoint: root, Store: store})
	flips := newFlipper(t, b.url)
	flipped := follow(t, beacon.Config{URLs: []string{flips.url}, Checkpoint: root})
	direct.waitHead(firstHeadTime)
	flipped.waitHead(firstHeadTime)
	flips.on.Store(true)
	time.Sleep(100 * time.Millisecond)
	before := flipped.last()

	late, lags := b.watch(n.Nodes[0], direct, beaconSlots)
	if late > 0 {
		t.Errorf("%d samples in which the head was more than two slots behind what two thirds had signed", late)
	}
	if first, last := direct.all()[0], direct.last(); last.Number < first.Number+2*beaconPeriod*3/4 {
		t.Errorf("heads from %d to %d only", first.Number, last.Number)
	}
	if after := flipped.last(); after.Ref != before.Ref {
		t.Errorf("the proxy's flips moved the head from %d to %d", before.Number, after.Number)
	}
	if s := flipped.follower.Status(); s.Bad == 0 || flips.count.Load() == 0 {
		t.Errorf("%d flips, %+v", flips.count.Load(), s)
	}
	for _, f := range []*followed{direct, flipped} {
		f.check(n.Nodes[0])
	}
	status := direct.follower.Status()
	t.Logf("FIGURES light: %d heads, period %d, finalized %d, %d of 32 votes at least; lag behind geth in blocks: median %d, most %d; %d answers flipped, refused %d",
		len(direct.all()), status.Period, status.Finalized.Slot, b.fewest, lags[len(lags)/2], lags[len(lags)-1], flips.count.Load(), flipped.follower.Status().Bad)

	b.flips(n.Nodes[0], flips, store)

	direct.said()
	b.stopped(n, direct)
	direct.stop()
	again := follow(t, beacon.Config{URLs: []string{b.url}, Store: store})
	again.waitHead(recoverLimit)
	again.check(n.Nodes[0])
	if again.all()[0].Number < direct.last().Number {
		t.Errorf("head %d after a restart, %d before", again.all()[0].Number, direct.last().Number)
	}
}

// A realBeacon is the beacon node's REST API.
type realBeacon struct {
	t      *testing.T
	url    string
	fewest int // votes seen
}

func (b *realBeacon) get(path string, to any) error {
	res, err := http.Get(b.url + path)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, res.Status)
	}
	return json.NewDecoder(res.Body).Decode(to)
}

// root returns the root of the block of a slot, or of the next one that has a block.
func (b *realBeacon) root(slot int) light.Root {
	b.t.Helper()
	for s := slot; s < slot+8; s++ {
		var h struct{ Data struct{ Root light.Root } }
		if err := b.get("/eth/v1/beacon/headers/"+strconv.Itoa(s), &h); err == nil {
			return h.Data.Root
		}
	}
	b.t.Fatalf("the beacon node has no block from slot %d on", slot)
	return light.Root{}
}

// newest returns the execution block that the beacon node's newest optimistic update is of, and how many signed it.
func (b *realBeacon) newest() (number uint64, votes int, err error) {
	var u struct {
		Data struct {
			Header struct {
				Execution struct {
					Number string `json:"block_number"`
				}
			} `json:"attested_header"`
			Aggregate struct {
				Bits string `json:"sync_committee_bits"`
			} `json:"sync_aggregate"`
		}
	}
	if err := b.get(lightPath+"optimistic_update", &u); err != nil {
		return 0, 0, err
	}
	set, err := strconv.ParseUint(u.Data.Aggregate.Bits, 0, 64)
	if err != nil {
		return 0, 0, err
	}
	number, err = strconv.ParseUint(u.Data.Header.Execution.Number, 10, 64)
	return number, bits.OnesCount64(set), err
}

// watch samples a follower for some slots. late counts the samples in which its head was older than the newest one that enough had
// signed two slots before; lags are the blocks that it was behind geth, sorted.
func (b *realBeacon) watch(geth *network.Node, f *followed, slots int) (late int, lags []int) {
	b.t.Helper()
	type sample struct {
		at     time.Time
		number uint64
	}
	var signed []sample
	b.fewest = 32
	for end := time.Now().Add(time.Duration(slots) * beaconSlot); time.Now().Before(end); time.Sleep(sampleEvery) {
		number, votes, err := b.newest()
		if err != nil {
			b.t.Logf("beacon node: %v", err)
			continue
		}
		if b.fewest = min(b.fewest, votes); votes >= beaconVotes {
			signed = append(signed, sample{time.Now(), number})
		}
		latest, err := geth.Latest(b.t.Context())
		if err != nil {
			b.t.Fatal(err)
		}
		ours := f.last().Number
		lags = append(lags, int(latest.Number)-int(ours))
		for i := len(signed) - 1; i >= 0; i-- {
			if time.Since(signed[i].at) > withinSlots*beaconSlot {
				if ours < signed[i].number {
					late++
				}
				break
			}
		}
	}
	slices.Sort(lags)
	return late, lags
}

// flips has followers go on from a state through the flipping proxy: none makes a head of what is not geth's.
func (b *realBeacon) flips(geth *network.Node, proxy *flipper, store beacon.Store) {
	b.t.Helper()
	state, err := store.Load()
	if err != nil {
		b.t.Fatal(err)
	}
	var all []*followed
	for range flippedRuns {
		all = append(all, follow(b.t, beacon.Config{URLs: []string{proxy.url}, Store: held(state)}))
	}
	before := proxy.count.Load()
	time.Sleep(flippedTime)
	heads := 0
	for _, f := range all {
		f.check(geth)
		heads += len(f.all())
	}
	b.t.Logf("FIGURES light, a digit of each answer flipped: %d flips, %d heads", proxy.count.Load()-before, heads)
	if proxy.count.Load()-before < flippedRuns || heads > 0 {
		b.t.Errorf("%d flips, %d heads", proxy.count.Load()-before, heads)
	}
}

// held is a store that keeps nothing and has a state.
type held []byte

func (h held) Load() ([]byte, error) { return h, nil }
func (h held) Save([]byte) error     { return nil }

// stopped stops the beacon node's process for some slots.
func (b *realBeacon) stopped(n *network.Network, f *followed) {
	b.t.Helper()
	text, err := os.ReadFile(filepath.Join(n.Dir, "pids"))
	if err != nil {
		b.t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.Fields(string(text))[1]) // geth, beacon node, transactions
	if err != nil {
		b.t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		b.t.Fatal(err)
	}
	time.Sleep(stopSlots * beaconSlot)
	stale := f.follower.Status().Stale
	head := f.last()
	if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
		b.t.Fatal(err)
	}
	if !stale {
		b.t.Error("the beacon node is stopped, and the head is not stale")
	}
	end := time.Now().Add(recoverLimit)
	for f.follower.Status().Stale || f.last().Number <= head.Number {
		if time.Now().After(end) {
			b.t.Fatalf("no recovery: %q", f.said())
		}
		time.Sleep(sampleEvery)
	}
	said := f.said()
	b.t.Logf("FIGURES light, beacon node stopped for %d slots: %q", stopSlots, said)
	if len(said) < 2 || !strings.Contains(said[0], "no head is proved for") || !strings.HasPrefix(said[len(said)-1], "over: ") {
		b.t.Errorf("%q", said)
	}
}

// A followed is a running follower and what it told.
type followed struct {
	t        *testing.T
	follower *beacon.Follower
	cancel   context.CancelFunc
	ended    chan error
	once     sync.Once // of stop

	mu       sync.Mutex
	heads    []head.Believed
	troubles []string
}

func follow(t *testing.T, c beacon.Config) *followed {
	t.Helper()
	f := &followed{t: t, ended: make(chan error, 1)}
	c.Record = func(e event.Event) {
		if e, ok := e.(event.Trouble); ok {
			f.mu.Lock()
			defer f.mu.Unlock()
			text := e.Err
			if e.Over {
				text = "over: " + text
			}
			f.troubles = append(f.troubles, text)
		}
	}
	var err error
	if f.follower, err = beacon.New(c); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	f.cancel = cancel
	go func() {
		f.ended <- f.follower.Run(ctx, func(b head.Believed) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.heads = append(f.heads, b)
		})
	}()
	t.Cleanup(f.stop)
	return f
}

func (f *followed) stop() {
	f.once.Do(func() {
		f.cancel()
		if err := <-f.ended; err != context.Canceled {
			f.t.Errorf("the follower ended: %v", err)
		}
	})
}

func (f *followed) all() []head.Believed {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.heads)
}

func (f *followed) last() head.Believed {
	all := f.all()
	if len(all) == 0 {
		return head.Believed{}
	}
	return all[len(all)-1]
}

func (f *followed) said() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	said := f.troubles
	f.troubles = nil
	return said
}

func (f *followed) waitHead(limit time.Duration) {
	f.t.Helper()
	for end := time.Now().Add(limit); len(f.all()) == 0; time.Sleep(sampleEvery) {
		if time.Now().After(end) {
			f.t.Fatalf("no head within %v: %+v, %q", limit, f.follower.Status(), f.said())
		}
	}
}

// check compares each head with geth's block of that number.
func (f *followed) check(geth *network.Node) {
	f.t.Helper()
	for _, h := range f.all() {
		block, err := geth.BlockAt(f.t.Context(), h.Number)
		if err != nil {
			f.t.Fatal(err)
		}
		if block.Hash != h.Hash.String() || !h.Proved || h.By != event.HeadByLight || h.Lag != 1 {
			f.t.Errorf("head %+v, and geth has %s", h, block.Hash)
		}
	}
}

// A flipper is a proxy of a beacon node that changes one hexadecimal digit of each proof while it is on.
type flipper struct {
	url   string
	on    atomic.Bool
	count atomic.Int64
}

func newFlipper(t *testing.T, to string) *flipper {
	t.Helper()
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	f := &flipper{}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.FlushInterval = -1
	proxy.ModifyResponse = func(r *http.Response) error {
		if !strings.HasPrefix(r.Request.URL.Path, lightPath) || r.StatusCode != http.StatusOK {
			return nil
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		if f.on.Load() {
			f.flip(body)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		r.ContentLength = int64(len(body))
		r.Header.Set("Content-Length", strconv.Itoa(len(body)))
		return nil
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/eth/v1/events" {
			w.WriteHeader(http.StatusNotFound) // so that all goes through the flips
			return
		}
		r.Header.Del("Accept-Encoding") // a digit of the text is changed, not one of its compressed form
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	f.url = s.URL
	return f
}

// flip changes a random digit of a random root, key or signature.
func (f *flipper) flip(body []byte) {
	var places []int
	for i := range body {
		if body[i] == 'x' && i > 0 && body[i-1] == '0' && i+8 < len(body) {
			places = append(places, i)
		}
	}
	if len(places) == 0 {
		return
	}
	at := places[rand.IntN(len(places))] + 1 + rand.IntN(8)
	if digits := "0123456789abcdef"; strings.IndexByte(digits, body[at]) >= 0 {
		body[at] = digits[(strings.IndexByte(digits, body[at])+1)%16]
		f.count.Add(1)
	}
}
