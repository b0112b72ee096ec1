// SPDX-License-Identifier: Apache-2.0

// in: nodes to ask · out: what they answer · goroutines: the host's

package main

import (
	"context"
	"crypto/rand"
	"net/netip"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/discover"
	"github.com/ethpeer/ethpeer/ecc"
)

// An asker asks single nodes, in both versions of discovery. Its record says nothing but its
// key.
type asker struct {
	key   *ecc.PrivateKey
	host  *discover.Host
	stop  context.CancelFunc
	ended chan error

	mu   sync.Mutex // guards what follows
	seen map[netip.Addr]netip.AddrPort
}

// newAsker listens at an address and runs until close.
func newAsker(key *ecc.PrivateKey, listen string) (*asker, error) {
	if key == nil {
		var err error
		if key, err = ecc.NewPrivateKey(rand.Reader); err != nil {
			return nil, failure{err}
		}
	}
	a := &asker{key: key, ended: make(chan error, 1), seen: map[netip.Addr]netip.AddrPort{}}
	var err error
	if a.host, err = discover.NewHost(discover.HostConfig{
		Config: discover.Config{Key: key, Listen: listen, V4: true, V5: true, Stated: a.stated},
	}); err != nil {
		return nil, failure{err}
	}
	if err := a.host.Open(); err != nil {
		return nil, nodeError(err, listen, "--port")
	}
	ctx, stop := context.WithCancel(context.Background())
	a.stop = stop
	go func() { a.ended <- a.host.Run(ctx) }()
	return a, nil
}

func (a *asker) close() error {
	a.stop()
	return <-a.ended
}

// maxSeen bounds how many hosts' statements about our address are kept; further ones are dropped.
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
