// SPDX-License-Identifier: Apache-2.0

// Package sink writes events to an io.Writer, so that a slow reader of the output never
// holds up a peer.
//
// In: events, from any goroutine, through [Queue.Record], which is an event.Recorder.
// Out: bytes to an io.Writer, in the order of recording, written by the one goroutine
// that is in [Queue.Run]. A [Format] makes the bytes of an event: see the
// packages ndjson and terminal.
//
// The queue holds [Bound] events. Its overflow policy is: drop the newest, count it. An
// eighth of the queue is kept from transactions, sightings and candidates, so that a flood
// of them drops no head, block or peer. The count of each kind appears as a loss, site
// "output", in the gap that the lost lines leave, as soon as there is room; and in the
// summary, which Run writes last. The summary also counts events that are not written (see
// [New]) and events that are lost.
//
//	q := sink.New(time.Now(), nil)
//	go func() { done <- q.Run(os.Stdout, &ndjson.Encoder{}) }()
//	…                       // q.Record from everywhere
//	q.Close()               // after the last Record
//	err := <-done
//
// Lines are gathered while events wait, up to 32 KiB per write, and written at once when
// none does.
package sink
