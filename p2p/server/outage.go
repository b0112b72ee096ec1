// SPDX-License-Identifier: Apache-2.0

package server

import (
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
)

// If every dial fails before a connection exists while there is no peer, our own network is down, not every
// other node. Then no node is blamed, and nodes are tried again soon, so that there are peers within seconds
// of the network's return. A LAN peer is no evidence that the Internet is reachable. A node that accepts a
// connection is evidence that it is, even if the node closes that connection.
const (
	outageAfter   = 8 // dials in a row that failed before a connection
	outageNodes   = 4 // at least so many different nodes among them
	outageNoRoute = 3 // dials in a row to addresses without a route, of any nodes
	outageRetry   = 5 * time.Second
)

// An outage knows whether our network is down. Owner: the dial loop.
type outage struct {
	failed  int                 // failed dials in a row
	noRoute int                 // the last of them that had no route
	nodes   map[enr.ID]struct{} // their nodes; at most outageNodes
	why     string              // cause of the last failure
	unsent  error               // why discovery cannot send; nil = it can, or did not say
	told    bool                // that the network is down
}

// peerScopes are the kinds of peers that exist: in a local network, and beyond.
type peerScopes struct{ local, beyond bool }

// onEnd takes the end of a connection. It reports whether that end is no evidence about the node.
func (o *outage) onEnd(end outcome, dialled bool, peers peerScopes) bool {
	switch {
	case end.local && peers.local:
		return false // our local network is up, so the fault is the node's
	case peers.beyond, end.up > 0, end.reached && !end.local:
		o.clear()
		return false
	case end.reached:
		return false
	case dialled && end.verdict.By == event.ByNetwork:
		o.onFailure(end)
	}
	return o.down()
}

func (o *outage) onFailure(end outcome) {
	o.failed++
	o.why = end.cause
	if o.noRoute++; !end.noRoute {
		o.noRoute = 0
	}
	if o.nodes == nil {
		o.nodes = make(map[enr.ID]struct{})
	}
	if len(o.nodes) < outageNodes {
		o.nodes[end.id] = struct{}{}
	}
}

// onPeer takes a new peer.
func (o *outage) onPeer(local bool) {
	if !local {
		o.clear()
	}
}

// onRoute takes from discovery why it cannot send; nil = it can.
func (o *outage) onRoute(err error) { o.unsent = err }

func (o *outage) clear() { *o = outage{told: o.told} }

func (o *outage) down() bool {
	return o.unsent != nil || o.failed >= outageAfter && len(o.nodes) >= outageNodes || o.noRoute >= outageNoRoute
}

// report returns the trouble to record, once for each change.
func (o *outage) report(now time.Time) (event.Trouble, bool) {
	down := o.down()
	if down == o.told {
		return event.Trouble{}, false
	}
	o.told = down
	t := event.Trouble{At: event.At{Time: now}, Where: event.TroubleNetwork, Over: !down, Err: "nodes can be reached again"}
	switch {
	case down && o.failed == 0:
		t.Err = fmt.Sprintf("the network is down: discovery cannot send (%v); check this machine's connection to the Internet", o.unsent)
	case down:
		t.Err = fmt.Sprintf("the network is down: no node can be reached, as of the last %d dials (%s); check this machine's connection to the Internet", o.failed, o.why)
	}
	return t, true
}

// isNoRoute reports whether a dial failed because this machine has no route to the address.
func isNoRoute(err error) bool {
	return errors.Is(err, syscall.ENETUNREACH) || errors.Is(err, syscall.ENETDOWN)
}

// onOutage allows a node to be dialled again soon, unless it waits for another reason than its last dial.
func (d *dialer) onOutage(now time.Time, id enr.ID) {
	if d.notBefore(id).Sub(now) <= redialAfter+redialOffset {
		d.bringForward(id, now.Add(outageRetry))
	}
}
