// SPDX-License-Identifier: Apache-2.0

// in: flags, signals · out: our enode URL and record, each time they change · goroutines: the engines', one
// for the address, one that waits for signals

package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"

	"github.com/spf13/cobra"

	"github.com/ethpeer/ethpeer"
	"github.com/ethpeer/ethpeer/cmd/ethpeer/internal/option"
	"github.com/ethpeer/ethpeer/discover"
	"github.com/ethpeer/ethpeer/discover/self"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
)

// bootnodeFlags are the options of bootnode, named as those of watch.
type bootnodeFlags struct {
	addr, port, nodeKey, nat, dataDir, netRestrict, bootnodes, v4, v5, json option.Option
	log                                                                     logFlags
}

func (p *program) bootnodeCommand() *cobra.Command {
	var f bootnodeFlags
	cmd := &cobra.Command{
		Use:   "bootnode",
		Short: "Run a node that other nodes ask for nodes",
		Long: `bootnode does node discovery, versions 4 and 5, and nothing else: no TCP, no eth. It prints its enode
URL and its record, for the --bootnodes of others, and prints them again when the record changes. Ctrl-C
ends it.`,
		Example: `  # the same identity each time, at an address that is known
  ethpeer key generate --out boot.key
  ethpeer bootnode --nodekey boot.key --nat extip:203.0.113.7

  # on this machine, for a try
  ethpeer bootnode --addr 127.0.0.1 --port 30301

  # identity and known nodes kept in a directory
  ethpeer bootnode --datadir boot`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := f.settings()
			if err != nil {
				return err
			}
			return p.bootnode(s)
		},
	}
	d := p.options(cmd)
	d.Word(&f.addr, "addr", "IP", "0.0.0.0", "address to answer at; :: for IPv6 too", "0.0.0.0", "::", "127.0.0.1")
	d.Word(&f.port, "port", "PORT", "30303", "UDP port; 0 for any that is free", "30303", "0")
	d.Word(&f.nodeKey, "nodekey", "FILE", "", nodeKeyUsage)
	d.Word(&f.nat, "nat", "METHOD", "any", natUsage, option.NATMethods...)
	d.Word(&f.dataDir, "datadir", "DIR", "", dataDirUsage)
	d.Words(&f.netRestrict, "netrestrict", "CIDRS", "", "networks that nodes must be in, such as 10.0.0.0/8,fd00::/8; may be repeated (default: no limit)")
	d.Words(&f.bootnodes, "bootnodes", "NODES", "", "other nodes to begin with: "+option.NodeForms+"; enrtree:// URLs too")
	d.Yes(&f.v4, "discovery.v4", "do discovery v4")
	d.Yes(&f.v5, "discovery.v5", "do discovery v5")
	d.No(&f.json, "json", jsonUsage)
	f.log.define(d)
	return cmd
}

// settings reads the options.
func (f *bootnodeFlags) settings() (s settings, err error) {
	s.json = f.json.On()
	if s.dataDir, err = option.Directory(&f.dataDir); err != nil {
		return s, err
	}
	if err = f.log.settings(&s); err != nil {
		return s, err
	}
	s.discovery = ethpeer.Discovery{V4: f.v4.On(), V5: f.v5.On()}
	if !s.discovery.V4 && !s.discovery.V5 {
		return s, fmt.Errorf("both versions of discovery are off: leave one of --discovery.v4 and --discovery.v5 on")
	}
	if s.discovery.Listen, err = option.Listen(&f.addr, &f.port); err != nil {
		return s, err
	}
	if s.discovery.Listen == "" {
		return s, f.addr.Wrong(f.addr.Text(), "an IP address of this machine: a bootnode has to be asked somewhere")
	}
	if s.nat, err = option.NAT(&f.nat); err != nil {
		return s, err
	}
	if s.netRestrict, err = option.Networks(&f.netRestrict); err != nil {
		return s, err
	}
	if s.discovery.Bootnodes, s.discovery.Lists, err = option.Bootnodes(&f.bootnodes); err != nil {
		return s, err
	}
	return s, s.takeKey(&f.nodeKey)
}

// bootnode answers until a signal, or until it fails.
func (p *program) bootnode(s settings) error {
	log := p.logger(&s)
	p.warn(&s, log)
	closeData, err := s.openData(log)
	if err != nil {
		return err
	}
	defer closeData()
	ctx, cancel, end := p.untilSignal()
	defer end()

	signed := func(r *enr.Record) {
		if err := p.printRecord(&s, r); err != nil {
			cancel(err)
		}
	}
	if err := nodeError(s.runBootnode(ctx, bootnodeLog(log), signed), s.discovery.Listen, "--port"); err != nil {
		return err
	}
	return outputError(unlessSignal(context.Cause(ctx)))
}

// bootnodeLog returns a recorder that logs the troubles of a bootnode, and its losses as sums, because a full
// disk is a loss each second. It is safe for concurrent use.
func bootnodeLog(log *slog.Logger) event.Recorder {
	var mu sync.Mutex // guards what follows
	var losses event.Digest
	return func(e event.Event) {
		switch e := e.(type) {
		case event.Loss:
			mu.Lock()
			sum, shown := losses.Add(e)
			mu.Unlock()
			if shown {
				log.Warn("lost", "where", sum.Where, "count", sum.Count)
			}
		case event.Trouble:
			if e.Over {
				log.Info(e.Where, "over", e.Err)
			} else {
				log.Warn(e.Where, "trouble", e.Err)
			}
		}
	}
}

// runBootnode answers until ctx ends. It looks only for the nodes that its own tables need.
func (s *settings) runBootnode(ctx context.Context, record event.Recorder, signed func(*enr.Record)) error {
	key := s.key
	if key == nil {
		var err error
		if key, err = ecc.NewPrivateKey(rand.Reader); err != nil {
			return failure{err}
		}
	}
	d := &s.discovery
	host, err := discover.NewHost(discover.HostConfig{
		Config: discover.Config{
			Key: key, Listen: d.Listen, V4: d.V4, V5: d.V5, Bootnodes: d.Bootnodes, BootLists: d.Lists, Restrict: s.netRestrict, DB: s.db, Record: record,
		},
		NAT: s.nat, Signed: signed,
	})
	if err != nil {
		return err
	}
	if err := host.Open(); err != nil {
		return err
	}
	var loops sync.WaitGroup
	defer loops.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if s.db != nil {
		loops.Go(func() { _ = s.db.Run(ctx, record) }) // a failed write is a loss, which Run records
	}
	host.Self().Record() // prints our enode URL and record
	return host.Run(ctx)
}

// printRecord prints our enode URL and record: two lines for a person, one object for a program.
func (p *program) printRecord(s *settings, r *enr.Record) error {
	n := r.Node()
	if p.forPeople(s) {
		_, err := fmt.Fprintf(p.out, "%s\n%s\n", n.URL(), r.Text())
		return err
	}
	line, err := json.Marshal(struct {
		Kind    string     `json:"kind"`
		ID      string     `json:"id"`
		Seq     uint64     `json:"seq"`
		IP      netip.Addr `json:"ip"`
		UDP     uint16     `json:"udp"`
		Private bool       `json:"private"`
		Enode   string     `json:"enode"`
		Record  string     `json:"record"`
	}{"self", n.ID().String(), r.Seq(), n.IP, n.UDP, self.Private(n.IP), n.URL(), r.Text()})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "%s\n", line)
	return err
}
