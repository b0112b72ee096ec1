// SPDX-License-Identifier: Apache-2.0

// in: payloads from the reader, messages of a run function · out: messages for it, and for the writer

package p2p

import (
	"slices"
	"sync"
)

// Bounds of what a run function leaves unread.
const (
	maxUnread      = 64        // messages
	maxUnreadBytes = 256 << 10 // of payload
)

// An inbox is a bounded queue from the reader to ReadMsg. When it is full the reader waits.
type inbox struct {
	mu    sync.Mutex // a leaf
	queue []Msg
	bytes int  // of payload in the queue
	asked bool // ReadMsg waits

	arrived chan struct{} // holds one token: the queue may have a message
	room    chan struct{} // holds one token: the queue may have room
}

func newInbox() inbox {
	return inbox{arrived: make(chan struct{}, 1), room: make(chan struct{}, 1)}
}

// offer queues a copy of a message if there is room. A message larger than the queue has room only while
// ReadMsg waits: until then it stays in the connection's buffer, which is charged to the budget.
func (in *inbox) offer(code uint64, payload []byte) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	fits := len(in.queue) < maxUnread && in.bytes+len(payload) <= maxUnreadBytes
	if !fits && !(in.asked && len(in.queue) == 0) {
		return false
	}
	in.asked = false
	in.queue = append(in.queue, Msg{Code: code, Payload: slices.Clone(payload)})
	in.bytes += len(payload)
	signal(in.arrived)
	return true
}

// take returns the oldest message. If there is none, it notes that ReadMsg waits.
func (in *inbox) take() (m Msg, ok bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	defer signal(in.room)
	if len(in.queue) == 0 {
		in.asked = true
		return Msg{}, false
	}
	m = in.queue[0]
	in.queue = slices.Delete(in.queue, 0, 1)
	in.bytes -= len(m.Payload)
	return m, true
}

// An outbox is a Lane that holds one message: WriteMsg puts it in and waits until the writer has sent it.
type outbox struct {
	token chan struct{} // held by the WriteMsg of the message
	done  chan error    // holds one result: nil if the message was sent

	mu   sync.Mutex // a leaf
	next Msg
	full bool
}

func newOutbox() outbox {
	return outbox{token: make(chan struct{}, 1), done: make(chan error, 1)}
}

func (o *outbox) put(m Msg) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.next, o.full = m, true
}

// recall takes the message back when the connection has ended, so that its payload is no longer borrowed.
func (o *outbox) recall() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.next, o.full = Msg{}, false
	select {
	case err := <-o.done: // the writer has just sent or refused it
		return err
	default:
		return ErrClosed
	}
}

// Next implements Lane. It copies the payload.
func (o *outbox) Next(out *Out, _ int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.full {
		return false
	}
	out.Code, out.Raw = o.next.Code, append(out.Raw, o.next.Payload...)
	o.next, o.full = Msg{}, false
	return true
}

// sent implements confirmer.
func (o *outbox) sent() { o.done <- nil } // never blocks: at most one message is on its way

// refused implements confirmer.
func (o *outbox) refused(why error) { o.done <- why }

// signal puts the one token in, unless it is there already.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
