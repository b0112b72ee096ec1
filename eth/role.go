// SPDX-License-Identifier: Apache-2.0

package eth

import "github.com/ethpeer/ethpeer/eth/wire"

// A Role is something that a peer does with eth messages. Each method's comment names the
// goroutine that calls it; calls for different sessions run at the same time.
type Role interface {
	// Messages lists the kinds that the role wants. A kind has one role at most.
	Messages() []wire.Kind
	// PeerUp announces a session whose Status was accepted, on its owner, before the
	// first On. It must not block.
	PeerUp(*Session)
	// On takes a message, on the session's reader. Message and bytes are borrowed until On
	// returns. If On waits, it must also watch Session.Done. An error ends the session:
	// p2p.Breach if they broke a rule.
	On(*Session, wire.Message) error
	// PeerDown is called once for each PeerUp, on the owner, after the last On.
	PeerDown(*Session, error)
}
