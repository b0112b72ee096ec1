// SPDX-License-Identifier: Apache-2.0

// in: flags, signals · out: a line for each node, a report · goroutines: the crawl's, the
// asker's, one that waits for signals

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ethpeer/ethpeer"
	"github.com/ethpeer/ethpeer/cmd/ethpeer/internal/option"
	"github.com/ethpeer/ethpeer/crawl"
	"github.com/ethpeer/ethpeer/devnet"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/probe"
)

type crawlFlags struct{ chain, bootnodes, limit, noProbe, nodeKey, addr, port, netRestrict, workers, json option.Option }

func (p *program) crawlCommand() *cobra.Command {
	var f crawlFlags
	cmd := &cobra.Command{
		Use:   "crawl",
		Short: "Walk the network, and count nodes by client, version, fork and network",
		Long: `crawl asks every node that it hears of for others, over UDP, in both versions of discovery, and, over
TCP, what it is. On a terminal it shows how far it is and ends with tables; on a pipe it prints one JSON
object per node (docs/crawl.md). Ctrl-C ends it with what is known by then. Nodes are asked whatever
chain they are of: discovery is shared by all.

With --chain dev it asks the embedded network's peers, which do no discovery, what they are: a first
look with no internet.`,
		Example: `  ethpeer crawl --chain dev
  ethpeer crawl --chain sepolia --time 5m
  ethpeer crawl --bootnodes enode://KEY@HOST:30303 > nodes.ndjson
  ethpeer crawl --time 1h --no-probe | jq -r .fork | sort | uniq -c | sort -rn`,
		Args: noArguments,
		RunE: func(_ *cobra.Command, _ []string) error { return p.crawl(&f) },
	}
	d := p.options(cmd)
	d.Word(&f.chain, "chain", "NAME|FILE", "mainnet", "whose bootnodes to begin with: "+strings.Join(params.Names(), ", ")+", the path of a genesis.json, or "+devChain, chainNames()...)
	d.Words(&f.bootnodes, "bootnodes", "NODES", "", "nodes to begin with instead: enode:// or enr: forms, separated by commas, or @FILE with one per line")
	d.Word(&f.limit, "time", "DURATION", "10m", "how long at most, such as 90s or 2h")
	d.No(&f.noProbe, "no-probe", "ask over UDP only")
	d.Word(&f.workers, "workers", "N", "32", "how many nodes to ask at a time")
	d.Word(&f.nodeKey, "nodekey", "FILE", "", "our private key (default: a new one)")
	d.Word(&f.addr, "addr", "IP", "0.0.0.0", "address to ask from; :: for IPv6 too")
	d.Word(&f.port, "port", "PORT", "0", "UDP port to ask from; 0 for any that is free")
	d.Words(&f.netRestrict, "netrestrict", "CIDRS", "", "networks that nodes must be in, such as 10.0.0.0/8,fd00::/8")
	d.No(&f.json, "json", jsonUsage)
	return cmd
}

// A crawling is what the flags mean.
type crawling struct {
	settings
	start   []enr.Node
	limit   time.Duration
	probe   bool
	workers int
}

func (f *crawlFlags) settings() (c crawling, err error) {
	c.json, c.probe = f.json.On(), !f.noProbe.On()
	if c.limit, err = time.ParseDuration(f.limit.Text()); err != nil || c.limit <= 0 {
		return c, f.limit.Wrong(f.limit.Text(), "a duration such as 90s or 2h")
	}
	workers, err := option.Number(&f.workers, 1, 256)
	if err != nil {
		return c, err
	}
	c.workers = int(workers)
	if c.netRestrict, err = option.Networks(&f.netRestrict); err != nil {
		return c, err
	}
	if c.listen, err = option.Listen(&f.addr, &f.port); err != nil {
		return c, err
	}
	if c.listen == "" {
		return c, f.addr.Wrong(f.addr.Text(), "an IP address of this machine: answers have to come somewhere")
	}
	if err = c.takeKey(&f.nodeKey); err != nil {
		return c, err
	}
	c.dev = strings.EqualFold(f.chain.Text(), devChain)
	switch {
	case f.bootnodes.Given():
		if c.start, err = nodesToAsk(&f.bootnodes); err == nil && len(c.start) == 0 {
			err = f.bootnodes.Wrong("", "a node to begin with: enode://KEY@HOST:PORT")
		}
	case !c.dev:
		if c.chain, err = option.Chain(&f.chain, devChain); err != nil {
			return c, err
		}
		for _, text := range append(c.chain.Bootnodes[:len(c.chain.Bootnodes):len(c.chain.Bootnodes)], c.chain.BootnodesV5...) {
			n, err := enr.ParseNode(text)
			if err != nil {
				return c, failure{err}
			}
			c.start = append(c.start, n)
		}
		if len(c.start) == 0 {
			err = errors.New("the chain names no bootnodes: name some, with --bootnodes")
		}
	}
	return c, err
}

func (p *program) crawl(f *crawlFlags) error {
	c, err := f.settings()
	if err != nil {
		return err
	}
	p.warn(&c.settings, p.logger(&c.settings))
	ctx, _, end := p.untilSignal()
	defer end()
	timed, stop := context.WithTimeout(ctx, c.limit)
	defer stop()
	if c.dev {
		return p.crawlDev(timed, &c)
	}
	for i, n := range c.start {
		if c.start[i], err = locate(timed, n); err != nil {
			p.logger(&c.settings).Warn("left out", "node", n.Host, "error", err)
		}
	}
	a, err := newAsker(c.key, c.listen, c.netRestrict)
	if err != nil {
		return err
	}
	c.key = a.key
	return errors.Join(p.report(timed, &c, a.neighbors), a.close())
}

// crawlDev asks the peers of an embedded network.
func (p *program) crawlDev(ctx context.Context, c *crawling) error {
	network, err := devnet.New(devnet.Config{})
	if err != nil {
		return failure{err}
	}
	ctx, stop := context.WithCancel(ctx)
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- network.Run(ctx, func() { close(ready) }) }()
	select {
	case <-ready:
		c.start = network.Nodes()
		err = p.report(ctx, c, func(context.Context, enr.Node) (bool, enr.Node, []enr.Node) { return false, enr.Node{}, nil })
	case <-ctx.Done():
	}
	stop()
	return errors.Join(err, <-ended)
}

// neighbors asks a node for its record and for others: at its four largest distances in
// version 5, where most nodes are, and near eight random places in version 4.
func (a *asker) neighbors(ctx context.Context, n enr.Node) (answered bool, newer enr.Node, told []enr.Node) {
	if _, ok := n.UDPAddr(); !ok {
		return false, n, nil
	}
	v4, v5 := a.finder.V4(), a.finder.V5()
	if r, err := v4.RequestRecord(ctx, n); err == nil {
		answered, n = true, r.Node()
	}
	for range 8 {
		var target [64]byte
		_, _ = rand.Read(target[:]) // never fails
		found, err := v4.Findnode(ctx, n, target)
		if err != nil {
			break
		}
		answered, told = true, append(told, found...)
	}
	// One distance at a time: an answer has at most 16 nodes, which one distance alone may fill.
	for _, distance := range []uint{0, 256, 255, 254, 253, 252, 251, 250, 249} {
		found, err := v5.Findnode(ctx, n, []uint{distance})
		if err != nil {
			break
		}
		answered = true
		for _, other := range found {
			if other.ID() == n.ID() {
				n = other
			} else {
				told = append(told, other)
			}
		}
	}
	return answered, n, told
}

// report crawls, and prints what comes of it.
func (p *program) report(ctx context.Context, c *crawling, ask func(context.Context, enr.Node) (bool, enr.Node, []enr.Node)) error {
	if c.key == nil {
		var err error
		if c.key, err = ecc.NewPrivateKey(rand.Reader); err != nil {
			return failure{err}
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	people, began, drawn := p.forPeople(&c.settings), time.Now(), time.Time{}
	report := crawl.Run(ctx, crawl.Config{
		Start: c.start, Workers: c.workers,
		Visit: func(ctx context.Context, n enr.Node) (v crawl.Visit) {
			v.Node = n
			if answered, newer, told := ask(ctx, n); answered {
				v.Answered, v.Node, v.Told = true, newer, c.inside(told)
			}
			if c.probe && ctx.Err() == nil {
				say := probe.Ask(ctx, probe.Config{Key: c.key, Client: ethpeer.ClientName("")}, v.Node)
				v.Probe = &say
			}
			return v
		},
		Each: func(v *crawl.Visit, now crawl.Progress) {
			if !people {
				if err := p.show(&c.settings, visitFields(v)); err != nil {
					cancel(err)
				}
			} else if time.Since(drawn) > 200*time.Millisecond {
				drawn = time.Now()
				fmt.Fprintf(p.err, "\r\x1b[K%s", progressText(now, time.Since(began)))
			}
		},
	})
	if err := unlessSignal(context.Cause(ctx)); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if !people {
		return nil
	}
	fmt.Fprint(p.err, "\r\x1b[K")
	return outputError(printReport(p.out, report, c.probe))
}

// inside leaves out the nodes that are outside of the networks to keep to, and ourselves.
func (c *crawling) inside(nodes []enr.Node) (in []enr.Node) {
	self := enr.IDOf(c.key.Public())
	for _, n := range nodes {
		inNet := func(net netip.Prefix) bool { return net.Contains(n.IP.Unmap()) }
		if n.ID() != self && (len(c.netRestrict) == 0 || slices.ContainsFunc(c.netRestrict, inNet)) {
			in = append(in, n)
		}
	}
	return in
}

func progressText(p crawl.Progress, since time.Duration) string {
	return fmt.Sprintf("%d nodes known, %d asked, %d answer, %d shake hands; %.0f a second",
		p.Known, p.Visited, p.Answered, p.Reached, float64(p.Visited)/max(since.Seconds(), 0.001))
}

// visitFields says what is known of a node, as docs/crawl.md documents it.
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
	return fields
}

// tableRows is how many rows of a table are printed.
const tableRows = 20

func printReport(w io.Writer, r *crawl.Report, probed bool) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%d nodes known, %d asked, %d answer discovery, %d shake hands\n", r.Known, r.Visited, r.Answered, r.Reached)
	if r.Beyond > 0 {
		fmt.Fprintf(&b, "%d more were too many\n", r.Beyond)
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
