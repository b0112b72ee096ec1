// SPDX-License-Identifier: Apache-2.0

package ndjson_test

import (
	"fmt"
	"time"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/sink/ndjson"
)

// An event becomes a line.
func Example() {
	var encoder ndjson.Encoder
	at := event.At{Time: time.Unix(1_700_000_000, 0)}
	line := encoder.Append(nil, event.Trouble{At: at, Where: event.TroubleNetwork, Err: "this machine has no route"})
	fmt.Printf("%s", line)
	// Output:
	// {"kind":"trouble","time":"2023-11-14T22:13:20.000000000Z","seq":1,"where":"network","error":"this machine has no route"}
}
