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
	proven bool // a frame of theirs was opened
	limits Limits
	reads  account // for in, and for what the opener holds

	// owner: writer
	sealer *rlpx.Sealer
	out    []byte
	broken error   // a write failed, perhaps in the middle of a frame: nothing may follow it
	writes account // for out

	received, sent atomic.Uint64 // bytes on the stream since the Conn was made

	mu     sync.Mutex // guards the write deadline
	expiry time.Time

	once   sync.Once
	closed chan struct{}
}

// maxFrame is what a frame's header can say, with padding and MAC.
const maxFrame = 1<<24 + 16 + 16

// frameOf is the largest rest of a frame for a payload of size bytes: snappy may make it
// longer, by a sixth and a little at the worst. 0 = any that RLPx can carry.
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

// Limit implements [Transport]. A budget is to be set before the connection carries anything
// larger than a Hello.
func (c *Conn) Limit(l Limits) {
	c.limits = l
	if l.Budget != nil {
		c.reads.open(l.Budget, c.closed)
		c.writes.open(l.Budget, c.closed)
	}
}

// Proven reports whether a frame has arrived whose MAC is right. Only then does the connection
// belong to the node that its handshake named: an auth packet can be made in the name of any node,
// since its signature is compared with nothing (devp2p/rlpx.md#initial-handshake), but the keys
// of the frames cannot. Only the reader calls it.
func (c *Conn) Proven() bool { return c.proven }

// Queue seals a message and appends its frame to those that wait for Flush. It fails with
// [rlpx.ErrTooLarge], and changes nothing, if the compressed message fits no frame
// (devp2p/rlpx.md#framing).
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

// Queued is how many bytes wait for Flush.
func (c *Conn) Queued() int { return len(c.out) }

// Flush writes what was queued, in one write. After one that failed all fail: what
// follows half a frame cannot be read.
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

// ExpireWrites shortens the write that is under way and those that follow.
func (c *Conn) ExpireWrites(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.expiry = t
	_ = c.c.SetWriteDeadline(t) // a closed connection needs no deadline
}

// Close closes the stream, and gives its memory back to the budget.
func (c *Conn) Close() error {
	err := c.c.Close() // first, so that a read that waits for memory finds it closed
	c.once.Do(func() {
		close(c.closed)
		c.reads.close()
		c.writes.close()
	})
	return err
}
