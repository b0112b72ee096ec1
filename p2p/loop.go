// SPDX-License-Identifier: Apache-2.0

// in: steps of the reader, time, the end · out: pings, ticks · owner, which starts all goroutines

package p2p

import (
	"context"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/event"
)

// Timing of a connection, as in other clients; devp2p/rlpx.md#ping-0x02 gives no times.
const (
	pingInterval = 15 * time.Second
	readTimeout  = 30 * time.Second // to receive one message; pings keep an idle peer alive
	writeTimeout = 20 * time.Second // for one Flush
	goodbyeTime  = time.Second      // to send a Disconnect
	corkBytes    = 64 << 10         // the writer gathers messages up to this size into one write
)

// Run runs the peer until it ends, and returns the cause. It opens the protocols, is the owner, and joins
// reader and writer. When ctx ends, Run sends "client quitting" (devp2p/rlpx.md#disconnect-0x01).
func (p *Peer) Run(ctx context.Context) error {
	quit := func() { p.end(&LocalClose{Reason: ReasonQuitting}) }
	detach := context.AfterFunc(ctx, quit)
	defer detach()
	if ctx.Err() != nil {
		quit() // before the reader finds the connection closed
	}

	if err := p.open(); err != nil {
		p.end(err)
	} else if p.needsNoMore() {
		p.Up(event.StageHello, 0)
	}
	var wg, workers sync.WaitGroup
	defer workers.Wait()
	for _, r := range p.opened {
		if w, ok := r.handler.(worker); ok {
			workers.Go(func() { w.work(p.ended) })
		}
	}
	wg.Go(p.read)
	wg.Go(p.write)
	p.own()
	p.t.ExpireWrites(time.Now().Add(goodbyeTime))
	wg.Wait()

	cause := p.Cause()
	for i := len(p.opened) - 1; i >= 0; i-- {
		p.opened[i].handler.Close(cause)
	}
	return cause
}

// A worker is a handler with a goroutine of its own. That goroutine ends when ctx does.
type worker interface{ work(ctx context.Context) }

// needsNoMore reports whether all protocols are run functions: these have no handshake whose success they
// report by Up.
func (p *Peer) needsNoMore() bool {
	for _, r := range p.opened {
		if _, ok := r.handler.(worker); !ok {
			return false
		}
	}
	return true
}

func (p *Peer) open() error {
	for _, m := range p.matches {
		h, err := m.protocol.Open(p, m.version)
		if err != nil {
			return err
		}
		p.opened = append(p.opened, &running{match: m, handler: h})
	}
	return nil
}

// own is the owner's loop. It has one timer.
func (p *Peer) own() {
	ping := time.Now().Add(pingInterval)
	timer := time.NewTimer(0) // the first round asks each handler when it wants to be called
	defer timer.Stop()
	for {
		select {
		case <-p.ended.Done():
			return
		case step := <-p.steps:
			err := step.Run(time.Now())
			if err != nil {
				p.end(err) // before the reader continues
			}
			p.stepped <- struct{}{}
			if err != nil {
				continue
			}
		case <-p.reschedule:
		case <-timer.C:
		}
		now := time.Now()
		if !now.Before(ping) {
			ping = now.Add(pingInterval)
			p.pings.Store(1)
			p.Wake()
		}
		next, err := p.tick(now)
		if err != nil {
			p.end(err)
			continue
		}
		if next.IsZero() || ping.Before(next) {
			next = ping
		}
		timer.Reset(max(0, next.Sub(now)))
	}
}

// tick calls the handlers. It returns the earliest time at which one wants to be called again.
func (p *Peer) tick(now time.Time) (earliest time.Time, err error) {
	for _, r := range p.opened {
		if r.next, err = r.handler.Tick(now); err != nil {
			return time.Time{}, err
		}
		if !r.next.IsZero() && (earliest.IsZero() || r.next.Before(earliest)) {
			earliest = r.next
		}
	}
	return earliest, nil
}
