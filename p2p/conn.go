// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ethpeer/ethpeer/rlpx"
)

// Sizes of a connection's buffers, in bytes.
const (
	firstRead  = 4 << 10  // a read buffer's first size
	keepBuffer = 64 << 10 // a larger buffer is freed when it is empty
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
	proven bool // a frame of the remote side was opened
	limits Limits
	reads  account // for in, and for the opener's buffers

	// owner: writer
	sealer *rlpx.Sealer
	out    []byte
	broken error   // a write failed, perhaps within a frame: no more writes
	writes account // for out

	received, sent atomic.Uint64 // bytes on the stream since the Conn was made

	mu     sync.Mutex // guards the write deadline
	expiry time.Time

	once   sync.Once
	closed chan struct{}
}

// maxFrame is the largest size that a frame's header can state, with padding and MAC
// (devp2p/rlpx.md#framing).
const maxFrame = 1<<24 + 16 + 16

// frameOf returns the largest rest of a frame for a payload of size bytes: snappy lengthens a payload by a
// sixth and a few bytes at worst (EIP-706). 0 = any that RLPx can carry.
func frameOf(size int) int {
	if size == 0 {
		return maxFrame
	}
	const code, padding, mac = 9, 15, 16
	return min(maxFrame, code+32+size+size/6+padding+mac)
}

// NewConn returns a transport over c with the keys of a handshake.
func NewConn(c net.Conn, keys rlpx.Keys) *Conn {
	return &Conn{
		c: c, opener: rlpx.NewOpener(keys), sealer: rlpx.NewSealer(keys),
		closed: make(chan struct{}),
	}
}

// Limit implements [Transport]. A budget must be set before the connection carries a message larger than a
// Hello.
func (c *Conn) Limit(l Limits) {
	c.limits = l
	if l.Budget != nil {
		c.reads.open(l.Budget, c.closed)
		c.writes.open(l.Budget, c.closed)
	}
}

// Proven reports whether a frame with a valid MAC has arrived (devp2p/rlpx.md#mac). Only then does the
// connection belong to the node that its handshake named. An auth packet can be made in the name of any node,
// since its signature is compared with nothing (devp2p/rlpx.md#initial-handshake); the keys of the frames
// cannot. Only the reader calls Proven.
func (c *Conn) Proven() bool { return c.proven }

// Queue seals a message and appends its frame to the output of the next Flush. It fails with
// [rlpx.ErrTooLarge], and changes nothing, if the compressed message fits no frame (devp2p/rlpx.md#framing).
func (c *Conn) Queue(m *Out) (err error) {
	c.out, err = c.sealer.Seal(c.out, *m)
	c.shrink()
	return err
}

// shrink frees an empty output buffer that is large, and accounts for its size.
func (c *Conn) shrink() {
	if len(c.out) == 0 && cap(c.out) > 2*keepBuffer {
		c.out = nil
	}
	c.writes.settle(cap(c.out))
}

// Traffic returns how many bytes of frames have arrived and were sent. Any goroutine may call it.
func (c *Conn) Traffic() (received, sent uint64) { return c.received.Load(), c.sent.Load() }

// Queued returns how many bytes wait for Flush.
func (c *Conn) Queued() int { return len(c.out) }

// Flush writes the queued frames in one write. After a failed write every Flush fails, because the remote
// side cannot read what follows half a frame.
func (c *Conn) Flush(deadline time.Time) error {
	c.mu.Lock()
	if !c.expiry.IsZero() && c.expiry.Before(deadline) {
		deadline = c.expiry
	}
	err := c.c.SetWriteDeadline(deadline)
	c.mu.Unlock()
	if err == nil {
		err = c.broken
	}
	if err == nil {
		var n int
		n, err = c.c.Write(c.out)
		c.sent.Add(uint64(max(n, 0)))
		c.broken = err
	}
	c.out = c.out[:0]
	c.shrink()
	return err
}

// SetSnappy turns compression on or off for both directions.
func (c *Conn) SetSnappy(on bool) {
	c.opener.SetSnappy(on)
	c.sealer.SetSnappy(on)
}

// ExpireWrites shortens the write under way and all later ones.
func (c *Conn) ExpireWrites(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.expiry = t
	_ = c.c.SetWriteDeadline(t) // a closed connection needs no deadline
}

// Close closes the stream and returns its memory to the budget.
func (c *Conn) Close() error {
	err := c.c.Close() // first, so that a read that waits for memory finds the stream closed
	c.once.Do(func() {
		close(c.closed)
		c.reads.close()
		c.writes.close()
	})
	return err
}
