// SPDX-License-Identifier: Apache-2.0

// Package terminal shows events to a person: one line each, and below them a status line
// that is kept up to date.
//
// In: events, the time, the counts so far. Out: text with the few control sequences that
// the status line needs (carriage return, erase to the end of the line) and, if wanted,
// colours. The [Format] owns what it knows of the screen; give it to one goroutine.
//
// Lines are for reading and may change; programs read the JSON of package ndjson. Text
// that a peer chose is cut, a name at 48 bytes, and shown in ASCII, everything else escaped,
// so that no peer can write on the screen. A line is cut at the width of the screen, if that
// is known; summary, troubles and our own address are folded. A site's losses have one line
// a minute, a trouble one when it begins and one when it ends. The status line never reaches the last
// column, because a line that wraps cannot be erased.
package terminal
