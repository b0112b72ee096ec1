// SPDX-License-Identifier: Apache-2.0

package wire

import "errors"

// Errors of a message, in addition to those of package rlp (among them rlp.ErrTooMany for a list
// that is longer than its row allows). Match with errors.Is. All are the sender's fault.
var (
	ErrUnknownCode   = errors.New("the version has no message with this code")
	ErrTooLarge      = errors.New("message is too large")
	ErrNoRequestID   = errors.New("messages of this version have no request ID")
	ErrOrigin        = errors.New("origin is neither a hash nor a block number")
	ErrRange         = errors.New("block range is invalid")
	ErrUneven        = errors.New("types, sizes and hashes are not equally many")
	ErrEmptyItem     = errors.New("item is empty")
	ErrDifficulty    = errors.New("total difficulty has more than 100 bits")
	ErrNoProgress    = errors.New("an incomplete reply without a single receipt")
	ErrMoreThanAsked = errors.New("reply has more items than were asked for")
	ErrNotAsked      = errors.New("reply has what was not asked for")
	ErrUnevenCells   = errors.New("hashes and groups of cells are not equally many")
	ErrCellMask      = errors.New("cells are not those of the cell mask")
)
