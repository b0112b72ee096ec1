// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

// A program is the command with everything that it takes from its surroundings, so that
// tests can run it inside their own process.
type program struct {
	out     io.Writer
	err     io.Writer
	screen  *screen // what out is shown on; nil = it is no terminal
	shared  bool    // err is shown there too
	env     map[string]string
	signals func() <-chan os.Signal // from the call on, signals no longer end the process
	exit    func(code int)          // ends the process at once
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
	text := &keeper{w: p.out}
	root.SetOut(text)
	root.SetArgs(append([]string{}, args...)) // never nil, which would mean os.Args
	err := root.Execute()
	if text.err != nil {
		err = outputError(text.err)
	}
	if err == nil {
		return exitOK
	}
	fmt.Fprintf(p.err, "ethpeer: %s\n", oneLine(err))
	return exitCode(err)
}

// A keeper keeps the first error of a writer: what prints help ignores it.
type keeper struct {
	w   io.Writer
	err error
}

func (k *keeper) Write(b []byte) (int, error) {
	n, err := k.w.Write(b)
	if k.err == nil {
		k.err = err
	}
	return n, err
}

func (p *program) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "ethpeer",
		Short: "An Ethereum peer without a node",
		Long: `ethpeer is an Ethereum peer without a node: it connects to any Ethereum client of the
last ten years, with no state database and no EVM, and tells what it hears.`,
		Example:           "  ethpeer watch --chain dev\n  ethpeer watch --chain sepolia\n  ethpeer ping --rlpx enode://KEY@HOST:30303",
		Args:              noArguments,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceUsage:      true,
		SilenceErrors:     true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true}, // we have our own
	}
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".LocalFlags.FlagUsages", ".LocalFlags.FlagUsagesWrapped 100"))
	root.SetErr(p.err)
	root.SetFlagErrorFunc(flagError)
	root.SetHelpCommand(p.helpCommand())
	root.AddCommand(p.watchCommand(), p.crawlCommand(), p.pingCommand(), p.bootnodeCommand(), p.configCommand(), p.keyCommand(), p.enrCommand(), p.completionCommand(), p.versionCommand())
	return root
}
