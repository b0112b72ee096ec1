// SPDX-License-Identifier: Apache-2.0

package terminal

import (
	"fmt"
	"time"

	"github.com/ethpeer/ethpeer/event"
)

const (
	refresh      = time.Second // how old the status line may grow
	defaultWidth = 80
	eraseLine    = "\r\x1b[K"
)

// live is the status line at the bottom of the screen.
type live struct {
	shown bool      // it is on the screen, and the cursor at its end
	due   time.Time // when it must be drawn anew though nothing happened
	txs   rate
}

// erase makes room for a line.
func (l *live) erase(b []byte) []byte {
	if !l.shown {
		return b
	}
	l.shown = false
	return append(b, eraseLine...)
}

// Status draws the status line if it is gone or old. See sink.Live.
func (f *Format) Status(dst []byte, now time.Time, s event.Summary) ([]byte, time.Time) {
	if !f.Live {
		return dst, time.Time{}
	}
	l := &f.line
	if l.shown && now.Before(l.due) {
		return dst, l.due
	}
	l.txs.onCount(now, s.Txs)
	dst = f.appendDue(dst, now)
	color, text := faint, l.text(now, &s)
	if len(f.troubles) > 0 {
		color, text = alarm, "trouble: "+f.troubles.names()+" | "+text
	}
	dst = f.paint(l.erase(dst), color, clip(text, f.columns()-1))
	l.shown = true
	l.due = now.Add(refresh)
	return dst, l.due
}

// width returns the columns of the screen; 0 = not known.
func (f *Format) width() int {
	if f.Width == nil {
		return 0
	}
	return max(0, f.Width())
}

// columns returns the columns that the status may take, and one more.
func (f *Format) columns() int {
	if w := f.width(); w > 0 {
		return w
	}
	return defaultWidth
}

// text is the most important thing first: a narrow screen shows only the beginning.
func (l *live) text(now time.Time, s *event.Summary) string {
	b := fmt.Appendf(nil, "%s | %.1f tx/s", count(s.Connected, "peer"), l.txs.perSecond(now, s.Txs))
	if s.Head.Hash.IsZero() {
		b = append(b, " | no head yet"...)
	} else {
		b = fmt.Appendf(b, " | head %d", s.Head.Number)
	}
	var lost uint64
	for _, l := range s.Lost {
		lost += l.Count
	}
	if lost > 0 {
		b = fmt.Appendf(b, " | %d lost", lost)
	}
	b = fmt.Appendf(b, " | %s, %s | ", count(s.Txs, "tx"), count(s.Blocks, "block"))
	return string(appendDuration(b, s.Uptime.Truncate(time.Second)))
}
