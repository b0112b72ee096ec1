// SPDX-License-Identifier: Apache-2.0

// in: nodes to ask · out: what they answer · goroutines: the finder's

package main

import (
	"context"
	"crypto/rand"
	"net/netip"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/discover"
	"github.com/ethpeer/ethpeer/discover/self"
	"github.com/ethpeer/ethpeer/ecc"
)

// An asker asks single nodes, in both versions of discovery. It tells others nothing of
// itself but that it is there.
type asker struct {
	key    *ecc.PrivateKey
	finder *discover.Finder
	stop   context.CancelFunc
	ended  chan error

	mu   sync.Mutex // guards what follows
	seen map[netip.Addr]netip.AddrPort
}

// newAsker listens at an address and runs until close.
func newAsker(key *ecc.PrivateKey, listen string, restrict []netip.Prefix) (*asker, error) {
	if key == nil {
		var err error
		if key, err = ecc.NewPrivateKey(rand.Reader); err != nil {
			return nil, failure{err}
		}
	}
	a := &asker{key: key, ended: make(chan error, 1), seen: map[netip.Addr]netip.AddrPort{}}
	var err error
	if a.finder, err = discover.New(discover.Config{
		Key: key, Self: self.New(self.Config{Key: key, Start: time.Now()}), Listen: listen, V4: true, V5: true,
		Restrict: restrict, Stated: a.stated,
	}); err != nil {
		return nil, failure{err}
	}
	if err := a.finder.Open(); err != nil {
		return nil, nodeError(err, listen, "--port")
	}
	ctx, stop := context.WithCancel(context.Background())
	a.stop = stop
	go func() { a.ended <- a.finder.Run(ctx) }()
	return a, nil
}

func (a *asker) close() error {
	a.stop()
	return <-a.ended
}

// maxSeen bounds the nodes whose word about us is kept.
const maxSeen = 1024

func (a *asker) stated(_ time.Time, by netip.Addr, seen netip.AddrPort) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.seen) < maxSeen {
		a.seen[by] = seen
	}
}

// seenAt returns where a host said that it sees us.
func (a *asker) seenAt(by netip.Addr) (netip.AddrPort, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	at, ok := a.seen[by]
	return at, ok
}
