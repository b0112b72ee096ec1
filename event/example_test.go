// SPDX-License-Identifier: Apache-2.0

package event_test

import (
	"fmt"

	"github.com/ethpeer/ethpeer/event"
)

// Code that observes something records it. The nil Recorder takes events, too.
func ExampleRecorder() {
	var nobody event.Recorder
	nobody.Record(event.Loss{Count: 1})

	record := event.Recorder(func(e event.Event) {
		if l, ok := e.(event.Loss); ok {
			fmt.Println(l.Kind(), l.Where, l.Count)
		}
	})
	record.Record(event.Loss{Where: "sink", Count: 3})
	// Output: loss sink 3
}
