// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"fmt"

	"github.com/ethpeer/ethpeer/rlp"
)

// A Request is a request to a peer whose reply is an R. It has no request ID: the caller chooses
// one. The row's SendItems is the most items to request at once.
type Request[R any] interface {
	// Ask returns the kind of the request.
	Ask() Kind
	// Append appends the request's payload. It leaves out id before eth/66.
	Append(dst []byte, v Version, id uint64) []byte
	// ParseReply reads the payload of the reply to this request. R refers to the payload, which
	// the caller must not use again. ParseReply fails as [Storage.Decode] does, and with
	// [ErrMoreThanAsked] if the reply has more items than requested. Fewer are not an error.
	ParseReply(v Version, payload []byte) (R, error)
}

// A replyCodec is implemented by each reply.
type replyCodec interface {
	codec
	Len() int
}

// parseReply reads the reply to a request for the given number of items.
func parseReply(v Version, payload []byte, m replyCodec, asked uint64) error {
	row := m.Kind().Row()
	if !row.In(v) {
		return fmt.Errorf("%v: %w: %s", v, ErrUnknownCode, row.Name)
	}
	if err := decode(new(rlp.Cursor), m, row, v, payload); err != nil {
		return err
	}
	if uint64(m.Len()) > asked {
		return fmt.Errorf("%v %s: %w: %d instead of %d", v, row.Name, ErrMoreThanAsked, m.Len(), asked)
	}
	return nil
}
