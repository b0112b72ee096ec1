// SPDX-License-Identifier: Apache-2.0

// Package bounded holds collections that cannot grow past a limit.
//
// A [Map] or a [Set] is made with its limit and with what happens when it is full, an
// [Overflow]. What it drops it counts, so that the owner can report the loss. Memory
// grows with what is held, up to the limit, and lookups allocate nothing.
//
// In: keys and values, by copy. Out: the same. A map or set belongs to one goroutine; none
// of its methods may run at the same time as another.
//
// An [Inbox] is what stands between goroutines: many senders, each with a bounded slot of
// its own, and one receiver.
package bounded
