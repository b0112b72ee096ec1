// SPDX-License-Identifier: Apache-2.0

package archive

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/types"
)

// ImportRLP reads blocks in RLP, one after the other, into a chain. The first block's parent must be held. It returns how
// far it came, and an [*Error] of the first block that is wrong or refused.
func ImportRLP(ctx context.Context, c *chain.Chain, r io.Reader, o Options) (Progress, error) {
	in := &reader{r: bufio.NewReaderSize(r, 1<<20)}
	b := &batch{c: c, o: &o}
	for next := uint64(0); ; {
		offset := in.offset
		raw, err := in.item()
		if errors.Is(err, io.EOF) {
			err = b.flush(offset)
			return b.done, err
		}
		var x block
		if err == nil {
			x, err = readBlock(raw)
		}
		if err != nil {
			err = errors.Join(b.flush(offset), &Error{offset, next, err})
			return b.done, err
		}
		x.offset, next = offset, x.header.Number+1
		if err := b.add(ctx, x, in.offset); err != nil {
			return b.done, err
		}
	}
}

// readBlock decodes a block. It borrows raw.
func readBlock(raw []byte) (x block, err error) {
	decoded, err := types.DecodeBlock(raw)
	if err != nil {
		return x, err
	}
	return block{header: decoded.Header, hash: decoded.Header.Hash(), body: decoded.Body.Append(nil)}, nil
}

// A reader reads RLP lists from a stream.
type reader struct {
	r      *bufio.Reader
	offset int64
}

var (
	errNoList  = errors.New("is no block: an RLP list was expected")
	errTooLong = fmt.Errorf("is longer than %d bytes", maxBlock)
)

// item returns the next list with its header, in memory of its own. It returns io.EOF at the end.
func (in *reader) item() ([]byte, error) {
	first, err := in.r.ReadByte()
	if err != nil {
		return nil, err
	}
	if first < 0xc0 {
		return nil, errNoList
	}
	head := append(make([]byte, 0, 9), first)
	size := uint64(first - 0xc0)
	if first > 0xf7 {
		size = 0
		for range first - 0xf7 {
			b, err := in.r.ReadByte()
			if err != nil {
				return nil, unexpected(err)
			}
			head, size = append(head, b), size<<8|uint64(b)
		}
	}
	if size > maxBlock {
		return nil, errTooLong
	}
	raw, err := readN(in.r, head, int(size))
	in.offset += int64(len(raw))
	return raw, err
}

// readN appends n bytes. The buffer grows with the bytes that come.
func readN(r io.Reader, dst []byte, n int) ([]byte, error) {
	const step = 1 << 20
	for n > 0 {
		now := min(n, step)
		at := len(dst)
		dst = append(dst, make([]byte, now)...)
		if _, err := io.ReadFull(r, dst[at:]); err != nil {
			return dst[:at], unexpected(err)
		}
		n -= now
	}
	return dst, nil
}

// unexpected returns the error of a file that ends within a block.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// ExportRLP writes the canonical blocks from one number to another, both included, in RLP, one after the other. It
// returns how far it came, and an [*Error] of the first block that is not held.
func ExportRLP(ctx context.Context, c *chain.Chain, w io.Writer, first, last uint64, o Options) (done Progress, err error) {
	out := bufio.NewWriterSize(w, 1<<20)
	var raw []byte
	for n := first; n <= last && n >= first; n++ {
		if ctx.Err() != nil {
			return done, errors.Join(context.Cause(ctx), out.Flush())
		}
		x, err := blockOf(c, n)
		if err != nil {
			return done, errors.Join(&Error{done.Bytes, n, err}, out.Flush())
		}
		body, err := types.DecodeBody(x.body)
		if err != nil {
			return done, errors.Join(&Error{done.Bytes, n, err}, out.Flush())
		}
		raw = types.AppendBlock(raw[:0], &x.header, &body)
		if _, err := out.Write(raw); err != nil {
			return done, err
		}
		done.Bytes, done.Blocks, done.Number = done.Bytes+int64(len(raw)), done.Blocks+1, n
		if done.Blocks%batchBlocks == 0 {
			o.show(done)
		}
	}
	o.show(done)
	return done, out.Flush()
}

// blockOf returns a canonical block, its receipts if they are held.
func blockOf(c *chain.Chain, n uint64) (x block, err error) {
	hash, ok := c.Canonical(n)
	if !ok {
		return x, fmt.Errorf("is not held; headers are from %d to %d", c.Tail(), c.Head().Number)
	}
	if x.header, err = types.DecodeHeader(c.Header(hash)); err != nil {
		return x, err
	}
	x.hash, x.body, x.receipts = hash, c.Body(hash), c.Receipts(hash)
	if x.body == nil {
		return x, fmt.Errorf("its body is not held; those from %d on are", c.Earliest())
	}
	return x, nil
}
