// SPDX-License-Identifier: Apache-2.0

package chainsync

import (
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/internal/owner"
	"github.com/ethpeer/ethpeer/types"
)

// A listener is this role's side of one session.
type listener struct {
	// immutable
	session *eth.Session
	chain   *chain.Chain
	slot    *owner.Slot[*looper]
	info    info

	// owner: the loop
	stated types.Hash // the head that was looked up
	held   bool       // what was found
	at     types.Hash // our head at that time
}

// Close implements [eth.Listener].
func (l *listener) Close(error) {
	l.slot.Post(0, func(m *looper, _ time.Time) { m.onClose(l) })
}

// On implements [eth.Listener]. The role takes no messages.
func (*listener) On(wire.Message) error { return nil }

// peerHead returns what the peer says that it has. A block that we don't hold is looked up again when our head has moved.
func (l *listener) peerHead(ours types.Hash) peerHead {
	h := l.session.Head()
	if h.Hash != l.stated || !l.held && ours != l.at {
		l.stated, l.at, l.held = h.Hash, ours, l.chain.Header(h.Hash) != nil
	}
	return peerHead{hash: h.Hash, number: h.Number, numbered: h.Numbered, td: h.TD, earliest: h.Earliest, held: l.held}
}
