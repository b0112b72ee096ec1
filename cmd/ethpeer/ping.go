// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/ethpeer/ethpeer"
	"github.com/ethpeer/ethpeer/cmd/ethpeer/internal/option"
	"github.com/ethpeer/ethpeer/crawl"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/hosts"
	"github.com/ethpeer/ethpeer/probe"
)

// pingPause is the time between two pings.
const pingPause = time.Second

type pingFlags struct{ rlpx, count, nodeKey, addr, port, json option.Option }

func (p *program) pingCommand() *cobra.Command {
	var f pingFlags
	cmd := &cobra.Command{
		Use:   "ping TARGET",
		Short: "Ask a node whether it is there, and with --rlpx what it is",
		Long: `ping asks a node over UDP, in both versions of discovery, whether it is there: how long that takes,
which sequence number its record has, and where it sees us. With --rlpx it also connects over TCP, and
tells the node's client, protocols and Status. TARGET is an enode:// or enr: form. On a pipe each answer
is one JSON object. The exit code is 1 if there was no answer at all.`,
		Example: `  ethpeer ping enode://KEY@HOST:30303
  ethpeer ping --rlpx enr:-IS4Q…
  ethpeer ping --count 5 enode://KEY@HOST:30303 | jq .v4.ms`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("ping takes one node; see ethpeer ping --help")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return p.ping(&f, args[0]) },
	}
	d := p.options(cmd)
	d.No(&f.rlpx, "rlpx", "connect over TCP too")
	d.Word(&f.count, "count", "N", "1", "how often to ask, a second apart")
	d.Word(&f.nodeKey, "nodekey", "FILE", "", "our private key (default: a new one)")
	d.Word(&f.addr, "addr", "IP", "0.0.0.0", "address to ask from; :: for IPv6 too")
	d.Word(&f.port, "port", "PORT", "0", "UDP port to ask from; 0 for any that is free")
	d.No(&f.json, "json", jsonUsage)
	return cmd
}

func (p *program) ping(f *pingFlags, target string) error {
	s := settings{json: f.json.On()}
	nodes, err := option.Nodes(option.Of("", target), func(_ string, n enr.Node) error {
		switch {
		case n.Host == "" && !n.IP.IsValid():
			return errors.New("the node has no address; write enode://KEY@HOST:PORT")
		case n.UDP == 0 && !f.rlpx.On():
			return errors.New("the node has no UDP port to ask it at; try --rlpx")
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(nodes) != 1 {
		return fmt.Errorf("ping takes one node, not %d; see ethpeer ping --help", len(nodes))
	}
	count, err := option.Number(&f.count, 1, 1000)
	if err != nil {
		return err
	}
	if err = s.takeKey(&f.nodeKey); err != nil {
		return err
	}
	listen, err := option.Listen(&f.addr, &f.port)
	if err != nil {
		return err
	}
	p.warn(&s, p.logger(&s))
	ctx, _, end := p.untilSignal()
	defer end()
	places, err := addresses(ctx, nodes[0])
	if err != nil {
		return err
	}
	a, err := newAsker(s.key, listen)
	if err != nil {
		return err
	}
	answered, err := p.pings(ctx, a, &s, places, f.rlpx.On(), int(count))
	if err := errors.Join(err, a.close()); err != nil {
		return err
	}
	if !answered {
		return failure{errors.New("no answer")}
	}
	return nil
}

// addresses returns the node once for each of its addresses.
func addresses(ctx context.Context, n enr.Node) (places []enr.Node, err error) {
	if n.IP.IsValid() {
		return []enr.Node{n}, nil
	}
	ips, err := new(hosts.Resolver).Lookup(ctx, n.Host)
	if err != nil {
		return nil, failure{fmt.Errorf("%s: no address found: %w", n.Host, err)}
	}
	for _, ip := range ips {
		n.IP = ip
		places = append(places, n)
	}
	return places, nil
}

// pings asks count times, at the first of the node's addresses that has answered. The probe over TCP runs
// once.
func (p *program) pings(ctx context.Context, a *asker, s *settings, places []enr.Node, rlpx bool, count int) (answered bool, err error) {
	for i := range count {
		for _, n := range places {
			fields, ok := a.ask(ctx, n, rlpx && i == 0)
			if ctx.Err() != nil {
				return answered, nil
			}
			if err := p.show(s, fields); err != nil {
				return answered, err
			}
			if ok {
				answered, places = true, []enr.Node{n}
				break
			}
		}
		if i < count-1 {
			select {
			case <-time.After(pingPause):
			case <-ctx.Done():
				return answered, nil
			}
		}
	}
	return answered, nil
}

// ask asks a node at one address.
func (a *asker) ask(ctx context.Context, n enr.Node, rlpx bool) (fields []field, answered bool) {
	fields = []field{{"id", n.ID().String()}}
	if _, ok := n.UDPAddr(); ok {
		for _, version := range []struct {
			name string
			ping func(context.Context, enr.Node) (uint64, error)
		}{{"v4", a.host.Finder().V4().Ping}, {"v5", a.host.Finder().V5().Ping}} {
			one := a.ping(ctx, n, version.ping)
			answered = answered || one.Error == ""
			fields = append(fields, field{version.name, one})
		}
		if at, ok := a.seenAt(n.IP); ok {
			fields = append(fields, field{"seenat", at.String()})
		}
		if gap, ok := a.clockOf(n.IP); ok {
			fields = append(fields, field{"clock", gap})
		}
	}
	if rlpx {
		say := probe.Ask(ctx, probe.Config{Key: a.key, Client: ethpeer.ClientName("")}, n)
		answered = answered || say.Reachable()
		fields = append(fields, probeFields(&say)...)
	}
	return fields, answered
}

// pong is the answer to one ping.
type pong struct {
	Milliseconds float64 `json:"ms,omitempty"`
	Seq          uint64  `json:"seq,omitempty"`
	Error        string  `json:"error,omitempty"`
}

func (p pong) String() string {
	if p.Error != "" {
		return p.Error
	}
	return fmt.Sprintf("answers in %.3f ms, record %d", p.Milliseconds, p.Seq)
}

func (a *asker) ping(ctx context.Context, n enr.Node, ping func(context.Context, enr.Node) (uint64, error)) (one pong) {
	began := time.Now()
	seq, err := ping(ctx, n)
	if err != nil {
		return pong{Error: err.Error()}
	}
	return pong{Milliseconds: milliseconds(time.Since(began)), Seq: seq}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// probeFields returns the fields of a probe's answer.
func probeFields(a *probe.Answer) (fields []field) {
	add := func(name string, value any, ok bool) {
		if ok {
			fields = append(fields, field{name, value})
		}
	}
	add("addr", a.Addr.String(), a.Addr.IsValid())
	add("stage", string(a.Stage), true)
	add("dialms", milliseconds(a.Took.Dial), a.Took.Dial > 0)
	add("rlpxms", milliseconds(a.Took.RLPx), a.Took.RLPx > 0)
	add("helloms", milliseconds(a.Took.Hello), a.Took.Hello > 0)
	add("client", a.Client, a.Client != "")
	var caps []string
	for _, c := range a.Caps {
		caps = append(caps, c.String())
	}
	add("caps", caps, len(caps) > 0)
	add("eth", a.Eth, a.Eth != 0)
	if st := a.Status; st != nil {
		add("network", crawl.NetworkOf(st.NetworkID, st.Genesis), true)
		add("genesis", st.Genesis.String(), true)
		add("statusfork", st.ForkID.String(), a.Eth >= 64)
		add("head", st.Head.String(), true)
		add("latest", st.Latest, a.Eth >= 69)
		add("earliest", st.Earliest, a.Eth >= 69)
		add("td", st.TD.Dec(), a.Eth <= 68)
	}
	add("reason", a.Reason, a.Reason != "")
	if a.Err != nil {
		add("error", a.Err.Error(), true)
	}
	return fields
}
