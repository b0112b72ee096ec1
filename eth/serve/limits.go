// SPDX-License-Identifier: Apache-2.0

package serve

import (
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/rlpx"
)

// The most that a reply has before its items: two lists' headers, the request ID, a flag.
const envelopeBytes = 32

// largeReplies is the first version whose clients serve as many items as their replies can have. Up to eth/65 they
// serve as many as they request (go-ethereum 1.9.25, eth/downloader).
const largeReplies wire.Version = 66

// itemLimit returns the most items of a reply in version v.
func itemLimit(reply wire.Kind, v wire.Version) int {
	row := reply.Row()
	if v < largeReplies {
		return min(row.SendItems, row.Request().Row().SendItems)
	}
	return row.SendItems
}

// A list is the items of a reply in the making, which are the chunks of a message.
type list struct {
	out        *p2p.Out
	size       int // bytes of the items
	items      int
	soft, most int // limits: bytes at which the reply ends, items
}

func (l *listener) list(out *p2p.Out, reply wire.Kind) list {
	return list{out: out, soft: reply.Row().SendBytes, most: itemLimit(reply, l.version)}
}

// full reports whether the reply ends here, at the "recommended soft limit" of
// devp2p/caps/eth.md#blockheaders-0x04 or at the most items.
func (l *list) full() bool { return l.items >= l.most || l.size >= l.soft }

// room returns how many bytes the next item may have, so that no client refuses the message for its size.
func (l *list) room() int { return wire.MaxMessage - envelopeBytes - l.size }

// add appends an item and reports whether there was room for it.
func (l *list) add(item *rlpx.Chunk) bool {
	size := len(item.Bytes())
	if size > l.room() {
		return false
	}
	l.out.Chunks = append(l.out.Chunks, item)
	l.size += size
	l.items++
	return true
}

// finish puts what comes before the items in front of them.
func (l *list) finish(reply wire.Reply, v wire.Version) {
	l.out.Raw = reply.AppendHead(l.out.Raw, v, l.size)
}
