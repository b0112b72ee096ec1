// SPDX-License-Identifier: Apache-2.0

package server

import (
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/p2p"
)

// When all dials fail for reasons of the network, and there is no peer at all, it is our own
// network that is down, and not everybody else's. Nobody is blamed for that, and nodes are
// tried again soon: when the network returns, there shall be peers within seconds. A peer of a
// local network shows nothing of what is beyond it.
const (
	outageAfter = 8 // dials in a row that failed so
	outageNodes = 4 // of so many nodes at least
	outageRetry = 5 * time.Second
)

// An outage knows whether our network is down. Owner: the dial loop.
type outage struct {
	failed int                 // dials in a row
	nodes  map[enr.ID]struct{} // of which; no more than are needed
}

// reach says what peers there are.
type reach struct{ local, beyond bool }

// onEnd takes the end of a connection, and reports whether it says nothing of the node.
func (o *outage) onEnd(end outcome, dialled bool, peers reach) bool {
	if end.local && peers.local {
		return false // our local network is up, so it is that node
	}
	if peers.beyond || end.up > 0 || end.verdict.Reason != p2p.ReasonNetwork {
		o.failed, o.nodes = 0, nil
		return false
	}
	if dialled {
		o.failed++
		if o.nodes == nil {
			o.nodes = make(map[enr.ID]struct{})
		}
		if len(o.nodes) < outageNodes {
			o.nodes[end.id] = struct{}{}
		}
	}
	return o.failed >= outageAfter && len(o.nodes) >= outageNodes
}

// onOutage lets a node be dialled again soon, unless it waits for another reason than its last
// dial.
func (d *dialer) onOutage(now time.Time, id enr.ID) {
	if d.notBefore(id).Sub(now) <= redialAfter+redialOffset {
		d.bringForward(id, now.Add(outageRetry))
	}
}
