// SPDX-License-Identifier: Apache-2.0

// in: nodes, visits · out: each visit, a report · goroutines: the workers, and the discovery
// engines'

package crawl

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/ethpeer/ethpeer/enr"
)

// Progress is how far a crawl has come.
type Progress struct {
	Known, Visited, Answered, Reached int
	Beyond                            uint64 // nodes heard of that were too many to visit
}

// listed is how many nodes of Config.Lists a crawl begins with.
const listed = 64

// Run crawls until no node is left, or ctx ends, and returns what was found by then. It fails
// if it cannot listen, if there is no node to begin with because Config.Lists bring none, and if
// its socket breaks; a report comes with the last kind of error, too.
func Run(ctx context.Context, cfg Config) (*Report, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	visit := cfg.Visit
	broken := func() error { return nil }
	if visit == nil {
		v, err := newVisitor(&cfg)
		if err != nil {
			return nil, err
		}
		visit = v.visit
		engines, stop := context.WithCancel(context.WithoutCancel(ctx)) // visits that end with ctx still need them
		ended := make(chan error, 1)
		go func() { ended <- v.host.Run(engines) }()
		broken = func() error { stop(); return <-ended }
		if len(cfg.Lists) > 0 {
			cfg.Start = append(slices.Clip(cfg.Start), v.host.Listed(ctx, listed)...)
			if len(cfg.Start) == 0 && !errors.Is(ctx.Err(), context.Canceled) {
				return nil, errors.Join(fmt.Errorf("no node to begin with: %s brought none; is a name server in reach?", strings.Join(cfg.Lists, ", ")), broken())
			}
		}
	}
	report := cfg.crawl(ctx, visit)
	return report, errors.Join(broken())
}

// crawl visits every node that it hears of.
func (cfg *Config) crawl(ctx context.Context, visit func(context.Context, enr.Node) Visit) *Report {
	m, report := newMachine(cfg.Start), newReport()
	jobs, ended := make(chan enr.Node), make(chan Visit)
	var workers sync.WaitGroup
	for range cfg.Workers {
		workers.Go(func() {
			for n := range jobs {
				ended <- visit(ctx, n)
			}
		})
	}
	for ctx.Err() == nil && !m.done() || m.busy > 0 {
		next, waits := m.next()
		to := jobs
		if !waits || ctx.Err() != nil {
			to = nil // no node to visit
		}
		select {
		case to <- next:
			m.begin()
		case v := <-ended:
			m.onVisit(&v)
			report.add(&v)
			if cfg.Each != nil {
				cfg.Each(&v, Progress{len(m.known), report.Visited, report.Answered, report.Reached, m.beyond})
			}
		case <-done(ctx):
		}
	}
	close(jobs)
	workers.Wait()
	report.Known, report.Beyond = len(m.known), m.beyond
	return report
}

// done is nil once ctx has ended, so that a select does not spin.
func done(ctx context.Context) <-chan struct{} {
	if ctx.Err() != nil {
		return nil
	}
	return ctx.Done()
}
