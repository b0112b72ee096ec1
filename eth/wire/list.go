// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"iter"

	"github.com/ethpeer/ethpeer/rlp"
)

// A List is a list of raw items, each with its RLP header, such as transactions, headers or bodies.
// It borrows its bytes from the payload. The zero List is empty.
type List struct {
	content []byte // the items; their headers were checked
	n       int
}

// Len returns the number of items.
func (l List) Len() int { return l.n }

// Content returns the content of the list: all items without the header of the list.
func (l List) Content() []byte { return l.content }

// Items yields the items in order.
func (l List) Items() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for rest := l.content; len(rest) > 0; {
			_, _, after, err := rlp.Split(rest)
			if err != nil {
				return // not reached: readList has read the whole list
			}
			size := len(rest) - len(after)
			if !yield(rest[:size:size]) {
				return
			}
			rest = after
		}
	}
}

// A shape is the kind of a list's items.
type shape uint8

const (
	lists        shape = iota // headers, bodies, receipts of a block
	byteStrings               // node data
	transactions              // a list (legacy) or a byte string that begins with the type (EIP-2718)
	accessLists               // a list, or the empty byte string for an unavailable one (EIP-8159)
)

// check checks an item's first byte.
func (s shape) check(first byte) error {
	isList, isEmpty := first >= 0xc0, first == 0x80
	switch {
	case s == lists && !isList, s == accessLists && !isList && !isEmpty:
		return rlp.ErrWantList
	case s == byteStrings && isList:
		return rlp.ErrWantBytes
	case s == transactions && isEmpty:
		return ErrEmptyItem
	}
	return nil
}

// readList reads a list of at most limit items of the given shape.
func readList(c *rlp.Cursor, name string, limit int, want shape) List {
	c.List(name)
	content := c.Remaining()
	n := 0
	for ; c.More(); n++ {
		first := c.Remaining()[0]
		c.Skip("")
		if n == limit {
			c.Fail("", rlp.ErrTooMany)
		} else if err := want.check(first); err != nil {
			c.Fail("", err)
		}
	}
	c.End()
	if c.Err() != nil {
		return List{}
	}
	return List{content: content, n: n}
}

// appendList appends the list with its header.
func appendList(dst []byte, l List) []byte {
	dst = rlp.AppendListHeader(dst, len(l.content))
	return append(dst, l.content...)
}

// sizeOf returns how many bytes the items take.
func sizeOf(items [][]byte) (size int) {
	for _, item := range items {
		size += len(item)
	}
	return size
}

func appendItems(dst []byte, items [][]byte) []byte {
	for _, item := range items {
		dst = append(dst, item...)
	}
	return dst
}
