// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"errors"
	"os"
	"slices"
	"sync"
	"time"
)

// ErrPipeClosed is the error of both ends of a pipe once either end is closed.
var ErrPipeClosed = errors.New("read or write on a closed pipe")

// Pipe connects two peers in memory. It buffers nothing: Flush returns when the other side has released each
// message, or has taken it if the message has no payload.
func Pipe() (a, b Transport) {
	ab, ba := make(chan handover), make(chan handover)
	shared := &pipeState{closed: make(chan struct{})}
	return &pipeEnd{pipeState: shared, in: ba, out: ab}, &pipeEnd{pipeState: shared, in: ab, out: ba}
}

type pipeState struct {
	once   sync.Once
	closed chan struct{}
}

// handover is a message on its way to the reader. consumed is closed when the reader has released the
// payload; it is nil for a message without a payload.
type handover struct {
	code     uint64
	payload  []byte
	consumed chan struct{}
}

type pipeEnd struct {
	*pipeState
	in, out chan handover
	reading chan struct{} // consumed of the message that the reader holds; owner: reader
	queue   []handover    // owner: writer
	queued  int

	mu       sync.Mutex // guards what follows
	expiry   time.Time
	flushing *time.Timer // of the Flush under way
}

func (p *pipeEnd) Read(deadline time.Time) (uint64, []byte, error) {
	p.Release()
	timer := time.NewTimer(time.Until(deadline))
	defer timer.Stop()
	select {
	case <-p.closed:
		return 0, nil, ErrPipeClosed
	default:
	}
	select {
	case h := <-p.in:
		p.reading = h.consumed
		return h.code, h.payload, nil
	case <-p.closed:
		return 0, nil, ErrPipeClosed
	case <-timer.C:
		return 0, nil, os.ErrDeadlineExceeded
	}
}

func (p *pipeEnd) Release() {
	if p.reading != nil {
		close(p.reading)
		p.reading = nil
	}
}

func (p *pipeEnd) Queue(m *Out) error {
	h := handover{code: m.Code, payload: slices.Clone(m.Raw)}
	for _, c := range m.Chunks {
		h.payload = append(h.payload, c.Bytes()...)
	}
	if len(h.payload) > 0 {
		h.consumed = make(chan struct{})
	}
	p.queue = append(p.queue, h)
	p.queued += 1 + len(h.payload)
	return nil
}

func (p *pipeEnd) Queued() int { return p.queued }

func (p *pipeEnd) Flush(deadline time.Time) error {
	queue := p.queue
	p.queue, p.queued = nil, 0
	timer := p.startFlush(deadline)
	defer timer.Stop()
	for _, h := range queue {
		if err := p.hand(h, timer.C); err != nil {
			return err
		}
	}
	return nil
}

func (p *pipeEnd) startFlush(deadline time.Time) *time.Timer {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.expiry.IsZero() && p.expiry.Before(deadline) {
		deadline = p.expiry
	}
	p.flushing = time.NewTimer(time.Until(deadline))
	return p.flushing
}

// hand gives one message to the other side. A message that was taken before the pipe closed counts as
// delivered.
func (p *pipeEnd) hand(h handover, expired <-chan time.Time) error {
	select {
	case <-p.closed:
		return ErrPipeClosed
	default:
	}
	select {
	case p.out <- h:
	case <-p.closed:
		return ErrPipeClosed
	case <-expired:
		return os.ErrDeadlineExceeded
	}
	if h.consumed == nil {
		return nil
	}
	select {
	case <-h.consumed:
		return nil
	case <-p.closed:
		return nil
	case <-expired:
		return os.ErrDeadlineExceeded
	}
}

// Limit does nothing: a payload stays in the memory of the end that sends it.
func (p *pipeEnd) Limit(Limits) {}

func (p *pipeEnd) SetSnappy(bool) {}

func (p *pipeEnd) ExpireWrites(t time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expiry = t
	if p.flushing != nil {
		p.flushing.Reset(time.Until(t))
	}
}

func (p *pipeEnd) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}
