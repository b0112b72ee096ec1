// SPDX-License-Identifier: Apache-2.0

package beacon

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ethpeer/ethpeer/chain/light"
	"github.com/ethpeer/ethpeer/event"
)

// MaxURLs is how many beacon nodes a Follower may have.
const MaxURLs = 8

// MaxCheckpointAge is how old a checkpoint, or the state of an earlier run, may be. Validators that have left since then
// lose nothing by signing another history (consensus-specs/specs/phase0/weak-subjectivity.md).
const MaxCheckpointAge = 14 * 24 * time.Hour

// Config says which beacon chain to follow, and through which nodes.
type Config struct {
	// URLs are the REST APIs of beacon nodes, http:// or https://, at most MaxURLs. A path before /eth/ is kept. More than one is
	// for availability: none of them is trusted.
	URLs []string
	// Network has the facts of the chain. If it has no Forks, the nodes are asked for them: package light says when that is safe.
	Network light.Network
	// Checkpoint is the root of a beacon block that the operator trusts. Zero: Store has the state of an earlier run.
	Checkpoint light.Root
	AnyAge     bool             // accept a checkpoint, or a state, that is older than MaxCheckpointAge
	Store      Store            // keeps committees, so that a restart needs no checkpoint; nil = nothing is kept
	Client     *http.Client     // nil = one that follows no redirects
	Record     event.Recorder   // takes a Trouble when no head is proved, a node is dropped, or that ends, and Losses; nil = none
	Now        func() time.Time // nil = time.Now
}

// A Follower follows a beacon chain through beacon nodes. It is a head.Source.
type Follower struct {
	machine *machine
	client  *http.Client
	now     func() time.Time
	status  atomic.Pointer[Status]
}

// A Status is what a Follower knows, at one moment.
type Status struct {
	Network   string
	Node      string // the beacon node in use: scheme and host
	Head      light.Head
	Finalized light.Head
	Period    uint64 // the last sync committee period whose committee is known
	Behind    uint64 // slots from Head to the clock; 1 or 2 is usual
	Stale     bool   // no head for too long, as told by a Trouble
	Dropped   int    // nodes that gave a provably bad answer
	Bad       uint64 // provably bad answers so far
}

// New checks the configuration and reads the state of an earlier run from cfg.Store. Nothing is asked before Run. All that is wrong is
// said at once.
func New(cfg Config) (*Follower, error) {
	nodes, err := nodesOf(cfg.URLs)
	errs := []error{err}
	if len(cfg.Network.Forks) > 0 {
		errs = append(errs, cfg.Network.Check())
	}
	var stored []byte
	if cfg.Store != nil {
		if stored, err = cfg.Store.Load(); err != nil {
			errs = append(errs, fmt.Errorf("beacon: state of an earlier run: %w", err))
		}
	}
	if cfg.Checkpoint.IsZero() && len(stored) == 0 {
		errs = append(errs, ErrNoCheckpoint)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	f := &Follower{machine: newMachine(cfg, nodes, stored), client: cfg.Client, now: cfg.Now}
	if f.client == nil {
		f.client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	if f.now == nil {
		f.now = time.Now
	}
	f.status.Store(&Status{Network: cfg.Network.Name})
	return f, nil
}

// Status returns a snapshot. Any goroutine may call it.
func (f *Follower) Status() Status { return *f.status.Load() }

// howToGetRoot says where a checkpoint comes from.
const howToGetRoot = "take the root of a finalized block from two sources that have nothing to do with each other, and compare: " +
	"`curl -s http://BEACON/eth/v1/beacon/headers/finalized` (data.root) at a beacon node of yours or of a friend, and the page of a checkpoint provider " +
	"(https://eth-clients.github.io/checkpoint-sync-endpoints)"

// ErrNoCheckpoint is the error of New without a checkpoint and without the state of an earlier run.
var ErrNoCheckpoint = errors.New("beacon: the light client needs --checkpoint ROOT, because nothing else says which chain is right: " + howToGetRoot)

// A TooOldError is the error of Run for a checkpoint that is older than MaxCheckpointAge.
type TooOldError struct {
	Slot   uint64
	Age    time.Duration
	Stored bool // it is the state of an earlier run
}

// Error says how old it is and what to do.
func (e *TooOldError) Error() string {
	what := "the checkpoint"
	if e.Stored {
		what = "the state of the last run"
	}
	return fmt.Sprintf("beacon: %s is of slot %d, %.1f days ago, more than %.0f: validators that left since then could have signed another history at no cost; %s; or say --checkpoint-any-age if you are sure",
		what, e.Slot, e.Age.Hours()/24, MaxCheckpointAge.Hours()/24, howToGetRoot)
}

// nodesOf parses the URLs.
func nodesOf(urls []string) (nodes []node, err error) {
	var errs []error
	if len(urls) == 0 {
		errs = append(errs, errors.New("beacon: no beacon node: name one with --beacon URL"))
	}
	if len(urls) > MaxURLs {
		errs = append(errs, fmt.Errorf("beacon: %d beacon nodes, more than %d", len(urls), MaxURLs))
	}
	for _, text := range urls {
		u, err := url.Parse(text)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
			errs = append(errs, fmt.Errorf("beacon: %.60q is not the http:// or https:// URL of a beacon node", text))
			continue
		}
		nodes = append(nodes, node{base: strings.TrimSuffix(u.String(), "/"), name: u.Scheme + "://" + u.Host})
	}
	return nodes, errors.Join(errs...)
}
