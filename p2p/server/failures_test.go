// SPDX-License-Identifier: Apache-2.0

package server

import (
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

// TestFailuresAreTold: each of at most 1,024 networks has one event in half a minute. The others are counted,
// and reported every half minute.
func TestFailuresAreTold(t *testing.T) {
	for _, test := range []struct {
		format string // of the n-th address
		told   int    // of 200 in 20 s
	}{
		{"34.1.2.%d", 1}, {"::ffff:34.1.2.%d", 1}, {"34.1.%d.2", 200}, {"2a01:4f8:1:2::%x", 1}, {"10.0.0.%d", 200},
	} {
		at := func(n int) netip.Addr { return netip.MustParseAddr(fmt.Sprintf(test.format, n)) }
		f, start := newFailures(), time.Unix(1000, 0)
		told, counted := 0, uint64(0)
		fail := func(now time.Time, n int) {
			tell, untold := f.onFailure(now, at(n))
			if counted += untold; tell {
				told++
			}
		}
		for n := range 200 {
			fail(start.Add(time.Duration(n)*100*time.Millisecond), n)
		}
		if told != test.told || counted != 0 {
			t.Errorf("%s: %d of 200 are told, want %d; %d are counted too soon", test.format, told, test.told, counted)
		}
		told = 0
		fail(start.Add(failureTime-1), 0)
		if fail(start.Add(failureTime), 0); told != 1 || counted != uint64(201-test.told) {
			t.Errorf("%s: half a minute later %d are told, and %d are counted, want %d", test.format, told, counted, 201-test.told)
		}
	}
	f, told, now := newFailures(), 0, time.Unix(1000, 0)
	for n := range 2000 {
		if tell, _ := f.onFailure(now, netip.AddrFrom4([4]byte{34, byte(n >> 8), byte(n), 1})); tell {
			told++
		}
	}
	if told != 1024 || f.end() != 2000-1024 || f.end() != 0 {
		t.Errorf("%d networks are told", told)
	}
}

// Attack: a stranger connects again and again. The first connection that is refused or fails has an event,
// and so has one more in every half minute. A failed node of our own network has an event each time, because
// the operator may be looking for the reason.
func TestRefusedConnectionsAreCounted(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		var lost uint64
		var failed []event.Peer
		b := newBench(t, func(c *Config) {
			c.Record = func(e event.Event) { // one at a time: the test waits for each connection
				switch e := e.(type) {
				case event.Peer:
					failed = append(failed, e)
				case event.Loss:
					if e.Where != "server.refused" {
						t.Errorf("%+v", e)
					}
					lost += e.Count
				}
			}
		})
		const every, minutes = 500 * time.Millisecond, 10
		for n := range int(minutes * time.Minute / every) {
			b.connect(fmt.Sprintf("9.9.9.%d:1000", n%256)).Close()
			synctest.Wait()
			time.Sleep(every) // in a bubble
		}
		all := int(minutes * time.Minute / every)
		if told := len(failed); told < 2*minutes || told > 2*minutes+1 {
			t.Errorf("%d ends of one network are told in %d minutes", told, minutes)
		}
		for range 10 {
			b.connect("10.0.0.1:1000").Close()
			synctest.Wait()
		}
		b.stop()
		if told := len(failed); lost+uint64(told) != uint64(all+10) || told < 2*minutes+10 {
			t.Errorf("%d told and %d counted of %d", told, lost, all+10)
		}
	})
}
