// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"fmt"

	"github.com/ethpeer/ethpeer/rlp"
)

// A Request is something to ask a peer, to which the reply is an R. It does not know its
// request ID, which whoever keeps track of the requests chooses. Its row's SendItems is
// how much to ask for at once.
type Request[R any] interface {
	// Ask returns the kind of the request.
	Ask() Kind
	// Append appends the request's payload. id is left out before eth/66.
	Append(dst []byte, v Version, id uint64) []byte
	// ParseReply reads the payload of the reply to this very request, of which it becomes
	// the owner: R refers to it. It fails like Storage.Decode, and with ErrMoreThanAsked if
	// the reply has more items than were asked for. Fewer are not an error.
	ParseReply(v Version, payload []byte) (R, error)
}

// replyCodec is what a reply's file provides.
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
