// SPDX-License-Identifier: Apache-2.0

package chainsync

import (
	"fmt"
	"math"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/eth/wire"
)

// A query asks for headers (devp2p/caps/eth.md#getblockheaders-0x03).
type query struct {
	origin  wire.Origin
	amount  uint64
	skip    uint64
	reverse bool
}

// A header is one that a peer sent, read by the session's reader.
type header struct {
	chain.Link
	raw  []byte
	held bool // it is the canonical block of its number
}

// check checks that headers answer the query: the first one is its origin, the distances are the ones that were asked for, and those
// that follow each other are linked. What is wrong is the peer's fault.
func (q *query) check(got []header) error {
	for i := range got {
		h := &got[i]
		if i == 0 {
			if q.origin.ByHash && h.Hash != q.origin.Hash || !q.origin.ByHash && h.Number != q.origin.Number {
				return fmt.Errorf("asked for headers from %s, got block %d, %v", origin(&q.origin), h.Number, h.Hash)
			}
			continue
		}
		before := &got[i-1]
		low, high := before, h
		if q.reverse {
			low, high = h, before
		}
		switch {
		case q.skip == math.MaxUint64, high.Number < low.Number, high.Number-low.Number != q.skip+1:
			return fmt.Errorf("asked for headers %d apart, got %d after %d", q.skip+1, h.Number, before.Number)
		case q.skip > 0:
			continue
		}
		if err := chain.CheckLink(&low.Link, &high.Link); err != nil {
			return err
		}
	}
	return nil
}

func origin(o *wire.Origin) string {
	if o.ByHash {
		return o.Hash.String()
	}
	return fmt.Sprintf("number %d", o.Number)
}
