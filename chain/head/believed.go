// SPDX-License-Identifier: Apache-2.0

package head

import (
	"time"

	"github.com/ethpeer/ethpeer/chain"
)

// A Believed is the block that a source names as the head.
type Believed struct {
	chain.Ref        // Number is 0 where the source knows the hash alone: see Numbered
	Header    []byte // RLP, if the source has it; it hashes to Ref.Hash; shared, never changed

	// Safe and Finalized are what the source says of reorganisations: the zero Ref = not known. Number is
	// 0 where only the hash is known.
	Safe, Finalized chain.Ref

	By         string    // one of event's HeadBy constants
	Supporters int       // how many connected peers have it or a later one
	Proved     bool      // signatures of a sync committee or seals prove it; false = By's word
	Lag        int       // how many blocks the source says it is behind the newest
	At         time.Time // when the source learned it; zero = when it is told
}

// Numbered reports whether the block's number is known.
func (b *Believed) Numbered() bool { return b.Number > 0 || b.Header != nil }
