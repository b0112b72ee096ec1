// SPDX-License-Identifier: Apache-2.0

// Package owner runs the goroutine that owns a state machine, and lets other goroutines reach it.
//
// A [Loop] waits for four things: letters from senders, each of which has one bounded slot;
// posts of goroutines that wait for a reply ([Ask], [Want]); datagrams, where it has a socket;
// and its one timer. It gives each of them to the machine, calls Tick after each (once after all letters
// and datagrams of a turn), and arms the timer for the time that Tick returns. What was lost is declared in one table ([Loss]) and
// recorded at most once a second.
//
//	loop := owner.NewLoop[*machine](record)
//	slot := loop.Open(budget)                     // for a session
//	slot.Put(done, size, func(m *machine, now time.Time) { m.onAnnounce(now, …) })
//	pong, err := owner.Ask(ctx, loop.Owner, func(m *machine, now time.Time, reply func(pong, error)) { m.ping(now, to, reply) })
//	loop.Run(ctx, newMachine(), owner.Loss{Where: "v4.walk", Take: m.walk.TakeLost})
//
// # Limits
//
// A slot holds what bounded.Slot says, and charges it to a meter, such as a session's p2p.Budget, until
// the loop takes it: whatever way the session ends. A post waits in its own goroutine until the loop takes
// it. While letters wait, posts, datagrams and the timer have their turn after 64 letters.
package owner
