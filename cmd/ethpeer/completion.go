// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// shells are the shells that completions can be written for, by name.
var shells = []struct {
	name  string
	write func(root *cobra.Command, w io.Writer) error
}{
	{"bash", func(root *cobra.Command, w io.Writer) error { return root.GenBashCompletionV2(w, true) }},
	{"zsh", (*cobra.Command).GenZshCompletion},
	{"fish", func(root *cobra.Command, w io.Writer) error { return root.GenFishCompletion(w, true) }},
}

func (p *program) completionCommand() *cobra.Command {
	var names []string
	for _, s := range shells {
		names = append(names, s.name)
	}
	return &cobra.Command{
		Use:   "completion " + strings.Join(names, "|"),
		Short: "Print the script that makes a shell complete commands, flags and values",
		Example: `  # bash: in this shell, then in each new one (needs the package bash-completion)
  source <(ethpeer completion bash)
  ethpeer completion bash > ~/.local/share/bash-completion/completions/ethpeer

  # zsh: a file in a folder of $fpath, before compinit runs
  ethpeer completion zsh > ~/.zfunc/_ethpeer

  # fish
  ethpeer completion fish > ~/.config/fish/completions/ethpeer.fish`,
		ValidArgs: names,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || !slices.Contains(names, args[0]) {
				return fmt.Errorf("completion: want one of %s; see ethpeer completion --help", strings.Join(names, ", "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, s := range shells {
				if s.name == args[0] {
					return s.write(cmd.Root(), cmd.OutOrStdout())
				}
			}
			return nil
		},
	}
}
