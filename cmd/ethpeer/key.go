// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/ethpeer/ethpeer/cmd/ethpeer/internal/option"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
)

func (p *program) keyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "key",
		Short: "Make a node key, which is our identity, or look at one",
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(p.keyGenerateCommand(), p.keyNewCommand(), p.keyInspectCommand())
	return cmd
}

func (p *program) keyGenerateCommand() *cobra.Command {
	var out option.Option
	cmd := &cobra.Command{
		Use:   "generate --out FILE",
		Short: "Write a new key, and print the public one",
		Long: `generate draws a key and writes it to a file that only you can read, for --nodekey. It prints the enode
form of the public key, without an address: for example for --trustedpeers of others. A file is never
overwritten, and a private key is never printed.`,
		Example: `  # the same identity each time
  ethpeer key generate --out node.key
  ethpeer watch --nodekey node.key`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out.Text() == "" {
				return errors.New("key generate: name the file, with --out FILE")
			}
			return generateKey(cmd, out.Text())
		},
	}
	p.options(cmd).Word(&out, "out", "FILE", "", "the file to write, which must not exist (required)")
	return cmd
}

// keyNewCommand is the short form of generate.
func (p *program) keyNewCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "new FILE",
		Short:   "The same as generate --out FILE",
		Example: "  ethpeer key new node.key",
		Args:    oneFile("key new"),
		RunE:    func(cmd *cobra.Command, args []string) error { return generateKey(cmd, args[0]) },
	}
}

func oneFile(command string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 || args[0] == "" {
			return fmt.Errorf("%s takes one name of a file; see ethpeer %s --help", command, command)
		}
		return nil
	}
}

func generateKey(cmd *cobra.Command, file string) error {
	key, err := ecc.NewPrivateKey(rand.Reader)
	if err != nil {
		return failure{err}
	}
	if err := writeKey(file, key); err != nil {
		return err
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), enr.Node{Key: key.Public()}.URL())
	return err
}

func (p *program) keyInspectCommand() *cobra.Command {
	var json option.Option
	cmd := &cobra.Command{
		Use:   "inspect FILE",
		Short: "Print what other nodes see of a key: node ID, public key, enode form",
		Long:  "inspect reads a key and prints what others see of it, as JSON on a pipe. It never prints the private\nkey.",
		Example: `  ethpeer key inspect node.key
  ethpeer key inspect node.key | jq -r .enode`,
		Args: oneFile("key inspect"),
		RunE: func(_ *cobra.Command, args []string) error {
			key, warning, err := option.ReadKey(option.Of("", args[0]))
			if err != nil {
				return err
			}
			s := settings{json: json.On(), warnings: []string{warning}}
			if warning == "" {
				s.warnings = nil
			}
			p.warn(&s, p.logger(&s))
			n := enr.Node{Key: key.Public()}
			public := key.Public().Bytes()
			return p.show(&s, []field{
				{"id", n.ID().String()}, {"public", hex.EncodeToString(public[:])}, {"enode", n.URL()},
			})
		},
	}
	p.options(cmd).No(&json, "json", jsonUsage)
	return cmd
}

// writeKey writes a key to a new file. A wrong directory is the user's error; a full disk is a failure.
func writeKey(name string, key *ecc.PrivateKey) error {
	if option.LooksLikeKey(name) {
		return errors.New("want the name of a file, not a key")
	}
	err := option.WriteKey(name, key)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%s: exists, and a key is never overwritten; choose another name", name)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%s: cannot make it: %w; choose another name", name, option.Pathless(err))
	}
	return failure{fmt.Errorf("%s: cannot write it: %w", name, option.Pathless(err))}
}
