// SPDX-License-Identifier: Apache-2.0

package beacon

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// A Store keeps one state. What it returns is trusted as a checkpoint is: only the operator may write there.
type Store interface {
	// Load returns what was saved last; nothing, and no error, if nothing was.
	Load() ([]byte, error)
	// Save keeps the state, about 50 KB, and forgets the one before.
	Save(state []byte) error
}

// File is a Store in the file with this path. Save replaces the file in one step.
type File string

// maxFile bounds what Load reads.
const maxFile = 128 << 10

// Load reads the file.
func (f File) Load() ([]byte, error) {
	in, err := os.Open(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer in.Close()
	b, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	if err == nil && len(b) > maxFile {
		err = fmt.Errorf("%s has more than %d bytes: it is not what ethpeer wrote", f, maxFile)
	}
	return b, err
}

// Save writes beside the file, and renames.
func (f File) Save(state []byte) error {
	out, err := os.CreateTemp(filepath.Dir(string(f)), filepath.Base(string(f))+".*")
	if err != nil {
		return err
	}
	_, err = out.Write(state)
	err = errors.Join(err, out.Sync(), out.Close())
	if err == nil {
		err = os.Rename(out.Name(), string(f))
	}
	if err != nil {
		os.Remove(out.Name())
	}
	return err
}
