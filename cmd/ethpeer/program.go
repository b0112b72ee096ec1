// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ethpeer/ethpeer/cmd/ethpeer/internal/option"
)

// A program is the command with all its inputs and outputs, so that tests can run it inside their own
// process.
//
// Owner: the goroutine that calls run.
type program struct {
	in      io.Reader
	out     io.Writer
	err     io.Writer
	screen  *screen // the terminal of out; nil = out is no terminal
	errs    *screen // the terminal of err; nil = err is no terminal
	env     map[string]string
	signals func() <-chan os.Signal // after the call, signals no longer end the process
	exit    func(code int)          // ends the process at once
	newNode func(settings) (node, error)

	sets     map[*cobra.Command]*option.Set // the options of each command
	warnings []string                       // about the options of the command that runs
}

// A screen is a terminal.
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
	root.SetArgs(append([]string{}, args...)) // never nil, which cobra takes for os.Args
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

// A keeper keeps the first error of a writer, because cobra ignores errors when it prints the help.
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
	p.sets, p.warnings = map[*cobra.Command]*option.Set{}, nil
	root := &cobra.Command{
		Use:   "ethpeer",
		Short: "An Ethereum peer without a node",
		Long: `ethpeer is an Ethereum peer without a node: it connects to any Ethereum client of the last ten years,
with no state database and no EVM, and prints the transactions and blocks that it hears.`,
		Example:           "  ethpeer watch --chain dev\n  ethpeer watch --chain sepolia\n  ethpeer ping --rlpx enode://KEY@HOST:30303",
		Version:           versionOfBuild(),
		Args:              noArguments,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return p.fill(cmd) },
		SilenceUsage:      true,
		SilenceErrors:     true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".LocalFlags.FlagUsages", ".LocalFlags.FlagUsagesWrapped 100"))
	root.SetErr(p.err)
	root.SetFlagErrorFunc(flagError)
	root.SetHelpCommand(p.helpCommand())
	root.AddCommand(p.runCommand(), p.statusCommand(), p.importCommand(), p.exportCommand(), p.watchCommand(), p.crawlCommand(), p.pingCommand(), p.bootnodeCommand(), p.configCommand(), p.keyCommand(), p.enrCommand(), p.completionCommand(), p.versionCommand())
	return root
}

// options makes the set of a command's options, which fill completes before the command runs.
func (p *program) options(cmd *cobra.Command) *option.Set {
	set := option.For(cmd)
	p.sets[cmd] = set
	return set
}

// fill completes the options of a command from variables and the configuration file. It accepts the variables
// of other commands, because one environment may serve several.
func (p *program) fill(cmd *cobra.Command) error {
	set, ok := p.sets[cmd]
	if !ok {
		return nil
	}
	var known []string
	for _, s := range p.sets {
		known = append(known, s.Variables()...)
	}
	p.warnings = option.UnknownVariables(p.env, known)
	return set.Fill(p.env)
}
