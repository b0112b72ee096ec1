// SPDX-License-Identifier: Apache-2.0

package rlp

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Errors of an input, which must be RLP in its only canonical form (yellow paper, appendix B).
// Match with errors.Is.
var (
	ErrTruncated    = errors.New("item is longer than the input")
	ErrNotCanonical = errors.New("item has a shorter form")
	ErrMissing      = errors.New("item is missing")
	ErrWantList     = errors.New("want a list, have a byte string")
	ErrWantBytes    = errors.New("want a byte string, have a list")
	ErrLength       = errors.New("byte string has the wrong length")
	ErrTooLong      = errors.New("byte string is too long")
	ErrOverflow     = errors.New("integer is too large")
	ErrLeadingZero  = errors.New("integer has a leading zero")
	ErrNotBool      = errors.New("boolean is neither 0 nor 1")
	ErrExtraItems   = errors.New("list has too many items")
	ErrTrailing     = errors.New("bytes after the last item")
	ErrTooMany      = errors.New("more items than allowed")
	ErrDepth        = errors.New("lists are nested too deeply")
	ErrNotInList    = errors.New("no list is open") // a fault of the caller
)

// An Error is a problem of an input, with its byte and its field. The errors of reading are
// all of type *Error; none quotes the input.
type Error struct {
	Offset int    // bytes from the start of the input
	Path   string // such as "block.header[3].number"; empty where no field was named
	Err    error
}

func (e *Error) Error() string {
	if e.Path == "" {
		return fmt.Sprintf("rlp: %v (byte %d)", e.Err, e.Offset)
	}
	return fmt.Sprintf("rlp: %s: %v (byte %d)", e.Path, e.Err, e.Offset)
}

// Unwrap returns the problem alone, such as [ErrTruncated].
func (e *Error) Unwrap() error { return e.Err }

func (c *Cursor) fail(name string, problem error) {
	c.err = &Error{Offset: c.off, Path: c.path(name), Err: problem}
}

// path joins the names of the open lists and of the field. An item without a name is shown by
// its index.
func (c *Cursor) path(name string) string {
	var b strings.Builder
	for i := range c.depth {
		f := &c.open[i]
		if f.name != "" && b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(f.name)
		last := i == c.depth-1
		if inner := name; (last && inner == "") || (!last && c.open[i+1].name == "") {
			item := f.item
			if !last {
				item-- // the open list inside has been counted
			}
			b.WriteString("[" + strconv.Itoa(item) + "]")
		}
	}
	if name != "" && b.Len() > 0 {
		b.WriteByte('.')
	}
	b.WriteString(name)
	return b.String()
}
