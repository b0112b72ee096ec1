// SPDX-License-Identifier: Apache-2.0

package v5

import (
	"testing"

	"github.com/ethpeer/ethpeer/discover/v5wire"
)

// TestAllocations: the most frequent requests are answered without an allocation.
func TestAllocations(t *testing.T) {
	out := new(capture)
	m := testMachine(t, out)
	v := newVisitor(t, 1)
	m.onDatagram(epoch, v.addr, v.say(t, m, new(v5wire.Ping)))
	m.onDatagram(epoch, v.addr, v.prove(t, m, out.last, new(v5wire.Ping)))
	for most, message := range []v5wire.Message{
		0: &v5wire.TalkReq{Protocol: []byte("test"), Data: make([]byte, 100)},
		1: new(v5wire.Ping), // the bytes of an IP address
	} {
		request := v.say(t, m, message)
		if n := testing.AllocsPerRun(100, func() { m.onDatagram(epoch, v.addr, request) }); n > float64(most) {
			t.Errorf("%v: %v allocations", message.Kind(), n)
		}
	}
}
