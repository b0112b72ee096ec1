// SPDX-License-Identifier: Apache-2.0

package main

import "github.com/spf13/cobra"

const watchExample = `  # a first look, with no network at all
  ethpeer watch --chain dev

  # readable lines, of peers that it finds by itself; what it learns of them is kept
  ethpeer watch --chain sepolia --datadir ~/.ethpeer

  # of these peers only
  ethpeer watch --chain sepolia --nodiscover --peers enode://KEY@HOST:30303

  # your own network, its nodes from a file, every telling kept
  ethpeer watch --chain genesis.json --peers @nodes.txt --all > events.ndjson

  # which peer sends how much? (one JSON object per line on a pipe)
  ethpeer watch --peers @nodes.txt | jq -r 'select(.kind == "tx" and .value) | [.from, .value] | @tsv'

  # the same identity each time, reachable from outside, a place kept for our own nodes
  ethpeer key generate --out node.key
  ethpeer watch --nodekey node.key --nat extip:203.0.113.7 --peers @nodes.txt --trustedpeers @nodes.txt

  # everything from a file, but for this time
  ethpeer watch --config ethpeer.toml --log-level debug`

func (p *program) watchCommand() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "watch",
		Short: "Print every transaction and block that peers announce",
		Long: `watch connects to peers and prints each transaction and block that they announce, with the announcing
peer and the time. On a terminal it prints readable lines; on a pipe, or with --json, one JSON object
per line (docs/events.md). Ctrl-C ends it with a summary, a second Ctrl-C at once.

A reader of standard output that is too slow holds up no peer: what it misses is counted and reported.

` + ruleText,
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
	f.define(p.options(cmd))
	return cmd
}

// ruleText is the rule of package option.
const ruleText = `Each flag can also be given as a variable or in a file: --log-level debug is ETHPEER_LOG_LEVEL=debug,
or log-level = "debug" in the TOML file that --config names. A flag wins over a variable, a variable
over the file, the file over the default; an empty value means none (docs/config.md).`

// variableText is the rule for commands that read no configuration file.
const variableText = `Each flag can also be given as a variable: --workers 8 is ETHPEER_WORKERS=8.`
