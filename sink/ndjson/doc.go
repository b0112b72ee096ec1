// SPDX-License-Identifier: Apache-2.0

// Package ndjson writes events as JSON, one object per line, in the form that
// docs/events.md promises to keep.
//
// In: an event. Out: its line, appended to the caller's buffer. The [Encoder] owns
// nothing but the sequence number; give it to one goroutine. It uses no reflection and
// allocates nothing once the buffer has grown to the longest line.
//
// A line is always valid JSON in valid UTF-8, whatever a peer sent: text is cut at 512
// bytes, an invalid byte becomes U+FFFD, and everything that a terminal might obey
// instead of show (control characters, direction marks and the like) is escaped. A text
// takes at most 3 KiB in a line, which bounds every line: a summary that lost events in
// all of its 65 sites, of a node with 1,024 named nodes, is the longest, any other stays below 20 KiB.
package ndjson
