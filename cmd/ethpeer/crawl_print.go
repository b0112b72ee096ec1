// SPDX-License-Identifier: Apache-2.0

// in: visits, progress, a report · out: text

package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ethpeer/ethpeer/cmd/ethpeer/internal/option"
	"github.com/ethpeer/ethpeer/crawl"
)

// redraw is the least time between two drawings of the progress.
const redraw = 200 * time.Millisecond

// A progressLine is a line of a terminal that shows the progress of a crawl. The zero value draws nothing.
//
// Owner: the crawl's loop.
type progressLine struct {
	w     io.Writer // nil = draws nothing
	width func() int
	began time.Time
	drawn time.Time // zero = the line is empty
}

// progressLine returns the line for a terminal. It draws nothing if standard error is no terminal, or if
// TERM is dumb.
func (p *program) progressLine(people bool) *progressLine {
	if !people || p.errs == nil || p.env["TERM"] == "dumb" {
		return &progressLine{}
	}
	return &progressLine{w: p.err, width: p.errs.width, began: time.Now()}
}

func (l *progressLine) draw(now crawl.Progress) {
	l.show(func(since time.Duration) string { return progressText(now, since) })
}

// show draws what text returns, unless the line was drawn a moment ago.
func (l *progressLine) show(text func(since time.Duration) string) {
	if l.w == nil || time.Since(l.drawn) < redraw {
		return
	}
	l.drawn = time.Now()
	line := text(time.Since(l.began))
	if width := l.width(); width > 0 && len(line) >= width {
		line = line[:width-1] // a character in the last column would begin a new line
	}
	fmt.Fprintf(l.w, "\r\x1b[K%s", line)
}

func (l *progressLine) clear() {
	if l.w != nil && !l.drawn.IsZero() {
		fmt.Fprint(l.w, "\r\x1b[K")
		l.drawn = time.Time{}
	}
}

// progressText uses ASCII only, so that one byte is one column.
func progressText(p crawl.Progress, since time.Duration) string {
	return fmt.Sprintf("%s known, %d asked, %s, %s; %.0f a second", counted(p.Known, "node", "nodes"), p.Visited,
		counted(p.Answered, "answers", "answer"), counted(p.Reached, "shakes hands", "shake hands"), float64(p.Visited)/max(since.Seconds(), 0.001))
}

// counted returns a number and its noun, in the singular or plural.
func counted(n int, one, many string) string { return fmt.Sprint(n, " ", plural(n, one, many)) }

func plural[N int | uint64](n N, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// visitFields returns the fields of a visit, as docs/crawl.md documents them.
func visitFields(v *crawl.Visit) []field {
	n := &v.Node
	fields := []field{{"id", n.ID().String()}, {"enode", n.URL()}}
	if n.Record != nil {
		fields = append(fields, field{"seq", n.Record.Seq()}, field{"record", n.Record.Text()})
	}
	fields = append(fields, field{"fork", crawl.ForkOf(n.Record)}, field{"discovery", v.Answered}, field{"told", len(v.Told)}, field{"reach", crawl.Reach(v)})
	if v.Probe != nil {
		fields = append(fields, probeFields(v.Probe)...)
	}
	if v.Err != nil {
		fields = append(fields, field{"error", v.Err.Error()})
	}
	return fields
}

// tableRows is how many rows of a table are printed.
const tableRows = 20

func printReport(w io.Writer, r *crawl.Report, probed bool) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s known, %d asked, %s, %s\n", counted(r.Known, "node", "nodes"), r.Visited,
		counted(r.Answered, "answers discovery", "answer discovery"), counted(r.Reached, "shakes hands", "shake hands"))
	if r.Beyond > 0 {
		fmt.Fprintf(&b, "%d more %s too many\n", r.Beyond, plural(r.Beyond, "was", "were"))
	}
	type table struct {
		title string
		count map[string]int
	}
	tables := []table{{"fork", r.Forks}, {"reached", r.Reach}}
	if probed {
		tables = append(tables, table{"client", r.Clients}, table{"eth", r.Eth}, table{"network", r.Networks})
	}
	for _, t := range tables {
		fmt.Fprintf(&b, "\n%8s  %s\n", "nodes", t.title)
		rest := 0
		for i, key := range crawl.Sorted(t.count) {
			if i >= tableRows {
				rest += t.count[key]
				continue
			}
			fmt.Fprintf(&b, "%8d  %s\n", t.count[key], option.Printable(key))
		}
		if rest > 0 {
			fmt.Fprintf(&b, "%8d  others\n", rest)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
