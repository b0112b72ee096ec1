// SPDX-License-Identifier: Apache-2.0

package bounded

import "sync"

// An Inbox brings messages from many senders to one receiver. Each sender has a [Slot]
// with bounds of its own: a sender that is faster than the receiver waits, and delays
// no other sender. The receiver takes one message of each slot in turn.
//
// An Inbox is safe for use by several goroutines.
type Inbox[M any] struct {
	ready chan struct{} // holds one token: there may be something to take

	mu     sync.Mutex
	turn   []*Slot[M] // those that hold something, next first
	closed bool
}

// A Meter counts the bytes of messages in an [Inbox]: Charge when a message is added, Give when it
// is taken. Neither may block. A *p2p.Budget is one.
type Meter interface {
	Charge(n int)
	Give(n int)
}

// Bounds of one slot.
const (
	SlotBytes    = 256 << 10
	SlotMessages = 256
)

// A Slot is one sender's place in an [Inbox].
type Slot[M any] struct {
	inbox *Inbox[M]
	meter Meter         // nil = none
	room  chan struct{} // holds one token: there may be room again

	// guarded by inbox.mu
	queue []letter[M]
	bytes int
}

type letter[M any] struct {
	message M
	size    int
}

// NewInbox returns an inbox without slots.
func NewInbox[M any]() *Inbox[M] { return &Inbox[M]{ready: make(chan struct{}, 1)} }

// Open returns a new slot, whose messages meter counts; nil = none. It needs no closing: an empty
// slot takes no place.
func (b *Inbox[M]) Open(meter Meter) *Slot[M] {
	return &Slot[M]{inbox: b, meter: meter, room: make(chan struct{}, 1)}
}

// Close has the inbox drop what is added from now on, since nothing will take it. What it holds can
// still be taken.
func (b *Inbox[M]) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
}

// Ready receives when there may be something to take. Then take until there is nothing
// left, or nothing may be received again.
func (b *Inbox[M]) Ready() <-chan struct{} { return b.ready }

// Take returns the next message, and false if there is none.
func (b *Inbox[M]) Take() (message M, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.turn) == 0 {
		return message, false
	}
	s := b.turn[0]
	b.turn = b.turn[1:]
	first := s.queue[0]
	s.queue[0] = letter[M]{}
	s.queue = s.queue[1:]
	s.bytes -= first.size
	if s.meter != nil {
		s.meter.Give(first.size)
	}
	if len(s.queue) > 0 {
		b.turn = append(b.turn, s)
	} else {
		s.queue = nil // a quiet sender holds no memory
	}
	signal(s.room)
	return first.message, true
}

// Put adds a message that takes about size bytes. If the slot is full it waits until the receiver
// has taken a message, and reports false if done is closed meanwhile. A message larger than
// SlotBytes has room in an empty slot. Only one goroutine at a time may put into a slot.
func (s *Slot[M]) Put(done <-chan struct{}, size int, message M) bool {
	for !s.add(size, message, false) {
		select {
		case <-s.room:
		case <-done:
			return false
		}
	}
	return true
}

// Post adds a message that takes about size bytes, without waiting and beyond the slot's bounds. It
// is for messages that are bounded otherwise, such as the replies to a bounded number of requests.
func (s *Slot[M]) Post(size int, message M) { s.add(size, message, true) }

func (s *Slot[M]) add(size int, message M, force bool) bool {
	b := s.inbox
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return true // dropped
	}
	n := len(s.queue)
	if !force && n > 0 && (s.bytes+size > SlotBytes || n >= SlotMessages) {
		return false
	}
	s.queue = append(s.queue, letter[M]{message, size})
	s.bytes += size
	if s.meter != nil {
		s.meter.Charge(size)
	}
	if n == 0 {
		b.turn = append(b.turn, s)
	}
	signal(b.ready)
	return true
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
