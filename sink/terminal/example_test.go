// SPDX-License-Identifier: Apache-2.0

package terminal_test

import (
	"fmt"
	"time"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/sink/terminal"
)

// An event becomes a line that a person can read.
func Example() {
	format := &terminal.Format{Width: func() int { return 100 }}
	at := event.At{Time: time.Unix(1_700_000_000, 0)}
	line := format.Append(nil, event.Trouble{At: at, Where: event.TroubleNetwork, Err: "this machine has no route"})
	fmt.Printf("%s", line)
	// Output:
	// 22:13:20.000  !!!    network: this machine has no route
}
