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

// Types of entries (https://github.com/eth-clients/e2store-format-specs/blob/main/formats/era1.md#structure).
const (
	typeVersion     = 0x3265
	typeHeader      = 0x03
	typeBody        = 0x04
	typeReceipts    = 0x05
	typeTD          = 0x06
	typeAccumulator = 0x07
	typeIndex       = 0x3266
)

// Era1Blocks is how many blocks an era1 file has at most.
const Era1Blocks = 8192

const entryHeader = 8 // type, length and two zeros, little-endian

func isVersion(b []byte) bool {
	return bytes.Equal(b, []byte{0x65, 0x32, 0, 0, 0, 0, 0, 0})
}

// ImportEra1 reads an era1 file into a chain, receipts included. First it reads the whole file, and checks the total
// difficulties and the accumulator over them and the hashes; a file in which they are wrong changes nothing. It returns
// how far it came, and an [*Error] of the first block that is wrong or refused.
func ImportEra1(ctx context.Context, c *chain.Chain, r io.ReadSeeker, o Options) (Progress, error) {
	if err := verifyEra1(ctx, r); err != nil {
		return Progress{}, err
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return Progress{}, err
	}
	in := &era{r: bufio.NewReaderSize(r, 1<<20)}
	b := &batch{c: c, o: &o}
	for {
		x, _, err := in.block(true)
		if errors.Is(err, io.EOF) {
			err = b.flush(in.offset)
			return b.done, err
		}
		if err != nil {
			err = errors.Join(b.flush(x.offset), err)
			return b.done, err
		}
		if err := b.add(ctx, x, in.offset); err != nil {
			return b.done, err
		}
	}
}

// verifyEra1 checks what the file says of itself.
func verifyEra1(ctx context.Context, r io.Reader) error {
	in := &era{r: bufio.NewReaderSize(r, 1<<20)}
	var a accumulator
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		x, td, err := in.block(false)
		switch {
		case errors.Is(err, io.EOF):
			if root := a.root(); root != in.accumulator {
				return &Error{in.offset, in.next, fmt.Errorf("the accumulator is %v, and %v in the file: one of its blocks or total difficulties is wrong", root, in.accumulator)}
			}
			return nil
		case err != nil:
			return err
		}
		if why := a.add(x.hash, &x.header, &td); why != "" {
			return &Error{x.offset, x.header.Number, errors.New(why)}
		}
	}
}

// An era reads the entries of an era1 file.
type era struct {
	r           *bufio.Reader
	offset      int64
	next        uint64 // number of the next block, if there was one
	blocks      int
	accumulator types.Hash
	has         bool // the accumulator was read
}

// An entry is one of the file.
type entry struct {
	kind  uint16
	value []byte
}

// maxEntry bounds an entry: a compressed body or compressed receipts.
const maxEntry = maxBlock

func (in *era) entry() (e entry, err error) {
	var head [entryHeader]byte
	if _, err := io.ReadFull(in.r, head[:]); err != nil {
		return e, err // io.EOF: between entries
	}
	e.kind = binary.LittleEndian.Uint16(head[:])
	size := binary.LittleEndian.Uint32(head[2:])
	switch {
	case head[6] != 0 || head[7] != 0:
		return e, errors.New("is no entry of an era1 file: its last two bytes are not 0")
	case size > maxEntry:
		return e, errTooLong
	}
	e.value, err = readN(in.r, nil, int(size))
	in.offset += entryHeader + int64(len(e.value))
	return e, err
}

// block reads the next block; its body and receipts only with all. After the last one it checks that the accumulator and
// the index follow, and returns io.EOF.
func (in *era) block(all bool) (x block, td uint256.Int, err error) {
	x.offset = in.offset
	fail := func(err error) (block, uint256.Int, error) {
		return x, td, &Error{x.offset, in.next, unexpected(err)}
	}
	e, err := in.entry()
	if err == nil && in.offset == entryHeader && e.kind == typeVersion {
		x.offset = in.offset
		e, err = in.entry()
	}
	for err == nil && e.kind != typeHeader {
		var end bool
		if end, err = in.other(e); end && err == nil {
			return x, td, io.EOF
		}
		if err == nil {
			x.offset = in.offset
			e, err = in.entry()
		}
	}
	if err != nil {
		return fail(err)
	}
	if in.blocks++; in.blocks > Era1Blocks || in.has {
		return fail(fmt.Errorf("is one too many: an era1 file has %d, and the accumulator after them", Era1Blocks))
	}
	raw, err := inflate(e.value)
	if err == nil {
		x.header, err = types.DecodeHeader(raw)
	}
	if err != nil {
		return fail(err)
	}
	if in.blocks > 1 && x.header.Number != in.next {
		return fail(fmt.Errorf("has the number %d", x.header.Number))
	}
	in.next = x.header.Number
	x.hash = x.header.Hash()
	if td, err = in.values(&x, all); err != nil {
		return fail(err)
	}
	in.next++
	return x, td, nil
}

// values reads body, receipts and total difficulty.
func (in *era) values(x *block, all bool) (td uint256.Int, err error) {
	for _, kind := range []uint16{typeBody, typeReceipts, typeTD} {
		e, err := in.entry()
		switch {
		case err != nil:
			return td, unexpected(err)
		case e.kind != kind:
			return td, fmt.Errorf("has an entry of type 0x%x where one of type 0x%x belongs", e.kind, kind)
		case kind == typeTD && len(e.value) != 32:
			return td, fmt.Errorf("has a total difficulty of %d bytes", len(e.value))
		case kind == typeTD:
			slices.Reverse(e.value)
			td.SetBytes(e.value)
		case !all:
		case kind == typeBody:
			x.body, err = inflate(e.value)
		default:
			if x.receipts, err = inflate(e.value); err == nil {
				x.receipts, err = flatten(x.receipts)
			}
		}
		if err != nil {
			return td, err
		}
	}
	return td, nil
}

// other reads an entry that is not of a block. It reports true for the index, which is the last one.
func (in *era) other(e entry) (end bool, err error) {
	switch e.kind {
	case typeAccumulator:
		if len(e.value) != len(in.accumulator) || in.has {
			return false, errors.New("the accumulator is not one of 32 bytes")
		}
		in.accumulator, in.has = types.Hash(e.value), true
	case typeIndex:
		count := len(e.value)/8 - 2
		if !in.has || len(e.value)%8 != 0 || count != in.blocks || binary.LittleEndian.Uint64(e.value) != in.next-uint64(in.blocks) { //nolint:gosec // not negative
			return false, fmt.Errorf("the index is not one of %d blocks after an accumulator", in.blocks)
		}
		return true, nil
	}
	return false, nil
}

// inflate decompresses a value, in snappy's framing format.
func inflate(value []byte) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(snappy.NewReader(bytes.NewReader(value)), maxBlock+1))
	if err == nil && len(raw) > maxBlock {
		err = errTooLong
	}
	return raw, err
}

// flatten returns receipts, as eth/69 has them, of a list as eth/68 has them.
func flatten(raw []byte) ([]byte, error) {
	c := rlp.Read(raw)
	c.List("receipts")
	dst, list := rlp.OpenList(nil)
	for c.More() {
		r, err := types.DecodeReceipt(c.Raw("receipt"))
		if c.Err() == nil && err != nil {
			return nil, err
		}
		dst = r.AppendFlat(dst)
	}
	c.End()
	return rlp.CloseList(dst, list), c.Done()
}
