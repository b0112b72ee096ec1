// SPDX-License-Identifier: Apache-2.0

package v5wire

import (
	"bytes"
	"testing"
)

func TestFilter(t *testing.T) {
	client, server := newTestNode(t, 1), newTestNode(t, 2)
	packet := client.send(t, server, &Ping{})
	f := NewFilter(server.id)
	if !f.Ours(packet) {
		t.Error("a packet for us is refused")
	}
	if NewFilter(client.id).Ours(packet) {
		t.Error("a packet for another node is taken")
	}
	for _, b := range [][]byte{nil, packet[:MinSize-1], bytes.Repeat([]byte{1}, MaxSize), append(packet, make([]byte, MaxSize)...)} {
		if f.Ours(b) {
			t.Errorf("%d bytes are taken", len(b))
		}
	}
}
