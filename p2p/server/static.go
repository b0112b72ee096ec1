// SPDX-License-Identifier: Apache-2.0

package server

import (
	"time"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/p2p"
)

// droppedAfter is the age of a session from which "useless peer" may mean nothing: geth v1.17
// makes room in a full pool by ending peers at random that way, once they are 10 minutes old
// (eth/dropper.go). A session counts from its Status (devp2p/caps/eth.md#status-0x00), a little later than there.
const droppedAfter = 10*time.Minute - 10*time.Second

// staticWait is how long a static node is left alone at most after an end, by its reason (devp2p/rlpx.md#disconnect-0x01). A node without
// room for us is asked as often as geth asks: the place that it frees is taken by the first
// to ask.
func staticWait(v p2p.Verdict, up time.Duration) time.Duration {
	if v.By == event.ByThem && (v.Reason == p2p.ReasonTooManyPeers || v.Reason == p2p.ReasonUseless && up >= droppedAfter) {
		return redialAfter
	}
	return redialMost
}
