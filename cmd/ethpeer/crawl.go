// SPDX-License-Identifier: Apache-2.0

// in: flags, signals · out: a line for each node, a report · goroutines: the crawl's, one that
// waits for signals, and the embedded network's

package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ethpeer/ethpeer"
	"github.com/ethpeer/ethpeer/cmd/ethpeer/internal/option"
	"github.com/ethpeer/ethpeer/crawl"
	"github.com/ethpeer/ethpeer/devnet"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/params"
)

type crawlFlags struct{ chain, bootnodes, limit, noProbe, nodeKey, addr, port, netRestrict, workers, json option.Option }

func (p *program) crawlCommand() *cobra.Command {
	var f crawlFlags
	cmd := &cobra.Command{
		Use:   "crawl",
		Short: "Visit every node of a network, and count them by client, version, fork and network",
		Long: `crawl asks every node that it hears of, over UDP, for other nodes, in both versions of discovery,
and then, over TCP, what it is. On a terminal it shows its progress and ends with tables; on a pipe it
prints one JSON object per node (docs/crawl.md). It ends when no node is left, after --time, or with
Ctrl-C, and reports what it knows by then. Nodes of all chains are asked, because all chains share
discovery.

With --chain dev it asks the peers of the embedded network, which do no discovery, what they are: a
first look with no internet.

` + variableText,
		Example: `  ethpeer crawl --chain dev
  ethpeer crawl --chain sepolia --time 5m
  ethpeer crawl --bootnodes enode://KEY@HOST:30303 > nodes.ndjson
  ethpeer crawl --time 1h --no-probe | jq -r .fork | sort | uniq -c | sort -rn`,
		Args: noArguments,
		RunE: func(_ *cobra.Command, _ []string) error { return p.crawl(&f) },
	}
	d := p.options(cmd)
	d.Word(&f.chain, "chain", "NAME|FILE", "mainnet", "the chain whose bootnodes to begin with: "+strings.Join(params.Names(), ", ")+", the path of a genesis.json, or "+devChain, chainNames()...)
	d.Words(&f.bootnodes, "bootnodes", "NODES", "", "nodes to begin with: "+option.NodeForms+"; enrtree:// URLs too (default: those of the chain)")
	d.Word(&f.limit, "time", "DURATION", "10m", "how long to crawl at most, such as 90s or 2h")
	d.No(&f.noProbe, "no-probe", "ask over UDP only")
	d.Word(&f.workers, "workers", "N", "32", "how many nodes to ask at a time")
	d.Word(&f.nodeKey, "nodekey", "FILE", "", "our private key (default: a new one each time)")
	d.Word(&f.addr, "addr", "IP", "0.0.0.0", "address to ask from; 0.0.0.0 for all of IPv4, :: for IPv6 too")
	d.Word(&f.port, "port", "PORT", "0", "UDP port to ask from; 0 for any that is free")
	d.Words(&f.netRestrict, "netrestrict", "CIDRS", "", "networks that nodes must be in, such as 10.0.0.0/8,fd00::/8; may be repeated (default: no limit)")
	d.No(&f.json, "json", jsonUsage)
	return cmd
}

// A crawling is the checked values of the flags.
type crawling struct {
	settings
	crawl.Config
	limit time.Duration
}

func (f *crawlFlags) settings() (c crawling, err error) {
	c.json, c.NoProbe = f.json.On(), f.noProbe.On()
	if c.limit, err = option.Duration(&f.limit); err != nil {
		return c, err
	}
	workers, err := option.Number(&f.workers, 1, 256)
	if err != nil {
		return c, err
	}
	c.Workers, c.Client = int(workers), ethpeer.ClientName("")
	if c.Restrict, err = option.Networks(&f.netRestrict); err != nil {
		return c, err
	}
	if c.Listen, err = option.Listen(&f.addr, &f.port); err != nil {
		return c, err
	}
	if c.Listen == "" {
		return c, f.addr.Wrong(f.addr.Text(), "an IP address of this machine, to which the answers come")
	}
	if err = c.takeKey(&f.nodeKey); err != nil {
		return c, err
	}
	c.Key = c.key
	c.dev = strings.EqualFold(f.chain.Text(), devChain)
	c.Start, c.Lists, err = f.start(c.dev)
	return c, err
}

// start returns the nodes, and the lists of nodes in DNS (EIP-1459), to begin with: those that the user
// names, or else those of the chain.
func (f *crawlFlags) start(dev bool) (nodes []enr.Node, lists []string, err error) {
	switch {
	case f.bootnodes.Given():
		if nodes, lists, err = option.Bootnodes(&f.bootnodes); err == nil && len(nodes)+len(lists) == 0 {
			err = f.bootnodes.Wrong("", "a node to begin with: enode://KEY@HOST:PORT")
		}
		return nodes, lists, err
	case dev:
		return nil, nil, nil
	}
	chain, err := option.Chain(&f.chain, devChain)
	if err != nil {
		return nil, nil, err
	}
	for _, text := range slices.Concat(chain.Bootnodes, chain.BootnodesV5) {
		n, err := enr.ParseNode(text)
		if err != nil {
			return nil, nil, failure{err}
		}
		nodes = append(nodes, n)
	}
	if len(nodes) == 0 {
		err = errors.New("the chain names no bootnodes: name some, with --bootnodes")
	}
	return nodes, nil, err
}

func (p *program) crawl(f *crawlFlags) error {
	c, err := f.settings()
	if err != nil {
		return err
	}
	p.warn(&c.settings, p.logger(&c.settings))
	ctx, cancel, end := p.untilSignal()
	defer end()
	timed, stop := context.WithTimeout(ctx, c.limit)
	defer stop()
	if c.dev && len(c.Start)+len(c.Lists) == 0 {
		return p.crawlDev(timed, cancel, &c)
	}
	return p.report(timed, cancel, &c)
}

// crawlDev asks the peers of an embedded network.
func (p *program) crawlDev(ctx context.Context, cancel context.CancelCauseFunc, c *crawling) error {
	network, err := devnet.New(devnet.Config{})
	if err != nil {
		return failure{err}
	}
	ctx, stop := context.WithCancel(ctx)
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- network.Run(ctx, func() { close(ready) }) }()
	select {
	case <-ready:
		c.Start, c.NoDiscovery = network.Nodes(), true
		err = p.report(ctx, cancel, c)
	case <-ctx.Done():
	}
	stop()
	return errors.Join(err, <-ended)
}

// report crawls, and prints the results. It calls cancel if it cannot print.
func (p *program) report(ctx context.Context, cancel context.CancelCauseFunc, c *crawling) error {
	people := p.forPeople(&c.settings)
	line, log := p.progressLine(people), p.logger(&c.settings)
	c.Each = func(v *crawl.Visit, now crawl.Progress) {
		if v.Err != nil {
			line.clear()
			log.Warn("not asked", "node", v.Node.Host, "error", v.Err)
		}
		if people {
			line.draw(now)
		} else if err := p.show(&c.settings, visitFields(v)); err != nil {
			cancel(err)
		}
	}
	if len(c.Lists) > 0 {
		log.Info("reading nodes to begin with from lists in DNS, which takes up to half a minute")
	}
	report, err := crawl.Run(ctx, c.Config)
	line.clear()
	if err != nil {
		return nodeError(err, c.Listen, "--port")
	}
	if err := unlessSignal(context.Cause(ctx)); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if !people {
		return nil
	}
	return outputError(printReport(p.out, report, !c.NoProbe))
}
