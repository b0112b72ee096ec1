// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/rlpx"
)

// Sizes of a connection's buffers, in bytes.
const (
	firstRead  = 4 << 10  // a read buffer's first size
	keepBuffer = 64 << 10 // a buffer larger than this is given up when it is empty
	frameHead  = 32       // header and its MAC
)

// A Conn is a [Transport]: RLPx frames over a stream. Its buffers grow with the bytes
// that arrive, not with the size that a header promises.
type Conn struct {
	c net.Conn

	// owner: reader
	opener *rlpx.Opener
	in     []byte // in[start:end] has arrived and was not consumed
	start  int
	end    int
	limit  int // largest frame body, bytes

	// owner: writer
	sealer *rlpx.Sealer
	out    []byte

	mu    sync.Mutex // guards the write deadline
	hurry time.Time
}

// maxFrame is what a frame's header can say, with padding and MAC.
const maxFrame = 1<<24 + 16 + 16

// NewConn returns a transport over c with the keys of a handshake.
func NewConn(c net.Conn, keys rlpx.Keys) *Conn {
	return &Conn{c: c, opener: rlpx.NewOpener(keys), sealer: rlpx.NewSealer(keys), limit: maxFrame}
}

// Read returns the next message.
func (c *Conn) Read(deadline time.Time) (uint64, []byte, error) {
	if err := c.c.SetReadDeadline(deadline); err != nil {
		return 0, nil, err
	}
	if c.start == c.end && len(c.in) > keepBuffer {
		c.in, c.start, c.end = nil, 0, 0
	}
	head, err := c.fill(frameHead)
	if err != nil {
		return 0, nil, err
	}
	rest, err := c.opener.Header(head)
	if err != nil {
		return 0, nil, &Violation{Reason: ReasonNetwork, Err: err}
	}
	if rest > c.limit {
		return 0, nil, breachBase(ReasonNetwork, "frame of %d bytes: the limit here is %d", rest, c.limit)
	}
	c.start += frameHead
	body, err := c.fill(rest)
	if err != nil {
		return 0, nil, err
	}
	frame, err := c.opener.Body(body)
	if err != nil {
		return 0, nil, &Violation{Reason: ReasonNetwork, Err: err}
	}
	c.start += rest
	code, payload, err := c.opener.Message(frame)
	if err != nil {
		return 0, nil, &Violation{Reason: ReasonNetwork, Err: err}
	}
	return code, payload, nil
}

// Release does nothing: the stream has been read.
func (c *Conn) Release() {}

// fill returns the next n bytes of the stream without consuming them.
func (c *Conn) fill(n int) ([]byte, error) {
	for c.end-c.start < n {
		if len(c.in)-c.start < n {
			c.makeRoom(n)
		}
		got, err := c.c.Read(c.in[c.end:])
		c.end += got
		if err != nil && c.end-c.start < n {
			if errors.Is(err, io.EOF) && c.end > c.start {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
	}
	return c.in[c.start : c.start+n], nil
}

// makeRoom moves what has arrived to the front and, when that does not make room for one
// more read, doubles the buffer, up to what n bytes need.
func (c *Conn) makeRoom(n int) {
	if c.start > 0 {
		c.end = copy(c.in, c.in[c.start:c.end])
		c.start = 0
	}
	if c.end < len(c.in) {
		return
	}
	grown := make([]byte, max(firstRead, min(2*len(c.in), n)))
	copy(grown, c.in[:c.end])
	c.in = grown
}

// Queue seals a message behind those queued before.
func (c *Conn) Queue(m *Out) (err error) {
	c.out, err = c.sealer.Seal(c.out, *m)
	return err
}

// Queued is how many bytes wait for Flush.
func (c *Conn) Queued() int { return len(c.out) }

// Flush writes what was queued, in one write.
func (c *Conn) Flush(deadline time.Time) error {
	c.mu.Lock()
	if !c.hurry.IsZero() && c.hurry.Before(deadline) {
		deadline = c.hurry
	}
	err := c.c.SetWriteDeadline(deadline)
	c.mu.Unlock()
	if err == nil {
		_, err = c.c.Write(c.out)
	}
	c.out = c.out[:0]
	if cap(c.out) > 2*keepBuffer {
		c.out = nil
	}
	return err
}

// SetSnappy turns compression on or off for both directions.
func (c *Conn) SetSnappy(on bool) {
	c.opener.SetSnappy(on)
	c.sealer.SetSnappy(on)
}

// Hurry shortens the write that is under way and those that follow.
func (c *Conn) Hurry(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hurry = t
	_ = c.c.SetWriteDeadline(t) // a closed connection needs no deadline
}

// Close closes the stream.
func (c *Conn) Close() error { return c.c.Close() }
