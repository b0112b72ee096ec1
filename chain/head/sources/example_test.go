// SPDX-License-Identifier: Apache-2.0

package sources_test

import (
	"context"
	"fmt"

	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/chain/head/sources"
	"github.com/ethpeer/ethpeer/types"
)

// The operator names the head.
func Example() {
	ctx, cancel := context.WithCancel(context.Background())
	s := sources.New(sources.Config{
		Sources: []sources.Source{sources.Fixed{Hash: types.Hash{1}}},
		Changed: func(h head.Selected) {
			fmt.Println("head", h.Hash, "by", h.By, "proved", h.Proved)
			cancel()
		},
	})
	fmt.Println(s.Run(ctx))
	// Output:
	// head 0x0100000000000000000000000000000000000000000000000000000000000000 by fixed proved false
	// context canceled
}
