// SPDX-License-Identifier: Apache-2.0

// in: nodes of each source · out: one after the other, fairly · owner: who calls next

package discover

import (
	"context"
	"time"

	"github.com/ethpeer/ethpeer/enr"
)

// patience is how long a source keeps its turn without a node. (The baseline's was 5 s,
// which a slow source made everybody pay.)
const patience = 100 * time.Millisecond

// Found is a node and where it comes from.
type Found struct {
	Node   enr.Node
	Source string // SourceStore and so on
}

// The sources.
const (
	SourceStore = "store" // a good peer of an earlier time
	SourceDNS   = "dns"
	SourceV4    = "v4"
	SourceV5    = "v5"
)

// A mix takes from several sources in turn. Whoever fills a feed offers each node to its
// feed and to anybody at once.
type mix struct {
	feeds  []chan Found
	anyone chan Found
	turn   int
}

func newMix(feeds int) *mix {
	m := &mix{feeds: make([]chan Found, feeds), anyone: make(chan Found)}
	for i := range m.feeds {
		m.feeds[i] = make(chan Found)
	}
	return m
}

// offer blocks until somebody takes the node of a feed. It returns false when ctx ends.
func (m *mix) offer(ctx context.Context, feed int, f Found) bool {
	select {
	case m.feeds[feed] <- f:
	case m.anyone <- f:
	case <-ctx.Done():
		return false
	}
	return true
}

// next blocks until there is a node: of the feed whose turn it is if that has one soon,
// else of any. It returns false when ctx or over ends.
func (m *mix) next(ctx context.Context, over <-chan struct{}) (Found, bool) {
	var turn chan Found // nil, with no feeds, gives nothing
	if len(m.feeds) > 0 {
		turn = m.feeds[m.turn]
		m.turn = (m.turn + 1) % len(m.feeds)
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case f := <-turn:
		return f, true
	case <-timer.C:
	case <-ctx.Done():
		return Found{}, false
	case <-over:
		return Found{}, false
	}
	select {
	case f := <-turn:
		return f, true
	case f := <-m.anyone:
		return f, true
	case <-ctx.Done():
	case <-over:
	}
	return Found{}, false
}
