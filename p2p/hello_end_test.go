// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

// Checklist rows 39, 40 and 41, and other messages in place of a Hello: after our Hello the remote side reads
// one Disconnect, or nothing.
func TestWhatFollowsABadHello(t *testing.T) {
	key := newKey(t)
	hello := func(change func(*Hello)) *Out {
		h := helloOf(key)
		change(h)
		return &Out{Code: codeHello, Raw: h.Append(nil)}
	}
	for _, test := range []struct {
		name  string
		first *Out
		say   []byte // payload of our Disconnect; nil = nothing
		by    event.By
	}{
		{"2,100 bytes", hello(func(h *Hello) { h.Client = string(bytes.Repeat([]byte{'x'}, 2000)) }), nil, event.ByUs},
		{"16 MiB", &Out{Code: codeHello, Raw: make([]byte, 16<<20-100)}, nil, event.ByUs},
		{"rubbish", &Out{Code: codeHello, Raw: []byte{0xc1}}, nil, event.ByUs},
		{"another message", &Out{Code: codePing, Raw: []byte{0xc0}}, nil, event.ByUs},
		{"an eth message", &Out{Code: 16, Raw: []byte{0xc0}}, nil, event.ByUs},
		{"zero key", hello(func(h *Hello) { h.Key = make([]byte, 64) }), []byte{0xc1, 0x07}, event.ByUs},
		{"short key", hello(func(h *Hello) { h.Key = h.Key[1:] }), []byte{0xc1, 0x07}, event.ByUs},
		{"no key", hello(func(h *Hello) { h.Key = nil }), []byte{0xc1, 0x07}, event.ByUs},
		{"another key", hello(func(h *Hello) { h.Key = helloOf(newKey(t)).Key }), []byte{0xc1, 0x09}, event.ByUs},
		{"disconnect", &Out{Code: codeDisconnect, Raw: []byte{0xc1, 0x04}}, []byte{0xc1, 0x04}, event.ByThem},
		{"disconnect, bare integer", &Out{Code: codeDisconnect, Raw: []byte{0x05}}, []byte{0xc1, 0x05}, event.ByThem},
		{"disconnect, network error", &Out{Code: codeDisconnect, Raw: []byte{0xc1, 0x01}}, nil, event.ByThem},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble.Test(t, func(t *testing.T) {
				ours, theirs, _ := secured(t)
				ended := make(chan error, 1)
				go func() {
					_, err := ExchangeHello(ours, helloOf(newKey(t)), enr.IDOf(key.Public()), time.Now().Add(5*time.Second))
					SayGoodbye(ours, err)
					ended <- err
				}()
				sent := make(chan struct{})
				go func() {
					defer close(sent)
					_ = theirs.Queue(test.first)
					_ = theirs.Flush(time.Now().Add(time.Second)) // cut off where it is refused early
				}()
				if test.say != nil {
					// They are slow to read: a goodbye that follows half a Hello would be noise.
					time.Sleep(time.Second / 2)
				}
				code, payload, err := theirs.Read(time.Now().Add(time.Second))
				if err == nil && code == codeHello {
					theirs.opener.SetSnappy(test.first.Code == codeHello)
					code, payload, err = theirs.Read(time.Now().Add(time.Second))
				}
				switch {
				case test.say == nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrClosedPipe):
					t.Errorf("they read %#x %x, %v; want silence", code, payload, err)
				case test.say != nil && (err != nil || code != codeDisconnect || !bytes.Equal(payload, test.say)):
					t.Errorf("they read %#x %x, %v; want a goodbye %x", code, payload, err, test.say)
				}
				if v := Judge(<-ended); v.By != test.by {
					t.Errorf("verdict %+v", v)
				}
				theirs.Close()
				<-sent
			})
		})
	}
}

// After a failed write nothing more is written, because it would follow half a frame.
func TestNothingFollowsABrokenWrite(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		ours, theirs, _ := secured(t)
		_ = ours.Queue(&Out{Code: 16, Raw: make([]byte, 1000)})
		go func() { _, _ = io.ReadFull(theirs.c, make([]byte, 100)) }()
		if err := ours.Flush(time.Now().Add(time.Second)); err == nil {
			t.Fatal("half of it was enough")
		}
		got := make(chan int, 1)
		go func() {
			n, _ := theirs.c.Read(make([]byte, 100))
			got <- n
		}()
		_ = ours.Queue(&Out{Code: 16})
		if err := ours.Flush(time.Now().Add(time.Second)); err == nil {
			t.Error("a broken connection was written to")
		}
		ours.Close()
		if n := <-got; n != 0 {
			t.Errorf("%d more bytes were written", n)
		}
	})
}
