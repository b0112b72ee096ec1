// SPDX-License-Identifier: Apache-2.0

package option

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/ethpeer/ethpeer/params"
)

// ReadFile reads a whole file of at most limit bytes. Its errors begin with where, which names the file too;
// hint says what to do if there is no file.
func ReadFile(where, name string, limit int64, hint string) ([]byte, error) {
	f, err := os.Open(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: there is no such file; %s", where, hint)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%s: not allowed to read it; change its owner or mode", where)
	case err != nil:
		return nil, fmt.Errorf("%s: cannot read it: %w", where, Pathless(err))
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, fmt.Errorf("%s: cannot read it: %w", where, Pathless(err))
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("%s: has more than %d bytes; is it the right file?", where, limit)
	}
	return bytes.TrimPrefix(b, []byte("\ufeff")), nil // the byte order mark of some editors
}

// Pathless removes the path from a file error, because the message has it already.
func Pathless(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}

// Chain reads a chain: the name of one in params, or a genesis file. also are the other names that the
// command takes, for the error.
func Chain(o *Option, also ...string) (*params.Chain, error) {
	name := o.Text()
	if c, ok := params.ByName(strings.ToLower(name)); ok {
		return c, nil
	}
	where := fmt.Sprintf("%s %q", o.Where(), name)
	b, err := ReadFile(where, name, params.MaxGenesisSize, "give the path of a genesis.json, or one of "+strings.Join(append(params.Names(), also...), ", "))
	if err != nil {
		return nil, err
	}
	c, err := params.ParseGenesis(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", where, err)
	}
	return c, nil
}
