// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ethpeer/ethpeer/cmd/ethpeer/internal/option"
)

func (p *program) configCommand() *cobra.Command {
	var f flags
	var set *option.Set
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Print the settings that watch would use, and where each comes from",
		Long: `config takes the flags of watch, checks everything and prints it as a TOML file, each setting with its
origin. It makes no connection.

` + ruleText,
		Example: `  # begin with a file of all defaults
  ethpeer config > ethpeer.toml

  # is the file right, and which variables matter?
  ethpeer config --config ethpeer.toml

  # keep today's flags
  ethpeer config --chain sepolia --peers @nodes.txt > sepolia.toml`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := f.settings()
			if err != nil {
				return err
			}
			p.warn(&s, p.logger(&s))
			_, err = fmt.Fprint(cmd.OutOrStdout(), set.TOML())
			return err
		},
	}
	set = p.options(cmd)
	f.define(set)
	return cmd
}
