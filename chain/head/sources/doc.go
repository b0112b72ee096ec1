// SPDX-License-Identifier: Apache-2.0

// Package sources runs the sources that name the head of a chain and tells the one head that counts.
//
// In: the head sources of Config ([Source]), and heads that other goroutines post with
// [Sources.Believe]. Out: Config.Changed for each head that counts, a snapshot ([Sources.Head]), and troubles as
// events. The goroutine of [Sources.Run] owns a [head.Selector], which alone decides; each source has a goroutine
// of its own.
//
// # Limits
//
// One head waits for each source: a newer one replaces it, because an older head is of no more use.
package sources
