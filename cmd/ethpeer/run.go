// SPDX-License-Identifier: Apache-2.0

package main

import "github.com/spf13/cobra"

const exampleOfRun = `  # a relay of your own network, which keeps the whole chain and serves it
  ethpeer run --chain genesis.json --datadir node --history full --peers @nodes.txt

  # mainnet, with a consensus client that names the head (it has the secret node/jwtsecret, too)
  ethpeer run --datadir node --engine 127.0.0.1:8551

  # mainnet, with proofs of the head from two beacon nodes
  ethpeer run --datadir node --beacon http://127.0.0.1:5052,http://10.0.0.7:5052 --checkpoint ROOT

  # how is it? (in another terminal)
  ethpeer status --datadir node --watch`

func (p *program) runCommand() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run a peer that keeps the chain and serves it, until it is told to end",
		Long: `run is the long-running peer: it does all that watch does, without the stream of events, keeps blocks
in --datadir, serves them to peers, and answers ethpeer status. It logs to standard error. Without
--datadir it keeps the last 1,024 blocks in memory. Ctrl-C ends it in order, a second Ctrl-C at once.

` + ruleText,
		Example: exampleOfRun,
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			s, err := f.settings()
			if err != nil {
				return err
			}
			return p.serve(s)
		},
	}
	set := p.options(cmd)
	f.define(set)
	for _, of := range []string{"all", "candidates", "json"} { // a configuration file for watch may set them
		_ = cmd.Flags().MarkHidden(of) // cannot fail: define has added them
	}
	return cmd
}
