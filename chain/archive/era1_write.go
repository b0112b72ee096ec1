// SPDX-License-Identifier: Apache-2.0

package archive

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/golang/snappy"
	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// ExportEra1 writes the canonical blocks from one number to another, both included, at most [Era1Blocks], as an era1 file.
// Their receipts and total difficulties must be held. It returns how far it came, and an [*Error] of the first block that
// is not held; the file is then of no use.
func ExportEra1(ctx context.Context, c *chain.Chain, w io.Writer, first, last uint64, o Options) (done Progress, err error) {
	if last < first || last-first >= Era1Blocks {
		return done, fmt.Errorf("an era1 file has 1 to %d blocks", Era1Blocks)
	}
	out := &eraWriter{w: bufio.NewWriterSize(w, 1<<20)}
	out.entry(typeVersion, nil)
	for n := first; n <= last; n++ {
		if ctx.Err() != nil {
			return done, context.Cause(ctx)
		}
		x, err := blockOf(c, n)
		td, hasTD := c.TD(x.hash)
		switch {
		case err != nil:
		case x.receipts == nil:
			err = fmt.Errorf("its receipts are not held; those from %d on are", c.Earliest())
		case !hasTD:
			err = errors.New("its total difficulty is not known")
		default:
			err = out.block(&x, &td)
		}
		if err != nil {
			return done, &Error{out.offset, n, err}
		}
		done = Progress{Bytes: out.offset, Blocks: done.Blocks + 1, Number: n}
		if done.Blocks%batchBlocks == 0 {
			o.show(done)
		}
	}
	out.end(first)
	o.show(Progress{Bytes: out.offset, Blocks: done.Blocks, Number: done.Number})
	return done, errors.Join(out.err, out.w.Flush())
}

// An eraWriter writes the entries of an era1 file. The first error stays.
type eraWriter struct {
	w      *bufio.Writer
	offset int64
	err    error
	starts []int64 // of the blocks
	sums   accumulator
}

func (w *eraWriter) entry(kind uint16, value []byte) {
	var head [entryHeader]byte
	binary.LittleEndian.PutUint16(head[:], kind)
	binary.LittleEndian.PutUint32(head[2:], uint32(len(value))) //nolint:gosec // a block's is below maxEntry
	for _, part := range [][]byte{head[:], value} {
		n, err := w.w.Write(part)
		w.offset += int64(n)
		if w.err == nil {
			w.err = err
		}
	}
}

func (w *eraWriter) compressed(kind uint16, value []byte) {
	var b bytes.Buffer
	z := snappy.NewBufferedWriter(&b)
	_, err := z.Write(value)
	if err := errors.Join(err, z.Close()); err != nil && w.err == nil {
		w.err = err
	}
	w.entry(kind, b.Bytes())
}

func (w *eraWriter) block(x *block, td *uint256.Int) error {
	if why := w.sums.add(x.hash, &x.header, td); why != "" {
		return errors.New(why)
	}
	receipts, err := unflatten(x.receipts)
	if err != nil {
		return err
	}
	w.starts = append(w.starts, w.offset)
	w.compressed(typeHeader, x.header.Raw)
	w.compressed(typeBody, x.body)
	w.compressed(typeReceipts, receipts)
	little := td.Bytes32()
	slices.Reverse(little[:])
	w.entry(typeTD, little[:])
	return w.err
}

// end writes the accumulator and the index, whose offsets count from its own beginning.
func (w *eraWriter) end(first uint64) {
	root := w.sums.root()
	w.entry(typeAccumulator, root[:])
	index := binary.LittleEndian.AppendUint64(nil, first)
	for _, at := range w.starts {
		index = binary.LittleEndian.AppendUint64(index, uint64(at-w.offset)) //nolint:gosec // negative, in two's complement
	}
	w.entry(typeIndex, binary.LittleEndian.AppendUint64(index, uint64(len(w.starts))))
}

// unflatten returns receipts as eth/68 has them.
func unflatten(raw []byte) ([]byte, error) {
	c := rlp.Read(raw)
	c.List("receipts")
	dst, list := rlp.OpenList(nil)
	for c.More() {
		r, err := types.DecodeFlatReceipt(c.Raw("receipt"))
		if c.Err() == nil && err != nil {
			return nil, err
		}
		dst = r.AppendItem(dst)
	}
	c.End()
	return rlp.CloseList(dst, list), c.Done()
}
