// SPDX-License-Identifier: Apache-2.0

package v5

import (
	"time"

	"github.com/ethpeer/ethpeer/event"
)

// Kinds of losses, in the order of lossNames.
const (
	lostInbox   = iota // datagrams that arrived while the inbox was full
	lostSend           // datagrams that the socket refused
	lostTalk           // responses of handlers that did not fit into a datagram
	lostWalk           // nodes that were found while 256 of them waited for Next
	lostRecords        // records in NODES that are too large or too many, not valid, at another distance than requested, or repeated
	numLosses
)

var lossNames = [numLosses]string{"v5.inbox", "v5.send", "v5.talk", "v5.walk", "v5.records"}

// losses counts what was dropped since the last report. Owner: the loop.
type losses [numLosses]uint64

func (l *losses) report(now time.Time, r event.Recorder) {
	for where, count := range l {
		if count > 0 {
			r.Record(event.Loss{At: event.At{Time: now}, Where: lossNames[where], Count: count})
			l[where] = 0
		}
	}
}
