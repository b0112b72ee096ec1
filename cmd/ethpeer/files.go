// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/ethpeer/ethpeer/internal/ecc"
	"github.com/ethpeer/ethpeer/params"
)

// The largest files that are read, in bytes.
const (
	maxKeyFile   = 1 << 10
	maxNodesFile = 4 << 20
)

// readFile reads a whole file of at most limit bytes. Errors begin with flag, which names
// the file too; hint says what to do if there is none.
func readFile(flag, name string, limit int64, hint string) ([]byte, error) {
	f, err := os.Open(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: there is no such file; %s", flag, hint)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%s: not allowed to read it; change its owner or mode", flag)
	case err != nil:
		return nil, fmt.Errorf("%s: cannot read it: %w", flag, pathless(err))
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, fmt.Errorf("%s: cannot read it: %w", flag, pathless(err))
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("%s: has more than %d bytes; is it the right file?", flag, limit)
	}
	return b, nil
}

// pathless takes out the path, which the message has already.
func pathless(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}

// readKey reads a private key in geth's form: 64 hex digits, space around them ignored.
// No message quotes the file: it may hold another secret.
func readKey(name string) (*ecc.PrivateKey, error) {
	flag := "--nodekey " + name
	b, err := readFile(flag, name, maxKeyFile, "make one with: (umask 077; openssl rand -hex 32 > "+name+")")
	if err != nil {
		return nil, err
	}
	digits := strings.TrimSpace(string(b))
	if len(digits) != 64 {
		return nil, fmt.Errorf("%s: has %d characters, want 64 hex digits", flag, len(digits))
	}
	raw, err := hex.DecodeString(digits)
	if err != nil {
		return nil, fmt.Errorf("%s: has characters that are no hex digits", flag)
	}
	key, err := ecc.ParsePrivateKey(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	return key, nil
}

// readChain takes a name that we know, or else a genesis file.
func readChain(s string) (*params.Chain, error) {
	if c, ok := params.ByName(strings.ToLower(s)); ok {
		return c, nil
	}
	flag := fmt.Sprintf("--chain %q", s)
	b, err := readFile(flag, s, params.MaxGenesisSize, "give the path of a genesis.json, or one of "+strings.Join(params.Names(), ", "))
	if err != nil {
		return nil, err
	}
	c, err := params.ParseGenesis(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	return c, nil
}

// readNodes reads one node per line; a # begins a comment.
func readNodes(name string, add func(where, item string) error) error {
	flag := "--peers @" + name
	b, err := readFile(flag, name, maxNodesFile, "write one, with an enode:// or enr: form per line")
	if err != nil {
		return err
	}
	number := 0
	for line := range strings.Lines(string(b)) {
		number++
		line, _, _ = strings.Cut(line, "#")
		for _, item := range list([]string{line}) {
			if err := add(fmt.Sprintf("%s, line %d", flag, number), item); err != nil {
				return err
			}
		}
	}
	return nil
}
