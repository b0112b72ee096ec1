// SPDX-License-Identifier: Apache-2.0

package dns

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"time"

	"github.com/ethpeer/ethpeer/discover/dnstree"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/hosts"
)

// A Resolver looks up the TXT strings of a domain name, given without a dot at its end. Its ctx
// ends after 5 seconds; the client then stops waiting, even if the call does not return. The
// strings need not be true.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
}

// Config says what a [Client] reads.
type Config struct {
	Lists    []string                     // enrtree:// URLs; at most 16
	Resolver Resolver                     // nil: the system's
	Trouble  func(name string, err error) // gets failed lookups and bad entries; nil = not called
}

// A Client finds nodes in lists. It belongs to one goroutine.
type Client struct {
	machine  *machine
	resolver Resolver
	trouble  func(name string, err error)
}

// New returns a client. Nothing is looked up before [Client.Next] is called. It fails if a
// list's URL is none, or if there are too many.
func New(cfg Config) (*Client, error) {
	if len(cfg.Lists) > maxLists {
		return nil, fmt.Errorf("dns: %d node lists, more than %d; leave some out", len(cfg.Lists), maxLists)
	}
	urls := make([]dnstree.URL, len(cfg.Lists))
	for i, text := range cfg.Lists {
		var err error
		if urls[i], err = dnstree.ParseURL(text); err != nil {
			return nil, fmt.Errorf("dns: node list %.100q: %w", text, err)
		}
	}
	c := &Client{machine: newMachine(urls, rand.IntN), resolver: cfg.Resolver, trouble: cfg.Trouble}
	if c.resolver == nil {
		c.resolver = system{}
	}
	if c.trouble == nil {
		c.trouble = func(string, error) {}
	}
	return c, nil
}

// Next blocks until it has a node. It returns false when ctx has ended or if there is no list.
// Nodes repeat, and may lack an address (EIP-1459, "Client Protocol").
func (c *Client) Next(ctx context.Context) (enr.Node, bool) {
	for len(c.machine.lists) > 0 && ctx.Err() == nil {
		s := c.machine.next(time.Now())
		record := s.node
		switch {
		case record != nil:
		case s.query != "":
			record = c.lookUp(ctx, s.query)
		default:
			pause(ctx, time.Until(s.deadline))
		}
		if record != nil {
			return record.Node(), true
		}
	}
	return enr.Node{}, false
}

// lookUp returns the node that was found, if any.
func (c *Client) lookUp(ctx context.Context, name string) *enr.Record {
	lookup, cancel := context.WithTimeout(ctx, timeout)
	texts, err := hosts.Await(lookup, func(ctx context.Context) ([]string, error) { return c.resolver.LookupTXT(ctx, name) })
	cancel()
	if err != nil && ctx.Err() != nil {
		c.machine.onCancel()
		return nil
	}
	record, err := c.machine.onAnswer(time.Now(), texts, err)
	if err != nil {
		c.trouble(name, err)
	}
	return record
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// system is the system's resolver.
type system struct{}

// LookupTXT looks up the absolute name: the dot keeps the system from appending its search domains.
func (system) LookupTXT(ctx context.Context, name string) ([]string, error) {
	return net.DefaultResolver.LookupTXT(ctx, name+".")
}
