// SPDX-License-Identifier: Apache-2.0

// in: the progress of an import or export · out: a bar on a terminal, lines on a pipe

package main

import (
	"fmt"
	"log/slog"
	"math"
	"strings"
	"time"

	"github.com/ethpeer/ethpeer/chain/archive"
)

// archiveEvery is the time between two lines on a pipe.
const archiveEvery = 5 * time.Second

// An archiveShow shows the progress of an import or export: a bar on a terminal, or a line now and then on a
// pipe.
type archiveShow struct {
	line *progressLine
	log  *slog.Logger
	verb string
	part func(archive.Progress) float64 // from 0 to 1
	said time.Time
}

func (p *program) archiveProgress(verb string, log *slog.Logger, part func(archive.Progress) float64) *archiveShow {
	return &archiveShow{line: p.progressLine(p.errs != nil), log: log, verb: verb, part: part, said: time.Now()}
}

func (a *archiveShow) draw(now archive.Progress) {
	if a.line.w != nil {
		a.line.show(func(since time.Duration) string { return barText(a.verb, now, a.part(now), since) })
		return
	}
	if time.Since(a.said) >= archiveEvery {
		a.said = time.Now()
		a.log.Info(a.verb, "blocks", now.Blocks, "number", now.Number)
	}
}

// barText uses ASCII only, so that one byte is one column.
func barText(verb string, now archive.Progress, part float64, since time.Duration) string {
	const width = 30
	part = min(max(part, 0), 1)
	full := int(part * width)
	return fmt.Sprintf("[%s%s] %3.0f %%  %s %d blocks, to number %d; %.0f a second",
		strings.Repeat("#", full), strings.Repeat(".", width-full), math.Floor(part*100), verb, now.Blocks, now.Number, float64(now.Blocks)/max(since.Seconds(), 0.001))
}
