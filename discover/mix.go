// SPDX-License-Identifier: Apache-2.0

// in: nodes of each source · out: one node per call, the sources in turn · owner: the caller of next

package discover

import (
	"context"
	"time"

	"github.com/ethpeer/ethpeer/enr"
)

// patience is how long a source keeps its turn without a node. (The baseline's was 5 s:
// one slow source delayed all others.)
const patience = 100 * time.Millisecond

// Found is a node and its source.
type Found struct {
	Node   enr.Node
	Source string // SourceStore, SourceDNS, SourceV4 or SourceV5
}

// The sources.
const (
	SourceStore = "store" // an earlier good peer
	SourceDNS   = "dns"
	SourceV4    = "v4"
	SourceV5    = "v5"
)

// A mix takes nodes from several sources in turn. Each source offers its node on the channel of its
// feed and on the shared channel anyone at the same time.
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

// offer blocks until next takes the node of a feed. It returns false when ctx ends.
func (m *mix) offer(ctx context.Context, feed int, f Found) bool {
	select {
	case m.feeds[feed] <- f:
	case m.anyone <- f:
	case <-ctx.Done():
		return false
	}
	return true
}

// next blocks until it has a node: from the feed that has its turn if it offers one within patience,
// else from any feed. It returns false when ctx ends or over is closed.
func (m *mix) next(ctx context.Context, over <-chan struct{}) (Found, bool) {
	var turn chan Found // nil without feeds: blocks
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
