// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer"
	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/cmd/ethpeer/internal/option"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/nat"
	"github.com/ethpeer/ethpeer/nodedb"
	"github.com/ethpeer/ethpeer/p2p/server"
	"github.com/ethpeer/ethpeer/params"
)

// settings are the checked values of the options.
type settings struct {
	key         *ecc.PrivateKey // nil = a new one
	dev         bool            // the chain is that of an embedded network
	chain       *params.Chain   // nil if dev
	networkID   uint64          // 0 = the chain's own
	versions    []wire.Version
	identity    string
	listen      string // host:port; empty = do not listen
	nat         nat.Method
	discovery   ethpeer.Discovery
	trustedOnly bool
	dataDir     string     // "" = nothing is kept
	db          *nodedb.DB // nil = in memory; set by openData
	maxPeers    int
	static      []enr.Node
	trusted     []enr.ID
	netRestrict []netip.Prefix
	blocks      chainSettings
	keepsChain  bool // in dataDir, if there is one; set by serve

	openChain func(chain.Config) (*chain.Chain, error) // nil = in memory; set by keepChain
	seals     chain.Seals                              // nil = proofs of work are not checked; set by live

	all        bool
	candidates bool
	json       bool
	logLevel   slog.Level
	logJSON    bool
	warnings   []string // messages for the user about settings that are no error

	record event.Recorder   // set by watch
	ready  func(url string) // called once, when the node runs; set by watch
}

// settings reads the filled options. The error is the first wrong setting.
func (f *flags) settings() (s settings, err error) {
	s.all, s.candidates, s.json = f.all.On(), f.candidates.On(), f.json.On()
	if err = f.log.settings(&s); err != nil {
		return s, err
	}
	if f.networkID.Text() != "" {
		if s.networkID, err = option.Number(&f.networkID, 1, 1<<64-1); err != nil {
			return s, err
		}
	}
	if err = f.dev(&s); err != nil {
		return s, err
	}
	if !s.dev {
		if s.chain, err = option.Chain(&f.chain, devChain); err != nil {
			return s, err
		}
		for _, w := range s.chain.Warnings {
			s.warnings = append(s.warnings, "genesis file: "+w)
		}
	}
	if s.versions, err = option.Versions(&f.eth); err != nil {
		return s, err
	}
	if s.identity, err = option.Identity(&f.identity); err != nil {
		return s, err
	}
	if err = f.network(&s); err != nil {
		return s, err
	}
	if s.dataDir, err = option.Directory(&f.dataDir); err != nil {
		return s, err
	}
	if err = f.blocks.settings(&s); err != nil {
		return s, err
	}
	return s, s.takeKey(&f.nodeKey)
}

// takeKey reads the key of --nodekey, if given.
func (s *settings) takeKey(o *option.Option) (err error) {
	if o.Text() == "" {
		return nil
	}
	var warning string
	if s.key, warning, err = option.ReadKey(o); warning != "" {
		s.warnings = append(s.warnings, warning)
	}
	return err
}

// network reads the options about connections.
func (f *flags) network(s *settings) (err error) {
	if s.listen, err = option.Listen(&f.addr, &f.port); err != nil {
		return err
	}
	if s.nat, err = option.NAT(&f.nat); err != nil {
		return err
	}
	if err = f.findPeers(s); err != nil {
		return err
	}
	most, err := option.Number(&f.maxPeers, 1, 10_000)
	if err != nil {
		return err
	}
	s.maxPeers = int(most)
	if s.netRestrict, err = option.Networks(&f.netRestrict); err != nil {
		return err
	}
	if s.static, err = option.Peers(&f.peers); err != nil {
		return err
	}
	if s.trusted, err = option.Trusted(&f.trustedPeers); err != nil {
		return err
	}
	if w := s.tooMany(); w != "" {
		s.warnings = append(s.warnings, w)
	}
	if s.listen == "" && f.dataDir.Text() == "" && s.alone() != "" {
		return errors.New("no node to hear: with --addr none no node can connect to us, and none is named to begin with; name nodes with --peers or --bootnodes")
	}
	return nil
}

// alone warns that no node is known to begin with, so we only wait for others to connect.
func (s *settings) alone() string {
	d := &s.discovery
	const waits = "; waiting for others to connect"
	switch {
	case s.dev || len(s.static) > 0:
		return ""
	case s.trustedOnly && len(s.trusted) == 0:
		return "--trusted-only keeps every node out: none is named with --peers or --trustedpeers"
	case !d.V4 && !d.V5 && !d.DNS:
		return "no node is named with --peers, and discovery is off" + waits
	case (d.V4 || d.V5) && s.hasBootnodes(), d.DNS && len(s.chain.DNS)+len(d.Lists) > 0:
		return ""
	case s.db != nil && len(s.db.Good(time.Now(), 1)) > 0:
		return ""
	case d.Bootnodes != nil:
		return "no node to begin with: --bootnodes names none; name one there or with --peers" + waits
	}
	return "no node to begin with: the chain names no bootnodes; name one with --bootnodes or --peers" + waits
}

func (s *settings) hasBootnodes() bool {
	if s.discovery.Bootnodes != nil {
		return len(s.discovery.Bootnodes) > 0
	}
	return len(s.chain.Bootnodes)+len(s.chain.BootnodesV5) > 0
}

// tooMany warns that some named nodes may have to wait. The server dials while fewer peers that it dialled
// are connected than the dialled share, with two dials for each free place. So twice the share can be
// connected at the start, but a lost node waits until there are fewer than the share.
func (s *settings) tooMany() string {
	named := map[enr.ID]bool{}
	for _, n := range s.static {
		named[n.ID()] = true
	}
	share := max(s.maxPeers/server.DefaultDialRatio, 1)
	if len(named) <= share {
		return ""
	}
	return fmt.Sprintf("%d nodes are named, but with --maxpeers %d only %d places are for nodes that we dial: one that is lost may wait; try --maxpeers %d",
		len(named), s.maxPeers, share, server.DefaultDialRatio*len(named))
}

// onLoopback reports whether the settings let only this machine reach us.
func (s *settings) onLoopback() bool {
	at, err := netip.ParseAddrPort(s.listen)
	return s.dev || err == nil && at.Addr().IsLoopback()
}
