// SPDX-License-Identifier: Apache-2.0

package ethpeer

import (
	"slices"
	"sync"

	"github.com/ethpeer/ethpeer/event"
)

// Subscribe returns what the node observes, from now on, in order; the subscription is at
// its end when Run returns. keep chooses the events, nil keeps all; it is called by every
// goroutine that records and must not block. room is how many events wait for a reader that
// is behind, 0 is [event.DefaultRoom]; beyond that the newest are dropped, counted, and told
// as an event.Loss at site "events" where they would have been. Any number of subscriptions
// may be open. The caller closes one that it has no more use for.
func (n *Node) Subscribe(keep func(event.Event) bool, room int) *event.Subscription {
	return n.events.Subscribe(keep, room)
}

// Record records an event of a part that the caller made, such as a source of Config.Heads, as if it were the node's own.
// Any goroutine may call it.
func (n *Node) Record(e event.Event) { n.cfg.Record.Record(e) }

// recorder gives events to the configured recorder and to the subscriptions.
func (n *Node) recorder(configured event.Recorder) event.Recorder {
	return func(e event.Event) {
		if t, ok := e.(event.Trouble); ok {
			n.troubles.onTrouble(t)
		}
		configured.Record(e)
		n.events.Record(e)
	}
}

// Troubles returns the troubles that have begun and not ended, in the order in which they began. The caller owns the
// slice.
func (n *Node) Troubles() []event.Trouble {
	n.troubles.mu.Lock()
	defer n.troubles.mu.Unlock()
	return slices.Clone(n.troubles.open)
}

// maxTroubles is how many troubles are kept at a time. Beyond it the oldest is forgotten.
const maxTroubles = 32

// troubles are those that have not ended. Its mutex guards a leaf.
type troubles struct {
	mu   sync.Mutex
	open []event.Trouble // at most maxTroubles; one for each Where
}

func (t *troubles) onTrouble(e event.Trouble) {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.IndexFunc(t.open, func(known event.Trouble) bool { return known.Where == e.Where })
	switch {
	case e.Over && i >= 0:
		t.open = slices.Delete(t.open, i, i+1)
	case e.Over:
	case i >= 0:
		t.open[i].Err = e.Err // it has lasted since it began
	default:
		if len(t.open) == maxTroubles {
			t.open = slices.Delete(t.open, 0, 1)
		}
		t.open = append(t.open, e)
	}
}
