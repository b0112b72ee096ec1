// SPDX-License-Identifier: Apache-2.0

package server

import (
	"time"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/p2p"
)

// droppedAfter is the age of a session from which "useless peer" is no judgement: geth v1.17 makes room in a
// full pool by ending random peers with that reason once they are 10 minutes old (eth/dropper.go). Our
// session begins with Status (devp2p/caps/eth.md#status-0x00), a little later than geth's, hence the 10 s.
const droppedAfter = 10*time.Minute - 10*time.Second

// staticWait bounds the wait of a static node after an end, by its reason (devp2p/rlpx.md#disconnect-0x01). A
// full node is tried as often as geth tries it, because a free place goes to the first node that asks.
func staticWait(v p2p.Verdict, up time.Duration) time.Duration {
	if v.By == event.ByThem && (v.Reason == p2p.ReasonTooManyPeers || v.Reason == p2p.ReasonUseless && up >= droppedAfter) {
		return redialAfter
	}
	return redialMost
}
