// SPDX-License-Identifier: Apache-2.0

// in: time, answers of the gateway · out: requests to it, our external address · one goroutine,
// and up to 18 more for at most 10 seconds while a search runs

package nat

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Config says how the external address is found, and which functions receive it.
type Config struct {
	Method Method // the zero one is none
	Ports  Ports  // to map

	// Changed gets the first External and each change. The zero External withdraws the last one.
	// Nil = not called.
	Changed func(External)

	// Trouble gets each failure with its meaning and a remedy; a lasting failure once.
	// Nil = not called.
	Trouble func(error)

	// Over gets a sentence once all that Trouble reported has ended, with what works again. A warning about extip and a mapping
	// that could not be deleted have no end. Nil = not called.
	Over func(works string)

	// Find replaces the method's search for a gateway, if the method has one. It must return when
	// ctx ends. Nil = the method's search.
	Find func(ctx context.Context) (Gateway, error)
}

// Run finds the external address and keeps ports mapped until ctx ends; then it deletes the
// mappings, within 2 seconds. It calls Changed, Trouble and Over in its own goroutine. With none and
// extip it returns as soon as it has called them. It returns nil.
func Run(ctx context.Context, cfg Config) error {
	r := runner{cfg: cfg, find: cfg.Find, said: map[string]string{}}
	switch {
	case cfg.Method.kind == none:
		return nil
	case cfg.Method.kind == extip:
		r.onExtip(cfg.Method)
		return nil
	case r.find == nil:
		r.find = cfg.Method.finder(here)
	}
	r.keeper = newKeeper(cfg.Ports)
	if cfg.Method.kind == stunServer {
		r.keeper = newKeeper(Ports{})
	}
	r.loop(ctx)
	r.stop(ctx)
	return nil
}

// A runner does what the keeper decides. It belongs to the goroutine of Run.
type runner struct {
	cfg     Config
	find    finder
	keeper  *keeper
	gateway Gateway
	said    map[string]string // the last trouble, by what it is with
	told    bool              // there was trouble since the last Over
}

func (r *runner) loop(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		s := r.keeper.next(time.Now())
		if s.do != wait {
			r.act(ctx, s)
			continue
		}
		r.onIdle()
		timer.Reset(time.Until(s.deadline))
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
}

// act does one step. If ctx ends meanwhile the keeper gets no answer.
func (r *runner) act(ctx context.Context, s step) {
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	m := s.mapping
	switch s.do {
	case publish:
		r.changed(s.external)
	case find:
		g, err := r.find(call)
		if g == nil && err == nil {
			err = errNoGateway
		}
		if ctx.Err() == nil {
			r.gateway = g
			r.keeper.onFound(time.Now(), err)
			r.heard("gateway", wrap(err, "%v", r.cfg.Method))
		}
	case askIP:
		ip, err := r.gateway.ExternalIP(call)
		if ctx.Err() == nil {
			err = wrap(err, "%v does not tell our address", r.gateway)
			r.heard("address", r.keeper.onIP(time.Now(), r.gateway.String(), ip, err))
		}
	case mapPort:
		g, err := r.gateway.Map(call, m.proto, m.internal, m.wanted, lease)
		if ctx.Err() == nil || err == nil {
			err = r.keeper.onMapped(time.Now(), s.index, g, err)
			r.heard(m.proto.String(), wrap(err, "%v does not map %v port %d", r.gateway, m.proto, m.internal))
		}
	case unmapPort:
		// An answer would change nothing: the mapping has failed for longer than its lifetime.
		_ = r.gateway.Unmap(call, m.proto, m.internal, m.external)
		r.keeper.onUnmapped(s.index)
	}
}

// stop deletes the mappings.
func (r *runner) stop(ctx context.Context) {
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	for _, m := range r.keeper.stop() {
		if err := r.gateway.Unmap(last, m.proto, m.internal, m.external); err != nil {
			r.trouble(wrap(err, "%v has not deleted the mapping of %v port %d, which should end by itself in %v", r.gateway, m.proto, m.external, lease))
		}
	}
}

// onExtip publishes the operator's address, and reports if others cannot use it.
func (r *runner) onExtip(m Method) {
	if what := scopeOf(m.ip); what != "" {
		r.trouble(fmt.Errorf("nat: %v is %s: it is published all the same, but nobody on the Internet reaches it", m, what))
	}
	r.changed(External{IP: m.ip})
}

// onIdle reports that all trouble has ended. The answers to all requests that were due are known.
func (r *runner) onIdle() {
	if !r.told || len(r.said) > 0 {
		return
	}
	r.told = false
	if r.cfg.Over != nil {
		r.cfg.Over(fmt.Sprintf("nat: %v works: our address on the Internet is known", r.gateway))
	}
}

// heard reports trouble unless it equals the last one of its kind; nil ends it.
func (r *runner) heard(with string, err error) {
	if err == nil {
		delete(r.said, with)
		return
	}
	if text := err.Error(); r.said[with] != text {
		r.said[with], r.told = text, true
		r.trouble(err)
	}
}

func (r *runner) trouble(err error) {
	if r.cfg.Trouble != nil {
		r.cfg.Trouble(err)
	}
}

func (r *runner) changed(e External) {
	if r.cfg.Changed != nil {
		r.cfg.Changed(e)
	}
}

// wrap adds to an error what it is about.
func wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("nat: "+format+": %w", append(args, err)...)
}

// race runs all searches at once and returns the first gateway. It cancels the other searches and
// waits for their end.
func race(ctx context.Context, finders []finder) (Gateway, error) {
	if len(finders) == 0 {
		return nil, errors.New("this machine is in no network that could be searched")
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type result struct {
		gateway Gateway
		err     error
	}
	results := make(chan result)
	for _, find := range finders {
		go func() {
			g, err := find(ctx)
			results <- result{g, err}
		}()
	}
	var first Gateway
	var failures []string
	for range finders {
		r := <-results
		switch {
		case r.err != nil:
			if text := r.err.Error(); !slices.Contains(failures, text) {
				failures = append(failures, text)
			}
		case first == nil:
			first = r.gateway
			cancel()
		}
	}
	if first != nil {
		return first, nil
	}
	return nil, errors.New(strings.Join(failures, "; "))
}
