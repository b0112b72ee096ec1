// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

// Checklist rows 36 and 37: compression follows the version in their Hello, from the first
// message after it.
func TestSnappyFollowsTheirVersion(t *testing.T) {
	for _, test := range []struct {
		version uint64
		snappy  bool
	}{{4, false}, {5, true}, {99, true}} {
		bubble.Test(t, func(t *testing.T) {
			ours, theirs, ids := secured(t)
			k, protocols, c := oneTalk()
			k.said[0] = queue{{Code: 1, Raw: bytes.Repeat([]byte{0xc0}, 500)}}
			peer, err := NewPeer(ours, Config{
				ID: enr.ID(ids[1]), Hello: &Hello{Version: test.version, Caps: []Cap{c}}, Protocols: protocols,
			})
			if err != nil {
				t.Fatal(err)
			}
			ended := make(chan error)
			go func() { ended <- peer.Run(t.Context()) }()

			theirs.SetSnappy(test.snappy)
			code, payload, err := theirs.Read(time.Now().Add(time.Minute))
			if err != nil || code != 17 || len(payload) != 500 {
				t.Errorf("version %d: our message arrives as %d, %d bytes, %v", test.version, code, len(payload), err)
			}
			if err := theirs.Queue(&Out{Code: 18, Raw: bytes.Repeat([]byte{7}, 300)}); err != nil {
				t.Fatal(err)
			}
			if err := theirs.Flush(time.Now().Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if len(k.got) != 1 || len(k.got[0].payload) != 300 {
				t.Errorf("version %d: their message arrives as %v", test.version, k.got)
			}
			theirs.Close()
			<-ended
		})
	}
}
