// SPDX-License-Identifier: Apache-2.0

package sink_test

import (
	"fmt"
	"os"
	"time"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/sink"
)

// kinds writes the kind of each event.
type kinds struct{}

func (kinds) Append(dst []byte, e event.Event) []byte {
	return append(append(dst, e.Kind()...), '\n')
}

// Events are recorded by any goroutine and written by one. The last one sums up.
func Example() {
	queue := sink.New(time.Unix(1_700_000_000, 0), nil) // nil keeps all
	queue.Record(event.Trouble{})
	queue.Record(event.Head{})
	queue.Close()
	fmt.Println(queue.Run(os.Stdout, kinds{}))
	// Output:
	// trouble
	// head
	// summary
	// <nil>
}
