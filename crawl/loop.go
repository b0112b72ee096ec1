// SPDX-License-Identifier: Apache-2.0

// in: nodes, visits · out: each visit, a report · goroutines: the workers

package crawl

import (
	"context"
	"sync"

	"github.com/ethpeer/ethpeer/enr"
)

// DefaultWorkers is how many nodes are visited at a time by who does not choose.
const DefaultWorkers = 32

// Config says how to crawl.
type Config struct {
	Start   []enr.Node
	Visit   func(ctx context.Context, n enr.Node) Visit // several goroutines call it
	Each    func(v *Visit, p Progress)                  // hears of each visit, one after the other; may be nil
	Workers int                                         // 0 = DefaultWorkers
}

// Progress is how far a crawl has come.
type Progress struct {
	Known, Visited, Answered, Reached int
	Beyond                            uint64 // nodes heard of that were too many to visit
}

// Run crawls until nobody is left, or ctx ends, and returns what was found by then.
func Run(ctx context.Context, cfg Config) *Report {
	m, report := newMachine(cfg.Start), newReport()
	if cfg.Workers <= 0 {
		cfg.Workers = DefaultWorkers
	}
	jobs, ended := make(chan enr.Node), make(chan Visit)
	var workers sync.WaitGroup
	for range cfg.Workers {
		workers.Go(func() {
			for n := range jobs {
				ended <- cfg.Visit(ctx, n)
			}
		})
	}
	for ctx.Err() == nil && !m.done() || m.busy > 0 {
		next, waits := m.next()
		to := jobs
		if !waits || ctx.Err() != nil {
			to = nil // nobody to visit, or no more
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

// done is nil once ctx has ended, so that a select does not turn in circles.
func done(ctx context.Context) <-chan struct{} {
	if ctx.Err() != nil {
		return nil
	}
	return ctx.Done()
}
