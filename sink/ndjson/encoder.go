// SPDX-License-Identifier: Apache-2.0

package ndjson

import (
	"strconv"
	"time"

	"github.com/ethpeer/ethpeer/event"
)

// An Encoder appends one line per event and numbers the lines from 1. The zero value is
// ready. It has one owner.
type Encoder struct {
	seq  uint64 // of the last line
	line line   // is here so that no line allocates it
}

// Append appends the line for ev, its newline included, and returns the longer slice. The
// fields are those that ev visits. A nil event leaves dst as it was and takes no number.
func (e *Encoder) Append(dst []byte, ev event.Event) []byte {
	if ev == nil {
		return dst
	}
	e.seq++
	dst = append(dst, `{"kind":"`...)
	dst = append(dst, ev.Kind()...)
	dst = append(dst, `","time":"`...)
	dst = appendTime(dst, ev.When())
	dst = append(dst, `","seq":`...)
	e.line.b = strconv.AppendUint(dst, e.seq, 10)
	ev.Visit(&e.line)
	dst = append(e.line.b, '}', '\n')
	e.line.b = nil // the caller owns it
	return dst
}

// appendTime writes UTC as RFC 3339 has it, with nine decimals.
func appendTime(b []byte, t time.Time) []byte {
	b = t.UTC().AppendFormat(b, time.RFC3339) // ends in Z, and is the layout that package time writes fastest
	b = append(b[:len(b)-1], '.')
	return append(appendDigits(b, uint64(t.Nanosecond()), 9), 'Z')
}
