// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/rlpx"
)

// A peer that reads nothing has 20 s for each write. It ends a second later, because its own Disconnect may
// be on its way.
func TestWriteTimeout(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		k, protocols, c := oneTalk()
		k.said[0] = queue{{Raw: []byte{0xc0}}}
		ours, remote := Pipe()
		peer, err := NewPeer(ours, Config{Hello: &Hello{Version: 5, Caps: []Cap{c}}, Protocols: protocols})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		peer.Wake()
		err = peer.Run(t.Context())
		if took := time.Since(began); took != 21*time.Second || Judge(err).By != event.ByNetwork || Judge(err).Said {
			t.Errorf("ended after %v: %v", took, err)
		}
		remote.Close()
	})
}

// The message code and the overhead of snappy for random bytes make a frame larger than its payload. A
// payload of the largest size then fits no frame: the write fails, and the peer continues.
func TestWriteThatNoFrameCarries(t *testing.T) {
	for _, version := range []uint64{4, 5} { // snappy is used from 5 on
		bubble.Test(t, func(t *testing.T) {
			payload := make([]byte, rlpx.MaxSize)
			_, _ = rand.NewChaCha8([32]byte{1}).Read(payload)
			errs := make(chan error, 2)
			chat := RunProtocol("chat", 1, 4, func(ctx context.Context, _ *Peer, rw MsgReadWriter) error {
				errs <- rw.WriteMsg(Msg{Code: 0, Payload: payload})
				errs <- rw.WriteMsg(Msg{Code: 3, Payload: []byte{0xc1, 7}})
				<-ctx.Done()
				return nil
			})
			ours, theirs, ids := secured(t)
			budget := NewBudget(0)
			peer, err := NewPeer(ours, Config{
				ID: ids[1], Hello: &Hello{Version: version, Caps: []Cap{{"chat", 1}}}, Protocols: []Protocol{chat}, Budget: budget,
			})
			if err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- peer.Run(t.Context()) }()
			theirs.SetSnappy(version >= 5)
			code, got, err := theirs.Read(time.Now().Add(time.Minute))
			if err != nil || code != 16+3 || len(got) != 2 {
				t.Fatalf("version %d: after the large one: code %#x, %d bytes, %v; the peer: %v", version, code, len(got), err, peer.Cause())
			}
			if err := <-errs; !errors.Is(err, rlpx.ErrTooLarge) {
				t.Errorf("version %d: the large one: %v", version, err)
			}
			if err := <-errs; err != nil {
				t.Errorf("version %d: the small one: %v", version, err)
			}
			if n := budget.Used(); n != 0 {
				t.Errorf("version %d: %d bytes are still held for the message that was refused", version, n)
			}
			theirs.Close()
			<-ended
		})
	}
}
