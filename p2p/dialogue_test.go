// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/enr"
)

// A dialogue is a running peer and, at the other end of a pipe, the test. It lives in a
// synctest bubble.
type dialogue struct {
	t      *testing.T
	remote Transport
	peer   *Peer
	heard  chan note  // what the peer says; closed when its end closes
	ended  chan error // what Run returned
}

type note struct {
	code    uint64
	payload []byte
}

func startDialogue(t *testing.T, protocols []Protocol, caps ...Cap) *dialogue {
	t.Helper()
	return startWith(t, Config{
		ID: enr.ID{1}, Hello: &Hello{Version: 5, Client: "test", Caps: caps}, Protocols: protocols,
	})
}

func startWith(t *testing.T, cfg Config) *dialogue {
	t.Helper()
	ours, remote := Pipe()
	peer, err := NewPeer(ours, cfg)
	if err != nil {
		t.Fatal(err)
	}
	d := &dialogue{t: t, remote: remote, peer: peer, heard: make(chan note, 1000), ended: make(chan error, 1)}
	go func() { d.ended <- peer.Run(context.Background()) }()
	go d.listen()
	t.Cleanup(func() { remote.Close() })
	return d
}

func (d *dialogue) listen() {
	defer close(d.heard)
	for {
		code, payload, err := d.remote.Read(time.Now().Add(time.Hour))
		if err != nil {
			return
		}
		d.heard <- note{code, slices.Clone(payload)}
	}
}

func (d *dialogue) send(code uint64, payload ...byte) {
	d.t.Helper()
	if err := d.remote.Queue(&Out{Code: code, Raw: payload}); err != nil {
		d.t.Fatal(err)
	}
	if err := d.remote.Flush(time.Now().Add(time.Minute)); err != nil {
		d.t.Fatalf("sending %#x: %v", code, err)
	}
}

// want waits for the peer's next message.
func (d *dialogue) want(why string, code uint64, payload ...byte) {
	d.t.Helper()
	got, ok := <-d.heard
	if !ok {
		d.t.Fatalf("%s: the connection closed; want message %#x", why, code)
	}
	if got.code != code || !bytes.Equal(got.payload, payload) {
		d.t.Fatalf("%s: got message %#x %x; want %#x %x", why, got.code, got.payload, code, payload)
	}
}

// wantIdle waits until all goroutines are idle, and checks that the peer has sent nothing.
func (d *dialogue) wantIdle(why string) {
	d.t.Helper()
	synctest.Wait()
	select {
	case got, ok := <-d.heard:
		d.t.Fatalf("%s: got message %#x %x (open: %v); want silence", why, got.code, got.payload, ok)
	default:
	}
}

// wantEnd waits for the peer's end and returns its cause. The peer must send nothing more.
func (d *dialogue) wantEnd(why string) error {
	d.t.Helper()
	if got, ok := <-d.heard; ok {
		d.t.Fatalf("%s: got message %#x %x; want the end", why, got.code, got.payload)
	}
	return <-d.ended
}

// talk is a protocol for tests: it keeps the messages that it receives, and sends those that it is told to.
type talk struct {
	name     string
	versions []Version
	fail     error // Receive returns it
	step     Step  // Receive returns it

	opened Version
	got    []note
	said   [Priorities]queue
	closed []error
}

// queue is a lane of messages that a test puts in first.
type queue []Out

func (q *queue) Next(out *Out, _ int) bool {
	if len(*q) == 0 {
		return false
	}
	out.Code, out.Raw, out.Chunks = (*q)[0].Code, append(out.Raw, (*q)[0].Raw...), append(out.Chunks, (*q)[0].Chunks...)
	*q = (*q)[1:]
	return true
}

func (k *talk) Name() string { return k.name }

func (k *talk) Versions() []Version { return k.versions }

func (k *talk) Open(p *Peer, v Version) (Handler, error) {
	k.opened = v
	for i := range k.said {
		p.Lane(Priority(i), &k.said[i])
	}
	return k, nil
}

func (k *talk) Receive(code uint64, payload []byte) (Step, error) {
	k.got = append(k.got, note{code, slices.Clone(payload)})
	return k.step, k.fail
}

func (k *talk) Tick(time.Time) (time.Time, error) { return time.Time{}, nil }

func (k *talk) Close(cause error) { k.closed = append(k.closed, cause) }
