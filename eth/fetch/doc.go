// SPDX-License-Identifier: Apache-2.0

// Package fetch decides which peer to ask for which announced key, such as a transaction's hash
// (devp2p/caps/eth.md#transaction-exchange).
//
// A [Table] is a pure state machine: time and randomness are arguments, and it sends nothing itself.
// Keys are what peers announce, such as transaction or block hashes; a peer is the caller's value for
// a session; a note is what an announcement states of its key, such as a transaction's type and size
// (EIP-5793) or a block's number, which the table only keeps.
//
// In: offers of peers ([Table.Offer]), arrivals from any source ([Table.Got]), results of requests
// ([Table.Answered], [Table.Failed], [Table.Late]), sessions ([Table.Join], [Table.Leave]). Out:
// [Table.Next] returns the requests to send now, and when to call it again. Every call may make a
// request possible, so Next belongs into the Tick of the caller's loop:
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
// A key is in one of three stages. It waits for Rules.Wait after its first offer, because an
// announced item often arrives whole, too. Then it is queued until a peer that offers it is idle.
// Then it is requested from that peer. All peers that offer it are alternates until it arrives or
// none is left.
//
// A peer has at most one request in flight. When several peers could be asked, chance decides,
// so that no peer can arrange to be asked first. A peer gets its keys in the order in which it
// offered them.
//
// A reply may leave keys out (devp2p/caps/eth.md#pooledtransactions-0x0a). The peer does not have a
// key that is missing before the last one of the reply. Later keys may be missing because of the
// reply's size, and the peer may be asked again. An empty reply says that the peer has none of them.
//
// After a failed request a peer gets no other until it answers late, or until a cooldown ends, which
// doubles with each failure.
//
// # Limits
//
// Rules.Limit keys in all and Rules.PerPeer offers of each peer. If the table is full, a peer with
// fewer offers than its share (the limit divided by the number of peers) displaces the oldest offers
// of the peer with the most, except those in flight; a peer that has its share is refused.
// Refusals and displacements are counted in [Losses].
package fetch
