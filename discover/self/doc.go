// SPDX-License-Identifier: Apache-2.0

// Package self keeps our own node record: what we say of ourselves to others.
//
// In: ports that are bound, addresses that a router, the operator or other nodes name, the
// fork ID of our head. Out: the record with all that, signed when it is read and
// something has changed since, with a sequence number that is one higher
// (devp2p/enr.md#record-structure).
//
//	self := self.New(self.Config{Key: key, Sequence: db.Sequence(), Start: time.Now(), Save: db.SetSequence})
//	self.SetUDP(30303)
//	self.SetFallback(netip.MustParseAddr("127.0.0.1"))
//	record := self.Record()
//
// Of several addresses of a kind, IPv4 and IPv6 each, the one counts that is known best: what
// the operator or a router says, or else what other nodes say, or else the fallback.
//
// # Prediction
//
// Other nodes state at which endpoint they see us. What at least 10 of them have stated within
// 5 minutes, and more than anything else, is believed. The nodes of one IPv4 /16 or IPv6 /32
// count once, so that no owner of one network can move us with its addresses.
//
// A Record may be used from any goroutine. It remembers at most 512 statements of each kind;
// the oldest makes room.
package self
