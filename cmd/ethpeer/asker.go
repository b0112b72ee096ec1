// SPDX-License-Identifier: Apache-2.0

// in: nodes to ask · out: their answers · goroutines: the host's

package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"math"
	"net/netip"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/discover"
	"github.com/ethpeer/ethpeer/ecc"
)

// An asker sends pings in both versions of discovery. Its record contains only its key.
type asker struct {
	key   *ecc.PrivateKey
	host  *discover.Host
	stop  context.CancelFunc
	ended chan error

	mu   sync.Mutex // guards what follows
	seen map[netip.Addr]netip.AddrPort
	off  map[netip.Addr]time.Duration // how far our clock is ahead of a host's
}

// newAsker listens at an address and runs until close.
func newAsker(key *ecc.PrivateKey, listen string) (*asker, error) {
	if key == nil {
		var err error
		if key, err = ecc.NewPrivateKey(rand.Reader); err != nil {
			return nil, failure{err}
		}
	}
	a := &asker{key: key, ended: make(chan error, 1), seen: map[netip.Addr]netip.AddrPort{}, off: map[netip.Addr]time.Duration{}}
	var err error
	if a.host, err = discover.NewHost(discover.HostConfig{
		Config: discover.Config{Key: key, Listen: listen, V4: true, V5: true, Stated: a.stated, Clock: a.clock},
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

// maxSeen bounds the hosts of which the asker keeps our address as the host states it in a Pong, and their
// clock (devp2p/discv4.md#pong-packet-0x02, devp2p/discv5/discv5-wire.md#pong-response-0x02). Later hosts are
// not kept.
const maxSeen = 1024

func (a *asker) stated(_ time.Time, by netip.Addr, seen netip.AddrPort) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.seen) < maxSeen {
		a.seen[by] = seen
	}
}

// seenAt returns our address as a host stated it.
func (a *asker) seenAt(by netip.Addr) (netip.AddrPort, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	at, ok := a.seen[by]
	return at, ok
}

func (a *asker) clock(_ time.Time, by netip.Addr, ahead time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.off) < maxSeen {
		a.off[by] = ahead
	}
}

// clockOf returns how far our clock is ahead of a host's, if one of the two is wrong.
func (a *asker) clockOf(host netip.Addr) (clockGap, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	ahead, ok := a.off[host]
	return clockGap{Ahead: ahead.Seconds()}, ok
}

// A clockGap is the difference between our clock and a node's.
type clockGap struct {
	Ahead float64 `json:"ahead"` // in seconds; negative = ours is behind
}

func (g clockGap) String() string {
	than := "ahead of"
	if g.Ahead < 0 {
		than = "behind"
	}
	by := time.Duration(math.Abs(g.Ahead) * float64(time.Second)).Round(time.Second)
	return fmt.Sprintf("our clock is about %v %s the node's, so answers of discovery v4 expire on the way: set ours if it is wrong (timedatectl set-ntp true), else the node's is", by, than)
}
