// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

const watchExample = `  # a first look, with no network at all
  ethpeer watch --chain dev

  # readable lines, of peers that it finds by itself; what it learns of them is kept
  ethpeer watch --chain sepolia --datadir ~/.ethpeer

  # of these peers only
  ethpeer watch --chain sepolia --nodiscover --peers enode://KEY@HOST:30303

  # your own network, its nodes from a file, every telling kept
  ethpeer watch --chain genesis.json --peers @nodes.txt --all > events.ndjson

  # who sends how much? (one JSON object per line on a pipe)
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
		Short: "Print every transaction and block that peers tell of",
		Long: `watch connects to peers and prints each transaction and block that they tell of, with who told
us and when. On a terminal it prints readable lines; on a pipe, or with --json, one JSON object per
line (docs/events.md). Ctrl-C ends it with a summary, a second Ctrl-C at once.

A reader of standard output that is too slow holds up no peer: what it misses is counted and reported.

` + ruleText,
		Example: watchExample,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := p.settings(cmd, &f)
			if err != nil {
				return err
			}
			return p.watch(s)
		},
	}
	f.define(cmd)
	return cmd
}

// ruleText is the one rule; see fill.
const ruleText = `Each flag can also be given as a variable or in a file: --log-level debug is ETHPEER_LOG_LEVEL=debug,
or log-level = "debug" in the TOML file that --config names. A flag wins over a variable, a variable
over the file, the file over the default (docs/config.md).`

func (p *program) configCommand() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Print the settings that watch would use, and where each comes from",
		Long: `config takes the flags of watch, checks everything and prints it as a TOML file, each setting with its
origin. It connects to nobody.

` + ruleText,
		Example: `  # begin with a file of all defaults
  ethpeer config > ethpeer.toml

  # is the file right, and which variables matter?
  ethpeer config --config ethpeer.toml

  # keep today's flags
  ethpeer config --chain sepolia --peers @nodes.txt > sepolia.toml`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := p.settings(cmd, &f)
			if err != nil {
				return err
			}
			p.warn(&s, p.logger(&s))
			_, err = fmt.Fprint(cmd.OutOrStdout(), configText(cmd.Flags()))
			return err
		},
	}
	f.define(cmd)
	return cmd
}

// settings reads the options from everywhere.
func (p *program) settings(cmd *cobra.Command, f *flags) (settings, error) {
	warnings, err := f.fill(cmd.Flags(), p.env)
	if err != nil {
		return settings{}, err
	}
	s, err := f.settings()
	s.warnings = append(s.warnings, warnings...)
	return s, err
}

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print what was built, and with which Go",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			info, _ := debug.ReadBuildInfo()
			_, err := fmt.Fprintln(cmd.OutOrStdout(), versionText(release, info))
			return err
		},
	}
}

// versionText names the release, the commit if Go recorded one, and the platform.
func versionText(release string, info *debug.BuildInfo) string {
	commit := ""
	if info != nil {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				commit = " commit " + s.Value[:min(12, len(s.Value))]
			}
		}
	}
	return fmt.Sprintf("ethpeer %s%s %s %s/%s", release, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

func (p *program) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Print what a command does, with examples",
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			var names []cobra.Completion
			if of, _, err := cmd.Root().Find(args); err == nil {
				for _, c := range of.Commands() {
					if c.IsAvailableCommand() {
						names = append(names, cobra.CompletionWithDesc(c.Name(), c.Short))
					}
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			of, rest, err := cmd.Root().Find(args)
			switch {
			case err == nil && len(rest) > 0 && of.HasSubCommands():
				return noCommand(of, rest[0])
			case err != nil || len(rest) > 0:
				return noCommand(cmd.Root(), strings.Join(args, " "))
			}
			of.InitDefaultHelpFlag()
			return of.Help()
		},
	}
}
