// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/params"
)

// flags are watch's flags as they were given. Numbers are text here, so that what is
// wrong with them is said in our words.
type flags struct {
	chain       string
	networkID   string
	peers       []string
	nodeKey     string
	addr        string
	port        string
	maxPeers    string
	netRestrict []string
	noDiscover  bool // accepted; means something once there is discovery
	identity    string
	nat         string
	eth         []string
	all         bool
	json        bool
	logLevel    string
}

const watchExample = `  # readable lines, here and now
  ethpeer watch --chain sepolia --peers enode://KEY@HOST:30303

  # your own network, its nodes from a file, every telling kept
  ethpeer watch --chain genesis.json --peers @nodes.txt --all > events.ndjson

  # who sends how much? (one JSON object per line on a pipe)
  ethpeer watch --peers @nodes.txt | jq -r 'select(.kind == "tx" and .value) | [.from, .value] | @tsv'

  # the same identity each time, reachable from outside
  (umask 077; openssl rand -hex 32 > node.key)
  ethpeer watch --nodekey node.key --nat extip:203.0.113.7 --peers @nodes.txt`

func (p *program) watchCommand() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "watch",
		Short: "Print every transaction and block that peers tell of",
		Long: `watch connects to peers and prints each transaction and block that they tell of, with who told
us and when. On a terminal it prints readable lines; on a pipe, or with --json, one JSON object per
line (docs/events.md). Ctrl-C ends it with a summary, a second Ctrl-C at once.

A reader of standard output that is too slow holds up no peer: what it misses is counted and reported.`,
		Example: watchExample,
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			s, err := f.settings()
			if err != nil {
				return err
			}
			return p.watch(s)
		},
	}
	f.define(cmd)
	return cmd
}

func (f *flags) define(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.SortFlags = false
	f.chain, f.addr, f.port, f.maxPeers, f.nat, f.logLevel = "mainnet", "0.0.0.0", "30303", "50", "none", "info"
	fs.Var(word{&f.chain, "NAME|FILE"}, "chain", strings.Join(params.Names(), ", ")+", or the path of a genesis.json")
	fs.Var(word{&f.networkID, "ID"}, "networkid", "network ID, if it is not the chain's own")
	fs.Var(words{&f.peers, "NODES"}, "peers", "nodes to keep connected: enode:// or enr: forms, separated by commas, or @FILE with one per line; may be repeated")
	fs.Var(word{&f.nodeKey, "FILE"}, "nodekey", "our private key, 64 hex digits (default: a new key each time)")
	fs.Var(word{&f.addr, "IP|none"}, "addr", "address to listen on; :: for IPv6 too, none for not at all")
	fs.Var(word{&f.port, "PORT"}, "port", "TCP port to listen on; 0 for any that is free")
	fs.Var(word{&f.maxPeers, "N"}, "maxpeers", "how many peers at most")
	fs.Var(words{&f.netRestrict, "CIDRS"}, "netrestrict", "networks that peers must be in, such as 10.0.0.0/8,fd00::/8; may be repeated")
	fs.BoolVar(&f.noDiscover, "nodiscover", false, "do not look for peers (there is no discovery yet, so this changes nothing)")
	fs.Var(word{&f.identity, "NAME"}, "identity", "a word of your own in our client name")
	fs.Var(word{&f.nat, "none|extip:IP"}, "nat", "the address that others reach us at, if it is not our own")
	fs.Var(words{&f.eth, "LIST"}, "eth", "versions of eth to offer (default "+versionList(wire.Supported())+")")
	fs.BoolVar(&f.all, "all", false, "print every further telling of a transaction too")
	fs.BoolVar(&f.json, "json", false, "print JSON on a terminal too")
	fs.Var(word{&f.logLevel, "LEVEL"}, "log-level", "messages on standard error: error, warn, info or debug")
	cmd.SetUsageTemplate(strings.ReplaceAll(cmd.UsageTemplate(), ".LocalFlags.FlagUsages", ".LocalFlags.FlagUsagesWrapped 100"))
}

// word is a flag with a value; name stands for it in the help.
type word struct {
	value *string
	name  string
}

func (w word) String() string {
	if w.value == nil { // the parser asks a zero word for its default
		return ""
	}
	return *w.value
}
func (w word) Set(s string) error { *w.value = s; return nil }
func (w word) Type() string       { return w.name }

// words is a flag that may be repeated.
type words struct {
	values *[]string
	name   string
}

func (w words) String() string     { return "" }
func (w words) Set(s string) error { *w.values = append(*w.values, s); return nil }
func (w words) Type() string       { return w.name }
