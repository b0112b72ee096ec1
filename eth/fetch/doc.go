// SPDX-License-Identifier: Apache-2.0

// Package fetch decides which peer to ask for which announced key.
//
// A [Table] is a pure state machine: time and randomness are arguments, and it asks nobody
// itself. Keys are what peers announce, such as transaction or block hashes; a peer is whatever
// value the caller has for a session; a note is what an announcement says of its key, such as a
// transaction's type and size or a block's number, which the table only keeps.
//
// In: what peers offer ([Table.Offer]), what arrived from anywhere ([Table.Got]), what became of
// requests ([Table.Answered], [Table.Failed], [Table.Late]), who is there ([Table.Join],
// [Table.Leave]). Out: [Table.Next] says what to ask now, and when to call it again. Every call
// may make a request possible, so Next belongs into the Tick of the caller's loop:
//
//	func (m *machine) Tick(now time.Time) time.Time {
//		asks, next := m.table.Next(now)
//		for _, ask := range asks {
//			switch err := m.ask(ask.Peer, ask.Keys); {
//			case errors.Is(err, eth.ErrBusy):
//				m.table.Failed(now, ask.Peer)
//			case err != nil: // the session is about to end
//				m.table.Leave(ask.Peer)
//			}
//		}
//		return next
//	}
//
// # Rules
//
// A key is in one of three stages. It waits for Rules.Wait after its first offer, because what
// is announced is often also sent whole. Then it is queued until one of the peers that offer it
// is idle. Then it is asked for, of one peer. All that offer it are alternates until it has
// arrived or none is left.
//
// A peer has at most one request in flight. When several peers could be asked, chance decides,
// so that no peer can arrange to be asked first. A peer gets its keys in the order in which it
// offered them.
//
// A reply that leaves out a key before the last one that it has says that the peer does not have
// it; keys after that may have been left out for the size of the reply, and the peer may be
// asked again. An empty reply says that the peer has none of them.
//
// A peer whose request failed is asked nothing until it answers late, or until a cooldown is
// over, which doubles with each failure.
//
// # Limits
//
// Rules.Limit keys in all and Rules.PerPeer offers of each peer. If the table is full, a peer
// with fewer offers than its share (the limit divided by the number of peers) takes the place of
// the oldest offers of the peer that has most, except those that are being asked for; a peer
// that has its share is refused. Refusals and displacements are counted in [Losses].
package fetch
