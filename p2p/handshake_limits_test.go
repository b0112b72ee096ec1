// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/memnet"
)

// The deadline of the handshakes does not hold for the running peer.
func TestHandshakeDeadlineDoesNotOutliveIt(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		a, b := memnet.Pipe()
		keyA, keyB := newKey(t), newKey(t)
		deadline := time.Now().Add(5 * time.Second)
		ended := make(chan error, 2)
		run := func(conn *Conn, err error, own *Hello, other enr.ID) {
			var theirs *Hello
			if err == nil {
				theirs, err = ExchangeHello(conn, own, other, deadline)
			}
			if err != nil {
				ended <- err
				return
			}
			_, protocols, _ := oneTalk()
			peer, err := NewPeer(conn, Config{ID: other, Hello: theirs, Protocols: protocols})
			if err == nil {
				err = peer.Run(t.Context())
			}
			ended <- err
		}
		helloA, helloB := helloOf(keyA), helloOf(keyB)
		helloA.Caps, helloB.Caps = []Cap{{"talk", 1}}, []Cap{{"talk", 1}}
		go func() {
			conn, err := Initiate(a, rand.Reader, keyA, keyB.Public(), deadline)
			run(conn, err, helloA, enr.IDOf(keyB.Public()))
		}()
		go func() {
			conn, _, err := Accept(b, rand.Reader, keyB, deadline)
			run(conn, err, helloB, enr.IDOf(keyA.Public()))
		}()
		time.Sleep(10 * time.Minute) // in a bubble: nothing but pings
		select {
		case err := <-ended:
			t.Fatalf("an idle peer ended: %v", err)
		default:
		}
		a.Close()
		<-ended
		<-ended
	})
}

// A Hello may be as large as its limit, and hold as many capabilities as fit; one that
// holds more is refused, and nothing is kept of it.
func TestHostileHellos(t *testing.T) {
	h := sampleHello()
	for i := range 5000 {
		h.Caps = append(h.Caps, Cap{Name: fmt.Sprintf("c%d", i), Version: 1})
		if i == 62 || i == 4999 {
			_, err := ParseHello(h.Append(nil))
			if (err != nil) != (len(h.Caps) > maxCaps || i == 4999) {
				t.Errorf("%d capabilities: %v", len(h.Caps), err)
			}
		}
	}
	h = sampleHello()
	h.Client = strings.Repeat("x", maxHello)
	if _, err := ParseHello(h.Append(nil)); err == nil {
		t.Error("a hello over its limit was read")
	}
	// The frame of a large one is refused by its header: its bytes are not waited for.
	bubble.Test(t, func(t *testing.T) {
		ours, theirs, _ := secured(t)
		go func() {
			_ = theirs.Queue(&Out{Code: codeHello, Raw: make([]byte, 16<<20-100)})
			_ = theirs.Flush(time.Now().Add(time.Minute))
		}()
		began := time.Now()
		if _, err := ExchangeHello(ours, sampleHello(), enr.ID{}, time.Now().Add(5*time.Second)); err == nil || len(ours.in) > 2*maxHello || time.Since(began) > 0 {
			t.Errorf("%v after %v, with a buffer of %d bytes", err, time.Since(began), len(ours.in))
		}
		ours.Close()
	})
}
