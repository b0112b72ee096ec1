// SPDX-License-Identifier: Apache-2.0

// in: nodes of DNS lists (EIP-1459) · out: those that may be contacted · goroutines: one that reads lists of bootnodes

package discover

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/discover/dns"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/internal/netgroup"
)

const (
	listedAtOnce = 16               // nodes of BootLists that an empty table is offered at a time
	listedAgain  = 30 * time.Second // between two reads of BootLists
	listedFor    = 10 * time.Second // without a new node, after which Listed has read the lists
)

// foreign returns why an address of a DNS list (EIP-1459) is refused, or the empty string. The signer of a list could otherwise
// make us dial services of our own network, such as 169.254.169.254. Networks in Config.Restrict are allowed.
func (c *Config) foreign(ip netip.Addr) (why string) {
	switch kind := netgroup.KindOf(ip); {
	case !ip.IsValid():
		return "" // the record has no address; a lookup may find one
	case netgroup.Prefixes(c.Restrict).Contain(ip), kind == netgroup.Global:
		return ""
	case kind.Local():
		return "local address"
	}
	return "special address"
}

// bootLists holds nodes of Config.BootLists, for the tables of the engines. It reads the lists again while an engine asks for seeds,
// which it does often while its table is empty.
type bootLists struct {
	cfg    *Config
	client *dns.Client // owner: the goroutine of run

	mu     sync.Mutex // guards what follows
	nodes  []enr.Node // of the last read; at most listedAtOnce
	wanted bool       // seeds was called since the last read began
}

// seeds returns the nodes of the last read.
func (l *bootLists) seeds() []enr.Node {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wanted = true
	return l.nodes
}

// run reads nodes of the lists while they are wanted. It calls found after each node.
func (l *bootLists) run(ctx context.Context, found func()) {
	for {
		l.mu.Lock()
		wanted := l.wanted || len(l.nodes) == 0
		l.wanted = false
		l.mu.Unlock()
		if wanted {
			l.read(ctx, found)
		}
		if !pause(ctx, listedAgain) {
			return
		}
	}
}

// read replaces the nodes, one by one, with the next ones of the lists. A short list repeats its nodes.
func (l *bootLists) read(ctx context.Context, found func()) {
	var nodes []enr.Node
	for range listedAtOnce {
		n, ok := nextListed(ctx, l.client, l.cfg)
		if !ok {
			return
		}
		if slices.ContainsFunc(nodes, func(had enr.Node) bool { return had.ID() == n.ID() }) {
			continue
		}
		nodes = append(slices.Clip(nodes), n) // a copy: seeds has returned the earlier slice
		l.mu.Lock()
		l.nodes = nodes
		l.mu.Unlock()
		found()
	}
}

// nextListed returns the next node of a list that has an address of the Internet, or one in Config.Restrict.
func nextListed(ctx context.Context, client *dns.Client, cfg *Config) (enr.Node, bool) {
	for {
		n, ok := client.Next(ctx)
		if !ok || n.IP.IsValid() && cfg.foreign(n.IP) == "" {
			return n, ok
		}
		if !pause(ctx, unwantedPause) { // a list of nothing else must not occupy a core
			return enr.Node{}, false
		}
	}
}

// Listed reads nodes of Config.BootLists, at most the given number, each once, with an address of the Internet or in
// Config.Restrict. It returns fewer when ctx ends, or when the lists bring no new node for 10 s: they are read, or
// cannot be. It does not need Open or Run. Calls are independent of each other.
func (h *Host) Listed(ctx context.Context, most int) (nodes []enr.Node) {
	if len(h.cfg.BootLists) == 0 {
		return nil
	}
	client, err := dns.New(dns.Config{Lists: h.cfg.BootLists, Resolver: h.cfg.TXT})
	if err != nil {
		return nil // NewHost has checked the lists
	}
	seen := bounded.NewSet[enr.ID](max(most, 1), bounded.DropNew)
	for len(nodes) < most {
		limit, stop := context.WithTimeout(ctx, listedFor)
		n, ok := nextListed(limit, client, &h.cfg.Config)
		for ok && !seen.Add(n.ID()) {
			n, ok = nextListed(limit, client, &h.cfg.Config)
		}
		stop()
		if !ok {
			break
		}
		nodes = append(nodes, n)
	}
	return nodes
}
