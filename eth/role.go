// SPDX-License-Identifier: Apache-2.0

package eth

import "github.com/ethpeer/ethpeer/eth/wire"

// A Role is one function of a peer, such as answering requests.
type Role interface {
	// Kinds lists the kinds of messages that the role takes. A kind has one role at most. New
	// calls it once.
	Kinds() []wire.Kind
	// Open begins a session with an accepted Status. It is called on the session's owner, before the
	// first message, and must not block. A role keeps its state of the session in the listener that
	// it returns, which must not be nil.
	Open(*Session) Listener
}

// A Listener is one role's side of one session.
type Listener interface {
	// On takes a message, on the session's reader. Message and bytes are borrowed until On
	// returns. If On waits, it must also watch Session.Done. An error ends the session:
	// p2p.Breach if the peer broke a rule.
	On(wire.Message) error
	// Close is called once, on the session's owner, after the last On. The listeners of a
	// session are closed in the reverse order of their roles.
	Close(cause error)
}
