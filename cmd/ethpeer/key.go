// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/ecc"
)

// maxKeyFile bounds a file with a key, in bytes.
const maxKeyFile = 1 << 10

// readKey reads a private key in geth's form: 64 hex digits, space around them ignored.
// No message quotes the file: it may hold another secret.
func readKey(o *option) (key *ecc.PrivateKey, warning string, err error) {
	name := o.text()
	where := o.where() + " " + name
	if isDigits(name) {
		return nil, "", fmt.Errorf("%s: want the name of a file, not the key: others see what runs with which flags; ethpeer key new FILE makes one", o.where())
	}
	b, err := readFile(where, name, maxKeyFile, "make one with: ethpeer key new "+name)
	if err != nil {
		return nil, "", err
	}
	digits := strings.TrimSpace(string(b))
	if len(digits) != 64 {
		return nil, "", fmt.Errorf("%s: has %d characters, want 64 hex digits", where, len(digits))
	}
	raw, err := hex.DecodeString(digits)
	if err != nil {
		return nil, "", fmt.Errorf("%s: has characters that are no hex digits", where)
	}
	if key, err = ecc.ParsePrivateKey(raw); err != nil {
		return nil, "", fmt.Errorf("%s: %w", where, err)
	}
	if readByOthers(name) {
		warning = where + ": others can read it; chmod 600 " + name
	}
	return key, warning, nil
}

func readByOthers(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o077 != 0 && runtime.GOOS != "windows"
}

// isDigits reports whether somebody gave a key, or most of one, instead of a file's name.
func isDigits(s string) bool {
	s = strings.TrimPrefix(strings.ToLower(s), "0x")
	return len(s) >= 32 && strings.Trim(s, hexDigits) == ""
}

func (p *program) keyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "key",
		Short: "Make a node key, which is who we are to others",
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "new FILE",
		Short: "Write a new key, and print the public one",
		Long: `new draws a key and writes it to a file that only you can read, for --nodekey. It prints the enode form
of the public key, without an address: for example for --trustedpeers of others. A file is never
overwritten, and a private key is never printed.`,
		Example: `  # the same identity each time
  ethpeer key new node.key
  ethpeer watch --nodekey node.key --peers @nodes.txt`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || args[0] == "" {
				return errors.New("key new takes one name of a file; see ethpeer key new --help")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			key, err := ecc.NewPrivateKey(rand.Reader)
			if err != nil {
				return failure{err}
			}
			if err := writeKey(args[0], key); err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), enr.Node{Key: key.Public()}.URL())
			return nil
		},
	})
	return cmd
}

// writeKey writes a key where there is no file yet, for the owner's eyes.
func writeKey(name string, key *ecc.PrivateKey) error {
	if isDigits(name) {
		return errors.New("key new: want the name of a file, not a key")
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%s: exists, and a key is never overwritten; choose another name", name)
	case err != nil:
		return fmt.Errorf("%s: cannot make it: %w", name, pathless(err))
	}
	raw := key.Bytes()
	_, err = f.WriteString(hex.EncodeToString(raw[:]) + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		_ = os.Remove(name) // half a key is none
		return failure{fmt.Errorf("%s: cannot write it: %w", name, pathless(err))}
	}
	return nil
}
