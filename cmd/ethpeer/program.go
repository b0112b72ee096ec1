// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// A program is the command with everything that it takes from its surroundings, so that
// tests can run it inside their own process.
type program struct {
	out     io.Writer
	err     io.Writer
	screen  *screen // what out is shown on; nil = it is no terminal
	env     func(string) string
	signals <-chan os.Signal
	exit    func(code int) // ends the process at once
	newNode func(settings) (node, error)
}

// A screen is a terminal that standard output goes to.
type screen struct{ width func() int }

// A node is what watch runs.
type node interface {
	// Run returns when ctx ends, or when the node cannot go on.
	Run(ctx context.Context) error
}

// run carries out the command line and returns the exit code.
func (p *program) run(args []string) int {
	root := p.command()
	root.SetArgs(append([]string{}, args...)) // never nil, which would mean os.Args
	err := root.Execute()
	if err == nil {
		return exitOK
	}
	fmt.Fprintf(p.err, "ethpeer: %s\n", oneLine(err))
	return exitCode(err)
}

func (p *program) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "ethpeer",
		Short: "An Ethereum peer without a node",
		Long: `ethpeer is an Ethereum peer without a node: it connects to any Ethereum client of the
last ten years, with no state database and no EVM, and tells what it hears.`,
		Example:           "  ethpeer watch --chain sepolia --peers enode://KEY@HOST:30303",
		Args:              noArguments,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceUsage:      true,
		SilenceErrors:     true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	root.SetOut(p.out)
	root.SetErr(p.err)
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(p.watchCommand(), p.versionCommand())
	return root
}

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print what was built, and with which Go",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			info, _ := debug.ReadBuildInfo()
			_, err := fmt.Fprintln(p.out, versionText(release, info))
			return outputError(err)
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
