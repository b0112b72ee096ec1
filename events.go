// SPDX-License-Identifier: Apache-2.0

package ethpeer

import "github.com/ethpeer/ethpeer/event"

// Subscribe returns what the node observes, from now on, in order; the subscription is at
// its end when Run returns. keep chooses the events, nil keeps all; it is called by every
// goroutine that records and must not block. room is how many events wait for a reader that
// is behind, 0 is [event.DefaultRoom]; beyond that the newest are dropped, counted, and told
// as an event.Loss at site "events" where they would have been. Any number of subscriptions
// may be open. The caller closes one that it has no more use for.
func (n *Node) Subscribe(keep func(event.Event) bool, room int) *event.Subscription {
	return n.events.Subscribe(keep, room)
}

// recorder gives events to the configured recorder and to the subscriptions.
func (n *Node) recorder(configured event.Recorder) event.Recorder {
	return func(e event.Event) {
		configured.Record(e)
		n.events.Record(e)
	}
}
