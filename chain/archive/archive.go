// SPDX-License-Identifier: Apache-2.0

package archive

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/ethpeer/ethpeer/chain"
)

// Options of an import or export. The zero value is useful.
type Options struct {
	// Progress, if it is not nil, is called after each batch of blocks, on the goroutine of the import or export.
	Progress func(Progress)

	// Now is the time that blocks are compared with; nil: time.Now.
	Now func() time.Time
}

// Progress says how far an import or export is.
type Progress struct {
	Bytes  int64  // of the file
	Blocks uint64 // since the beginning, those that were held included
	Number uint64 // of the last block
}

// An Error says where a file is wrong, or where the chain refuses or lacks a block.
type Error struct {
	Offset int64  // of the block or the entry, from the beginning of the file, after decompression of a gzip file
	Block  uint64 // its number; the one that is expected there, if it cannot be read
	Err    error
}

// Error implements error.
func (e *Error) Error() string {
	return fmt.Sprintf("block %d, at byte %d: %v", e.Block, e.Offset, e.Err)
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// ErrFormat says that a file is neither of blocks in RLP nor an era1 file.
var ErrFormat = errors.New("the file has neither blocks in RLP nor the format era1")

// Import reads a file of blocks in RLP, plain or compressed with gzip, or an era1 file, into a chain. The first bytes tell
// which. Errors are those of [ImportRLP] and [ImportEra1], and [ErrFormat].
func Import(ctx context.Context, c *chain.Chain, r io.ReadSeeker, o Options) (Progress, error) {
	var first [8]byte
	n, err := io.ReadFull(r, first[:])
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return Progress{}, err
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return Progress{}, err
	}
	switch {
	case n == 0:
		return Progress{}, nil
	case n == len(first) && isVersion(first[:]):
		return ImportEra1(ctx, c, r, o)
	case first[0] == gzipMagic[0] && first[1] == gzipMagic[1]:
		z, err := gzip.NewReader(bufio.NewReader(r))
		if err != nil {
			return Progress{}, err
		}
		return ImportRLP(ctx, c, z, o)
	case first[0] < 0xc0:
		return Progress{}, ErrFormat
	}
	return ImportRLP(ctx, c, r, o)
}

var gzipMagic = [2]byte{0x1f, 0x8b}

func (o *Options) now() time.Time {
	if o.Now == nil {
		return time.Now()
	}
	return o.Now()
}

func (o *Options) show(p Progress) {
	if o.Progress != nil {
		o.Progress(p)
	}
}
