// SPDX-License-Identifier: Apache-2.0

package discover

import (
	"context"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/nodedb"
)

const (
	goodAtOnce = 64              // nodes read from the store at a time
	goodAgain  = 5 * time.Second // between two reads
)

// good is the source of the store: it returns the best nodes first, and starts again after
// goodAgain, in case all peers were lost. Owner: the goroutine that pulls from it.
type good struct {
	db   *nodedb.DB
	left []enr.Node
	next time.Time // earliest next read
}

// Next blocks until it has a node, and returns false when ctx has ended.
func (g *good) Next(ctx context.Context) (enr.Node, bool) {
	for len(g.left) == 0 {
		now := time.Now()
		if wait := g.next.Sub(now); wait > 0 {
			if !pause(ctx, wait) {
				return enr.Node{}, false
			}
			continue
		}
		g.left, g.next = g.db.Good(now, goodAtOnce), now.Add(goodAgain)
	}
	n := g.left[0]
	g.left = g.left[1:]
	return n, ctx.Err() == nil
}

// pause waits for d. It returns false if ctx ends earlier.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
