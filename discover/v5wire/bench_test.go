// SPDX-License-Identifier: Apache-2.0

package v5wire

import "testing"

// BenchmarkTalk is what a server does for a talk request: open it and seal the answer.
func BenchmarkTalk(b *testing.B) {
	client, server := newTestNode(b, 1), newTestNode(b, 2)
	connect(b, client, server)
	request := client.send(b, server, &TalkReq{Protocol: []byte("test"), Data: make([]byte, 100)})
	var out []byte
	b.ReportAllocs()
	for b.Loop() {
		p, err := server.Decode(specTime, client.addr, request)
		if err != nil || p.Message == nil {
			b.Fatal(p, err)
		}
		reply := &TalkResp{ID: p.Message.RequestID(), Data: p.Message.(*TalkReq).Data}
		if out, _, err = server.AppendMessage(out[:0], p.From, client.addr, reply); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkHandshake is what a server does for a new session: challenge and check.
func BenchmarkHandshake(b *testing.B) {
	client, server := newTestNode(b, 1), newTestNode(b, 2)
	at := endpointOf(client.id, client.addr)
	whoareyou := server.challenge(b, specTime, client, client.send(b, server, &Ping{}))
	sent, _ := server.store.challenge(at, specTime)
	handshake := client.answer(b, specTime, server, whoareyou, &Ping{})
	b.ReportAllocs()
	for b.Loop() {
		server.store.challenges.Put(at, sent)
		if _, err := server.AppendWhoareyou(nil, specTime, client.id, client.addr, Nonce{}, nil); err != nil {
			b.Fatal(err)
		}
		if p, err := server.Decode(specTime, client.addr, handshake); err != nil || p.Record == nil {
			b.Fatal(p, err)
		}
	}
}
