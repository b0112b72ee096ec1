// SPDX-License-Identifier: Apache-2.0

package rlp

// MaxDepth is how many lists a [Cursor] can have open at once. Receipts with logs, the deepest
// message of the eth protocol, need seven.
const MaxDepth = 12

// A Cursor reads one RLP item, or a sequence of items, from the front. It is a value: copy it
// to look ahead. The zero Cursor reads the empty input. After the first error every read
// returns a zero value. The names that the methods take are for the error's path; an item of a
// list that has none is given as "" and shown by its index.
type Cursor struct {
	in    []byte
	off   int // next byte to read
	end   int // where the innermost open list ends; len(in) outside of any list
	last  int // where the item that was read last begins
	depth int
	open  [MaxDepth]frame
	err   error
}

// A frame is an open list: where the list around it ends, and what the error path needs.
type frame struct {
	outerEnd int
	name     string
	item     int // items read so far
}

// Read returns a Cursor at the first byte of in, which it borrows.
func Read(in []byte) Cursor { return Cursor{in: in, end: len(in)} }

// Err returns the first error, or nil. All errors are of type [*Error].
func (c *Cursor) Err() error { return c.err }

// More reports whether the innermost open list (or the input) has another item.
func (c *Cursor) More() bool { return c.err == nil && c.off < c.end }

// Offset returns how many bytes have been read.
func (c *Cursor) Offset() int { return c.off }

// Remaining returns the bytes left in the innermost open list (or the input).
func (c *Cursor) Remaining() []byte { return c.in[c.off:c.end] }

// Kind returns the kind of the next item without reading it; [Bytes] after an error.
func (c *Cursor) Kind(name string) Kind {
	k, _, _, ok := c.peek(name)
	if !ok {
		return Bytes
	}
	return k
}

// List opens the next item, which must be a list: the following reads are of its items.
func (c *Cursor) List(name string) {
	k, head, size, ok := c.peek(name)
	switch {
	case !ok:
	case k != List:
		c.fail(name, ErrWantList)
	case c.depth == MaxDepth:
		c.fail(name, ErrDepth)
	default:
		c.consume(head)
		c.open[c.depth] = frame{outerEnd: c.end, name: name}
		c.depth++
		c.end = c.off + size
	}
}

// End closes the innermost open list. Items left unread are an error.
func (c *Cursor) End() {
	if c.err == nil && c.off != c.end {
		c.fail("", ErrExtraItems)
	}
	c.close()
}

// EndOpen closes the innermost open list and skips the items that are left of it, as EIP-8
// requires for the handshake and Hello ("ignore any additional list elements").
func (c *Cursor) EndOpen() {
	if c.err == nil {
		c.off = c.end
	}
	c.close()
}

func (c *Cursor) close() {
	if c.err != nil {
		return
	}
	if c.depth == 0 {
		c.fail("", ErrNotInList)
		return
	}
	c.depth--
	c.end = c.open[c.depth].outerEnd
}

// Done ends reading. It returns the first error; an open list or unread bytes are one.
func (c *Cursor) Done() error {
	if c.err == nil && (c.depth > 0 || c.off != len(c.in)) {
		c.fail("", ErrTrailing)
	}
	return c.err
}

// Raw reads one item of either kind and returns it with its header, borrowed from the input.
// Only the item's own header is checked; use [Valid] to check its content.
func (c *Cursor) Raw(name string) []byte {
	_, head, size, ok := c.peek(name)
	if !ok {
		return nil
	}
	b := c.in[c.off : c.off+head+size : c.off+head+size]
	c.consume(head + size)
	return b
}

// Skip reads one item of either kind and drops it. Its content is not checked.
func (c *Cursor) Skip(name string) { c.Raw(name) }

// Fail records the caller's own problem with the item that was read last in the innermost open
// list. It does nothing if there was an error before.
func (c *Cursor) Fail(name string, problem error) {
	if c.err != nil {
		return
	}
	c.off = c.last
	if c.depth > 0 && c.open[c.depth-1].item > 0 {
		c.open[c.depth-1].item--
	}
	c.fail(name, problem)
}

func (c *Cursor) peek(name string) (k Kind, head, size int, ok bool) {
	if c.err != nil {
		return 0, 0, 0, false
	}
	if c.off == c.end {
		c.fail(name, ErrMissing)
		return 0, 0, 0, false
	}
	k, head, size, err := header(c.in[c.off:c.end])
	if err != nil {
		c.fail(name, err)
		return 0, 0, 0, false
	}
	return k, head, size, true
}

// consume moves past n bytes, the next item or a list's header, and counts the item for the
// error path.
func (c *Cursor) consume(n int) {
	c.last = c.off
	c.off += n
	if c.depth > 0 {
		c.open[c.depth-1].item++
	}
}
