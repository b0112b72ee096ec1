// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/rlpx"
)

// memStream is a stream whose two directions are buffers: nothing blocks.
type memStream struct {
	net.Conn
	in, out *bytes.Buffer
	chunk   int // bytes given per Read; 0 = all there is
}

func (m *memStream) Read(b []byte) (int, error) {
	if m.chunk > 0 && len(b) > m.chunk {
		b = b[:m.chunk]
	}
	return m.in.Read(b)
}
func (m *memStream) Write(b []byte) (int, error)      { return m.out.Write(b) }
func (m *memStream) SetReadDeadline(time.Time) error  { return nil }
func (m *memStream) SetWriteDeadline(time.Time) error { return nil }
func (m *memStream) Close() error                     { return nil }

// buffered returns both ends of a connection over one buffer: b receives what a sends.
func buffered(t testing.TB, chunk int) (a, b *Conn) {
	t.Helper()
	x, y, _ := secured(t)
	wire := new(bytes.Buffer)
	x.c = &memStream{out: wire}
	y.c = &memStream{in: wire, chunk: chunk}
	return x, y
}

func TestMessagesOfAllSizesArrive(t *testing.T) {
	for _, chunk := range []int{0, 1, 17, 4096} {
		for _, snappy := range []bool{false, true} {
			a, b := buffered(t, chunk)
			a.SetSnappy(snappy)
			b.SetSnappy(snappy)
			sizes := []int{0, 1, 15, 16, 17, 31, 32, 100, 4095, 4096, 5000, 70_000}
			for i, size := range sizes {
				payload := bytes.Repeat([]byte{byte(i + 1), 9, 8}, size/3+1)[:size]
				m := Out{Code: uint64(i), Raw: payload[:size/2], Chunks: []*rlpx.Chunk{rlpx.NewChunk(payload[size/2:])}}
				if err := a.Queue(&m); err != nil {
					t.Fatal(err)
				}
			}
			if err := a.Flush(time.Time{}); err != nil {
				t.Fatal(err)
			}
			for i, size := range sizes {
				code, payload, err := b.Read(time.Time{})
				want := bytes.Repeat([]byte{byte(i + 1), 9, 8}, size/3+1)[:size]
				if err != nil || code != uint64(i) || !bytes.Equal(payload, want) {
					t.Fatalf("chunk %d, snappy %v, size %d: code %d, %d bytes, %v", chunk, snappy, size, code, len(payload), err)
				}
			}
			if _, _, err := b.Read(time.Time{}); !errors.Is(err, io.EOF) {
				t.Fatalf("at the end: %v", err)
			}
			_, sent := a.Traffic()
			if received, _ := b.Traffic(); sent == 0 || received != sent {
				t.Fatalf("%d bytes sent, %d received", sent, received)
			}
		}
	}
}

// A header may state 16 MiB; the buffer grows with the bytes that arrive.
func TestBufferFollowsArrivingBytes(t *testing.T) {
	a, b := buffered(t, 0)
	big := make([]byte, 10<<20)
	if err := a.Queue(&Out{Code: 16, Raw: big}); err != nil {
		t.Fatal(err)
	}
	b.c.(*memStream).in = bytes.NewBuffer(a.out[:10_000])
	if _, _, err := b.Read(time.Time{}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("got %v", err)
	}
	if len(b.in) > 32_000 {
		t.Errorf("10,000 bytes made a buffer of %d", len(b.in))
	}
}

func TestQuietConnectionKeepsNoLargeBuffer(t *testing.T) {
	a, b := buffered(t, 0)
	for _, size := range []int{5 << 20, 10} {
		if err := a.Queue(&Out{Code: 16, Raw: make([]byte, size)}); err != nil {
			t.Fatal(err)
		}
		if err := a.Flush(time.Time{}); err != nil {
			t.Fatal(err)
		}
		if _, _, err := b.Read(time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	if cap(b.in) > keepBuffer || cap(a.out) > 2*keepBuffer {
		t.Errorf("buffers of %d and %d bytes are kept", cap(b.in), cap(a.out))
	}
}

func TestFramesAllocateNothing(t *testing.T) {
	for _, size := range []int{128, 8 << 10} {
		a, b := buffered(t, 0)
		a.SetSnappy(true)
		b.SetSnappy(true)
		m := Out{Code: 17, Raw: make([]byte, size)}
		n := testing.AllocsPerRun(200, func() {
			if err := a.Queue(&m); err != nil {
				t.Fatal(err)
			}
			if err := a.Flush(time.Time{}); err != nil {
				t.Fatal(err)
			}
			if _, _, err := b.Read(time.Time{}); err != nil {
				t.Fatal(err)
			}
		})
		if n != 0 {
			t.Errorf("%d bytes: %v allocations per message", size, n)
		}
	}
}

// Checklist row 35.
func TestTamperedFrameIsAViolationWithoutWords(t *testing.T) {
	for at := range 80 {
		a, b := buffered(t, 0)
		if err := a.Queue(&Out{Code: 16, Raw: []byte("payload")}); err != nil {
			t.Fatal(err)
		}
		if at >= len(a.out) {
			break
		}
		a.out[at] ^= 1
		if err := a.Flush(time.Time{}); err != nil {
			t.Fatal(err)
		}
		_, _, err := b.Read(time.Time{})
		if v, ok := errors.AsType[*Violation](err); !ok || !v.Silent {
			t.Fatalf("byte %d flipped: %v", at, err)
		}
	}
}
