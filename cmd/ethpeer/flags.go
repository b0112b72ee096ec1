// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"

	"github.com/ethpeer/ethpeer/cmd/ethpeer/internal/option"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/params"
)

// flags are the options of watch and config.
type flags struct {
	config option.Option

	chain        option.Option
	networkID    option.Option
	peers        option.Option
	trustedPeers option.Option
	nodeKey      option.Option
	addr         option.Option
	port         option.Option
	maxPeers     option.Option
	netRestrict  option.Option
	trustedOnly  option.Option
	discovery    discoveryFlags
	dataDir      option.Option
	identity     option.Option
	nat          option.Option
	eth          option.Option
	blocks       chainFlags

	all        option.Option
	candidates option.Option
	json       option.Option
	log        logFlags
}

// Usage texts that several commands share.
const (
	nodeKeyUsage = "our private key, as ethpeer key generate writes it (default: that of --datadir, or a new key each time)"
	dataDirUsage = "keep the node key, and what we know of nodes, in this directory (default: nothing is kept)"
	natUsage     = "how to learn the address that others reach us at: any, none, upnp, pmp[:GATEWAY], extip:IP or stun[:SERVER]"
	jsonUsage    = "print JSON on a terminal too"
)

// define adds the options to a command, in the order of the help.
func (f *flags) define(s *option.Set) {
	s.Word(&f.chain, "chain", "NAME|FILE", "mainnet", strings.Join(params.Names(), ", ")+", the path of a genesis.json, or "+devChain+" for "+devNotice, chainNames()...)
	s.Word(&f.networkID, "networkid", "ID", "", "network ID (default: that of the chain)")
	s.Words(&f.peers, "peers", "NODES", "", "nodes to keep connected: "+option.NodeForms)
	s.Words(&f.trustedPeers, "trustedpeers", "NODES|IDS", "", "nodes that may connect even if all places are taken, in the same forms or as node IDs; they are not dialled for that, and --peers are not trusted for being dialled")
	s.Word(&f.nodeKey, "nodekey", "FILE", "", nodeKeyUsage)
	s.Word(&f.addr, "addr", "IP|none", "0.0.0.0", "address to listen on; 0.0.0.0 for all of IPv4, :: for IPv6 too, none for not at all", "0.0.0.0", "::", "127.0.0.1", "none")
	s.Word(&f.port, "port", "PORT", "30303", "TCP port to listen on; 0 for any that is free", "30303", "0")
	s.Word(&f.maxPeers, "maxpeers", "N", "50", "how many peers at most", "50")
	s.Words(&f.netRestrict, "netrestrict", "CIDRS", "", "networks that peers must be in, such as 10.0.0.0/8,fd00::/8; may be repeated (default: no limit)")
	s.No(&f.trustedOnly, "trusted-only", "no peers but those of --peers and --trustedpeers, and no search for others")
	f.discovery.define(s)
	s.Word(&f.dataDir, "datadir", "DIR", "", dataDirUsage)
	s.Word(&f.identity, "identity", "NAME", "", "a word of your own in our client name")
	s.Word(&f.nat, "nat", "METHOD", "any", natUsage, option.NATMethods...)
	s.Words(&f.eth, "eth", "LIST", option.VersionList(wire.Supported()), "versions of eth to offer", versionWords()...)
	f.blocks.define(s)
	s.No(&f.all, "all", "print every further announcement of a transaction too")
	s.No(&f.candidates, "candidates", "print what becomes of every node that is found, and why")
	s.No(&f.json, "json", jsonUsage)
	f.log.define(s)
	s.File(&f.config, "config", "FILE", "read settings from this TOML file; ethpeer config writes one")
}

// logFlags say what is written to standard error, and how.
type logFlags struct{ level, format option.Option }

func (f *logFlags) define(s *option.Set) {
	s.Word(&f.level, "log-level", "LEVEL", "info", "messages on standard error: error, warn, info or debug", option.LogLevels...)
	s.Word(&f.format, "log-format", "text|json", "text", "how these messages are written", option.LogFormats...)
}

func (f *logFlags) settings(s *settings) (err error) {
	if s.logLevel, err = option.LogLevel(&f.level); err != nil {
		return err
	}
	format, err := option.OneOf(&f.format, option.LogFormats...)
	s.logJSON = format == "json"
	return err
}

// versionWords are the values of --eth that a shell completes.
func versionWords() []string { return strings.Split(option.VersionList(option.Offered()), ",") }
