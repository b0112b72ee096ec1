// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/params"
)

// flags are watch's options.
type flags struct {
	config option

	chain        option
	networkID    option
	peers        option
	trustedPeers option
	nodeKey      option
	addr         option
	port         option
	maxPeers     option
	netRestrict  option
	trustedOnly  option
	discovery    discoveryFlags
	dataDir      option
	identity     option
	nat          option
	eth          option

	all        option
	candidates option
	json       option
	logLevel   option
	logFormat  option
}

// define makes the options flags of the command. The order is that of the help.
func (f *flags) define(cmd *cobra.Command) {
	d := definer{cmd}
	d.word(&f.chain, "chain", "NAME|FILE", "mainnet", strings.Join(params.Names(), ", ")+", the path of a genesis.json, or "+devChain+" for "+devNotice, chainNames()...)
	d.word(&f.networkID, "networkid", "ID", "", "network ID, if it is not the chain's own")
	d.words(&f.peers, "peers", "NODES", "", "nodes to keep connected: enode:// or enr: forms, separated by commas, or @FILE with one per line; may be repeated")
	d.words(&f.trustedPeers, "trustedpeers", "NODES|IDS", "", "nodes that may connect even if we are full, in the same forms or as node IDs; they are not dialled for that, and --peers are not trusted for being dialled")
	d.word(&f.nodeKey, "nodekey", "FILE", "", "our private key, as ethpeer key generate writes it (default: that of --datadir, or a new key each time)")
	d.word(&f.addr, "addr", "IP|none", "0.0.0.0", "address to listen on; :: for IPv6 too, none for not at all", "0.0.0.0", "::", "127.0.0.1", "none")
	d.word(&f.port, "port", "PORT", "30303", "TCP port to listen on; 0 for any that is free", "30303", "0")
	d.word(&f.maxPeers, "maxpeers", "N", "50", "how many peers at most", "50")
	d.words(&f.netRestrict, "netrestrict", "CIDRS", "", "networks that peers must be in, such as 10.0.0.0/8,fd00::/8; may be repeated")
	d.yesOrNo(&f.trustedOnly, "trusted-only", "no peers but those of --peers and --trustedpeers; looks for nobody")
	f.discovery.define(d)
	d.word(&f.dataDir, "datadir", "DIR", "", "keep the node key, and what we know of nodes, in this directory (default: nothing is kept)")
	d.word(&f.identity, "identity", "NAME", "", "a word of your own in our client name")
	d.word(&f.nat, "nat", "METHOD", "any", "how to learn the address that others reach us at: any, none, upnp, pmp[:GATEWAY], extip:IP or stun[:SERVER]", natChoices...)
	d.words(&f.eth, "eth", "LIST", versionList(wire.Supported()), "versions of eth to offer", split(versionList(offered()))...)
	d.yesOrNo(&f.all, "all", "print every further telling of a transaction too")
	d.yesOrNo(&f.candidates, "candidates", "print what becomes of every node that is found, and why")
	d.yesOrNo(&f.json, "json", "print JSON on a terminal too")
	d.word(&f.logLevel, "log-level", "LEVEL", "info", "messages on standard error: error, warn, info or debug", "error", "warn", "info", "debug")
	d.word(&f.logFormat, "log-format", "text|json", "text", "how these messages are written", "text", "json")
	d.word(&f.config, "config", "FILE", "", "read settings from this TOML file; ethpeer config writes one")
}

// natChoices are what a shell offers for --nat.
var natChoices = []string{"any", "none", "upnp", "pmp", "extip:", "stun"}

// A definer adds options to a command. What a shell shall offer as values comes last; if
// that is nothing, it offers files.
type definer struct{ cmd *cobra.Command }

func (d definer) word(o *option, name, like, fallback, usage string, choices ...string) {
	d.add(o, option{name: name, like: like, values: []string{fallback}, choices: choices}, usage)
}

func (d definer) words(o *option, name, like, fallback, usage string, choices ...string) {
	d.add(o, option{name: name, shape: manyWord, like: like, values: split(fallback), choices: choices}, usage)
}

func (d definer) yesOrNo(o *option, name, usage string) {
	d.add(o, option{name: name, shape: yesOrNo, values: []string{"false"}, choices: []string{"true", "false"}}, usage)
	d.cmd.Flags().Lookup(name).NoOptDefVal = "true"
}

func (d definer) add(o *option, is option, usage string) {
	*o = is
	fs := d.cmd.Flags()
	fs.SortFlags = false
	fs.Var(o, o.name, usage)
	if err := d.cmd.RegisterFlagCompletionFunc(o.name, o.complete); err != nil {
		panic(err) // a name that is given twice
	}
}
