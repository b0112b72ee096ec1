// SPDX-License-Identifier: Apache-2.0

package sources

import (
	"context"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/types"
)

// A Source names heads. Run calls believe whenever the source has another head, or has confirmed the one
// that it named, until ctx ends; silence makes the head stale ([head.Selector]). Believe may be called by any goroutine
// and does not block. An error of Run says that the source cannot go on, and what the operator can do.
type Source interface {
	Run(ctx context.Context, believe func(head.Believed)) error
}

// A Fixed is the source of --head fixed:HASH: the operator names the head, which does not change.
type Fixed struct{ Hash types.Hash }

// Run names the block once and waits for the end of ctx.
func (f Fixed) Run(ctx context.Context, believe func(head.Believed)) error {
	believe(head.Believed{Ref: chain.Ref{Hash: f.Hash}, By: event.HeadByFixed})
	<-ctx.Done()
	return nil
}
