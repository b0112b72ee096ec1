// SPDX-License-Identifier: Apache-2.0

package terminal

import (
	"fmt"
	"time"

	"github.com/ethpeer/ethpeer/event"
)

// maxAway is how many named nodes the summary lists.
const maxAway = 32

// shortAway is how long a named node may be away, such as for its first dial, and count as always there.
const shortAway = time.Second

func appendSummary(b []byte, s *event.Summary) []byte {
	b = appendDuration(append(b, "ran "...), s.Uptime)
	b = fmt.Appendf(b, " with %s (up %d, down %d, failed %d)\n", count(s.Peers, "peer"), s.Up, s.Down, s.Failed)
	b = fmt.Appendf(b, "heard %s (%d with body), %s, %s",
		count(s.Txs, "transaction"), s.Bodies, count(s.Sightings, "sighting"), count(s.Blocks, "block"))
	if !s.Head.Hash.IsZero() {
		b = appendSupport(fmt.Appendf(b, ", head %d", s.Head.Number), &event.Head{By: s.Head.By})
	}
	for _, l := range s.Lost {
		b = appendText(fmt.Appendf(b, "\nlost %d: ", l.Count), l.Where, maxName)
	}
	for i, a := range s.Away {
		if i == maxAway {
			return fmt.Appendf(b, "\nand %s more that were named", count(len(s.Away)-i, "node"))
		}
		b = fmt.Appendf(b, "\nnamed node %x… was ", a.Peer[:4])
		if a.For < shortAway {
			b = append(b, "always there"...)
			continue
		}
		b = appendDuration(append(b, "away for "...), a.For)
	}
	return b
}
