// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

// Checklist row 56.
func TestMessageEvents(t *testing.T) {
	for _, on := range []bool{true, false} {
		bubble.Test(t, func(t *testing.T) {
			var got []MessageEvent
			first := &talk{name: "aaa", versions: []Version{{Number: 3, Length: 5}}}
			k := &talk{name: "talk", versions: []Version{{Number: 1, Length: 4}}}
			cfg := Config{
				ID: enr.ID{1}, Hello: &Hello{Version: 5, Caps: []Cap{{"talk", 1}, {"aaa", 3}}}, Protocols: []Protocol{first, k},
			}
			if on {
				cfg.OnMessage = func(e MessageEvent) { got = append(got, e) }
			}
			d := startWith(t, cfg)
			d.send(codePing, 0xc0)
			d.want("pong", codePong, 0xc0)
			d.send(16+5+3, 1, 2, 3)
			synctest.Wait()
			k.said[0] = queue{{Code: 2, Raw: []byte{7, 8}}, {Code: 1}}
			d.peer.Wake()
			d.want("what we say", 16+5+2, 7, 8)
			d.want("what we say", 16+5+1)
			synctest.Wait()
			d.peer.End(&LocalClose{Reason: ReasonRequested})
			d.want("goodbye", codeDisconnect, 0xc1, 0x80)
			_ = d.wantEnd("we leave")

			talk := Cap{"talk", 1}
			want := []MessageEvent{
				{Peer: enr.ID{1}, Protocol: talk, Code: 3, Size: 3},
				{Peer: enr.ID{1}, Protocol: talk, Code: 2, Size: 2, Sent: true},
				{Peer: enr.ID{1}, Protocol: talk, Code: 1, Sent: true},
			}
			if !on {
				want = nil
			}
			if !slices.Equal(got, want) {
				t.Errorf("hook %v: got %+v", on, got)
			}
		})
	}
}

// OnMessage does not report a message as sent if its write failed.
func TestNoEventForAFailedWrite(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		k, protocols, c := oneTalk()
		k.said[0] = queue{{Raw: []byte{1}}}
		pipe, _ := Pipe()
		peer, err := NewPeer(&broken{Transport: pipe, after: 5 * goodbyeTime}, Config{
			Hello: &Hello{Version: 5, Caps: []Cap{c}}, Protocols: protocols,
			OnMessage: func(e MessageEvent) { t.Errorf("event %+v", e) },
		})
		if err != nil {
			t.Fatal(err)
		}
		peer.Wake()
		if v := Judge(peer.Run(t.Context())); v.By != event.ByNetwork {
			t.Errorf("verdict %+v", v)
		}
	})
}
