// SPDX-License-Identifier: Apache-2.0

// Package hosts looks up the addresses of host names.
//
// In: a host name. Out: all its addresses, IPv4 and IPv6, in the order in which the system prefers them. A caller tries them in turn,
// and asks again before each new round: a name is looked up anew once its answer is 30 seconds old, so a host that has moved is
// found.
//
//	var names hosts.Resolver
//	ips, err := names.Lookup(ctx, "boot.example.org")
//
// A [Resolver] is a leaf: it may be used from any goroutine, and its mutex is never held while a name is looked up. Concurrent calls
// for one name share one lookup.
//
// # Limits
//
// Lookup returns as soon as its ctx ends, and after 5 seconds at most, even if the system's resolver ignores its context, as it does
// while it waits for a datagram of a silent name server. At most 16 lookups are under way; one more fails at once with
// [ErrTimeout]. Answers of 256 names are kept, of which the oldest makes room, with at most 16 addresses each. While a name server
// fails, the last answer for a name is given for up to an hour.
package hosts
