// SPDX-License-Identifier: Apache-2.0

package event

// A Recorder takes events. The nil Recorder takes them and does nothing, so that no code
// that records needs to ask whether there is one. The function must be safe for use by
// several goroutines, and must not block.
type Recorder func(Event)

// Record hands e to the recorder.
func (r Recorder) Record(e Event) {
	if r != nil {
		r(e)
	}
}
