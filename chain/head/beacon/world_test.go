// SPDX-License-Identifier: Apache-2.0

package beacon

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/chain/light"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/beacon"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/memnet"
)

// A world has beacon nodes in memory, and a follower. All is in a bubble.
type world struct {
	t      *testing.T
	cfg    Config
	config beacon.Config
	hosts  map[string]*host

	mu       sync.Mutex // guards what follows, and the listeners of hosts
	heads    []head.Believed
	troubles []event.Trouble

	follower *Follower
	cancel   context.CancelFunc
	ended    chan error
}

// A host is a server that can be stopped and started again.
type host struct {
	node     *beacon.Node
	listener *memnet.Listener
	server   *http.Server
	serving  sync.WaitGroup
}

const (
	slot = 12 * time.Second
	age  = 100 // slots of the chain when the test begins
)

// chainOf returns a chain that is 100 slots old, with 16 slots a period.
func chainOf(seed string) beacon.Config {
	return beacon.Config{
		Seed: seed, Genesis: uint64(time.Now().Unix()) - age*12, SecondsPerSlot: 12, SlotsPerEpoch: 4, EpochsPerPeriod: 4, Size: 8,
		Forks: []beacon.Fork{{Name: "electra", Version: [4]byte{5}}},
	}
}

// factsOf returns what a client must know of a chain.
func factsOf(c beacon.Config) light.Network {
	n := light.Network{
		Name: "test", ValidatorsRoot: beacon.New(c).Validators(), GenesisTime: c.Genesis, SecondsPerSlot: c.SecondsPerSlot,
		Preset: light.Preset{SlotsPerEpoch: c.SlotsPerEpoch, EpochsPerPeriod: c.EpochsPerPeriod, CommitteeSize: c.Size},
	}
	for _, f := range c.Forks {
		n.Forks = append(n.Forks, light.Fork(f))
	}
	return n
}

// inWorld runs a test with nodes of one chain, called a, b, …. The follower has the URLs of all. The
// checkpoint is the block of slot 32.
func inWorld(t *testing.T, names string, test func(w *world)) {
	t.Helper()
	bubble.Test(t, func(t *testing.T) {
		w := &world{t: t, config: chainOf("world"), hosts: map[string]*host{}}
		w.cfg = Config{
			Network: factsOf(w.config), Checkpoint: light.Root(beacon.New(w.config).At(32).Root),
			Record: func(e event.Event) {
				if e, ok := e.(event.Trouble); ok {
					w.mu.Lock()
					defer w.mu.Unlock()
					w.troubles = append(w.troubles, e)
				}
			},
		}
		for _, name := range strings.Split(names, "") {
			w.add(name, w.config)
			w.cfg.URLs = append(w.cfg.URLs, "http://"+name+"/some/path/")
		}
		transport := &http.Transport{DialContext: w.dial, DisableKeepAlives: true}
		w.cfg.Client = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		defer func() {
			w.stop()
			transport.CloseIdleConnections()
			for name := range w.hosts {
				w.down(name)
			}
		}()
		test(w)
	})
}

// add starts a node.
func (w *world) add(name string, c beacon.Config) *beacon.Node {
	chain := beacon.New(c)
	chain.At(32) // so that it is found by its root
	w.hosts[name] = &host{node: &beacon.Node{Chain: chain}}
	w.up(name)
	return w.hosts[name].node
}

func (w *world) up(name string) {
	h := w.hosts[name]
	listener := memnet.Listen()
	h.server = &http.Server{Handler: http.StripPrefix("/some/path", h.node)}
	h.serving.Go(func() { h.server.Serve(listener) })
	w.mu.Lock()
	defer w.mu.Unlock()
	h.listener = listener
}

func (w *world) down(name string) {
	h := w.hosts[name]
	h.server.Close()
	h.serving.Wait()
}

func (w *world) dial(_ context.Context, _, addr string) (net.Conn, error) {
	name, _, _ := net.SplitHostPort(addr)
	w.mu.Lock()
	listener := w.hosts[name].listener
	w.mu.Unlock()
	return listener.Dial(netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 1))
}

// run starts the follower.
func (w *world) run() {
	w.t.Helper()
	f, err := New(w.cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(w.t.Context())
	w.follower, w.cancel, w.ended = f, cancel, make(chan error, 1)
	go func() {
		w.ended <- f.Run(ctx, func(b head.Believed) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.heads = append(w.heads, b)
		})
	}()
	synctest.Wait()
}

// stop ends the follower, if it runs.
func (w *world) stop() {
	if w.cancel != nil {
		w.cancel()
		if err := <-w.ended; err != context.Canceled {
			w.t.Errorf("Run: %v", err)
		}
		w.cancel = nil
	}
}

// wait lets slots pass.
func (w *world) wait(slots int) {
	time.Sleep(time.Duration(slots) * slot) // in a bubble
	synctest.Wait()
}

// now returns the slot of the clock.
func (w *world) now() uint64 {
	return (uint64(time.Now().Unix()) - w.config.Genesis) / w.config.SecondsPerSlot
}

// told returns the heads so far, each checked: they are blocks of the chain, in order, proved, one behind.
func (w *world) told() []head.Believed {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	chain := beacon.New(w.config)
	for i, b := range w.heads {
		if want := chain.At(b.Number); b.Hash != want.Hash || !b.Proved || b.By != event.HeadByLight || b.Lag != 1 || b.At.IsZero() {
			w.t.Fatalf("head %+v", b)
		}
		if f := b.Finalized; f.Number > b.Number || f.Hash != chain.At(f.Number).Hash {
			w.t.Fatalf("finalized %+v", f)
		}
		if i > 0 && (b.Number < w.heads[i-1].Number || b.Finalized.Number < w.heads[i-1].Finalized.Number) {
			w.t.Fatalf("head %d after %d, finalized %d", b.Number, w.heads[i-1].Number, b.Finalized.Number)
		}
	}
	return append([]head.Believed{}, w.heads...)
}

// last returns the number of the last head; 0 = none.
func (w *world) last() uint64 {
	w.t.Helper()
	if h := w.told(); len(h) > 0 {
		return h[len(h)-1].Number
	}
	return 0
}

// said returns the troubles so far, and forgets them.
func (w *world) said() (lines []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.troubles {
		if e.Where != event.TroubleBeacon {
			w.t.Errorf("%+v", e)
		}
		over := ""
		if e.Over {
			over = "over: "
		}
		lines = append(lines, over+e.Err)
	}
	w.troubles = nil
	return lines
}

// current checks that the follower is where the chain is.
func (w *world) current(why string) {
	w.t.Helper()
	if last := w.last(); last+2 < w.now() {
		w.t.Errorf("%s: head %d, and it is slot %d; %v", why, last, w.now(), w.said())
	}
}

// fault makes a node answer in another way.
func (w *world) fault(name string, f func(w http.ResponseWriter, r *http.Request, body []byte) bool) {
	w.hosts[name].node.Change(func(n *beacon.Node) { n.Fault = f })
}

func fail(status int) func(http.ResponseWriter, *http.Request, []byte) bool {
	return func(w http.ResponseWriter, _ *http.Request, _ []byte) bool {
		if w.Header().Get("Content-Type") == "" { // else a stream has begun
			w.WriteHeader(status)
		}
		fmt.Fprint(w, "<html>no</html>")
		return true
	}
}
