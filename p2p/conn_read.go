// SPDX-License-Identifier: Apache-2.0

// in: a stream · out: messages · owner: reader

package p2p

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// Read returns the next message. It refuses early what the limits forbid: it does not wait for a frame that
// is too large, and does not decompress a payload that is not admitted.
func (c *Conn) Read(deadline time.Time) (uint64, []byte, error) {
	if err := c.c.SetReadDeadline(deadline); err != nil {
		return 0, nil, err
	}
	if err := c.slim(deadline); err != nil {
		return 0, nil, err
	}
	frame, err := c.frame(deadline)
	if err != nil {
		return 0, nil, err
	}
	code, size, err := c.opener.Look(frame)
	if err != nil {
		return c.plain(frame, err)
	}
	if c.limits.Admit != nil {
		if err := c.limits.Admit(code, size); err != nil {
			return 0, nil, err
		}
	}
	if err := c.reads.cover(len(c.in)+c.opener.Holds(size), deadline); err != nil {
		return 0, nil, err
	}
	code, payload, err := c.opener.Message(frame)
	if err != nil {
		return c.plain(frame, err)
	}
	return code, payload, nil
}

// plain handles a frame that cannot be decompressed, because of why. It accepts an uncompressed Disconnect: a
// client without room for us may send one right after the Hellos, before it compresses. Any other message in
// such a frame is a breach (devp2p/rlpx.md#disconnect-0x01, devp2p/rlpx.md#hello-0x00).
func (c *Conn) plain(frame []byte, why error) (uint64, []byte, error) {
	code, payload, err := c.opener.Plain(frame)
	if err != nil || code != codeDisconnect || len(payload) > maxDisconnect {
		return 0, nil, unreadable(why)
	}
	return code, payload, nil
}

// Release does nothing: the stream has been read.
func (c *Conn) Release() {}

// slim frees the memory of a large last message: the read buffer at once, the buffer for decompression after
// a while, or at once when memory is short.
func (c *Conn) slim(deadline time.Time) error {
	if c.start == c.end && len(c.in) > keepBuffer {
		c.in, c.start, c.end = nil, 0, 0
	}
	if c.opener.Holds(0) > keepBuffer && c.reads.budget.tight() {
		c.opener.Release()
	}
	return c.reads.cover(len(c.in)+c.opener.Holds(0), deadline)
}

// frame reads and opens the next frame.
func (c *Conn) frame(deadline time.Time) ([]byte, error) {
	head, err := c.fill(frameHead, deadline)
	if err != nil {
		return nil, err
	}
	rest, err := c.opener.Header(head)
	if err != nil {
		return nil, unreadable(err)
	}
	if limit := frameOf(c.limits.Payload); rest > limit {
		return nil, &Violation{
			Reason: c.limits.Reason, Silent: c.limits.Silent,
			Err: fmt.Errorf("frame of %d bytes: the limit here is %d", rest, limit),
		}
	}
	c.start, c.proven = c.start+frameHead, true
	body, err := c.fill(rest, deadline)
	if err != nil {
		return nil, err
	}
	frame, err := c.opener.Body(body)
	if err != nil {
		return nil, unreadable(err)
	}
	c.start += rest
	return frame, nil
}

// fill returns the next n bytes of the stream without consuming them.
func (c *Conn) fill(n int, deadline time.Time) ([]byte, error) {
	for c.end-c.start < n {
		if len(c.in)-c.start < n {
			if err := c.makeRoom(n, deadline); err != nil {
				return nil, err
			}
		}
		got, err := c.c.Read(c.in[c.end:])
		c.end += got
		c.received.Add(uint64(max(got, 0)))
		if err != nil && c.end-c.start < n {
			if errors.Is(err, io.EOF) && c.end > c.start {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
	}
	return c.in[c.start : c.start+n], nil
}

// makeRoom moves the unread bytes to the front of the buffer. If there is still no room for a read, it
// doubles the buffer, up to what n bytes need.
func (c *Conn) makeRoom(n int, deadline time.Time) error {
	if c.start > 0 {
		c.end = copy(c.in, c.in[c.start:c.end])
		c.start = 0
	}
	if c.end < len(c.in) {
		return nil
	}
	size := max(firstRead, min(2*len(c.in), n))
	if err := c.reads.cover(size+c.opener.Holds(0), deadline); err != nil {
		return err
	}
	grown := make([]byte, size)
	copy(grown, c.in[:c.end])
	c.in = grown
	return nil
}
