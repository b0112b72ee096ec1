// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"
)

const (
	// defaultBudget is the size of a budget that covers the messages of all peers, in bytes.
	defaultBudget = 256 << 20

	// allowance is what the buffers of one direction of a connection take outside the budget, in bytes.
	// Almost all messages are smaller, so an exhausted budget stops none of them.
	allowance = 2 * keepBuffer
)

var errNoMemory = errors.New("the memory for large messages is used up")

// A Budget bounds the memory that the messages of all peers take together. Each direction of a connection has
// 128 KiB of its own. Its buffers take what they need beyond that from the budget as the bytes arrive, and
// give it back when they shrink. Protocols charge messages that they keep for later: eth charges messages
// that wait for a role's loop, and replies that wait to be sent. So connections hold at most the size of the
// budget, plus what is charged beyond it while large messages wait, plus 256 KiB each, plus 256 KiB for each
// run function ([RunProtocol]) with unread messages.
//
// An incoming message waits while the budget is used up, until its read deadline; then its
// connection ends, and no other is affected. Outgoing messages are counted but never wait, because
// their memory exists already.
//
// A Budget is safe for use by any goroutine. The nil Budget bounds nothing.
type Budget struct {
	size int

	mu      sync.Mutex // a leaf
	used    int        // may pass size by outgoing messages and charges
	waiting []*waiter  // in order of arrival; at most one for each connection
}

// A waiter is a reader that waits for bytes.
type waiter struct {
	bytes   int
	granted chan struct{} // closed when the bytes are taken for it
}

// NewBudget returns a budget of so many bytes; 0 = 256 MiB. The largest message (16 MiB,
// devp2p/rlpx.md#message-encoding) needs 32 MiB, half of it for the decompressed payload. A message
// that needs more than the whole budget ends its connection.
func NewBudget(bytes int) *Budget {
	if bytes == 0 {
		bytes = defaultBudget
	}
	return &Budget{size: bytes}
}

// Used returns how many bytes are taken at this moment.
func (b *Budget) Used() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.used
}

// tight reports whether more than half of the budget is used: connections then keep no spare buffers.
func (b *Budget) tight() bool { return b != nil && b.Used() > b.size/2 }

// take takes n bytes. It waits for them until the deadline (zero = none), or until quit is closed.
func (b *Budget) take(n int, deadline time.Time, quit <-chan struct{}) error {
	b.mu.Lock()
	if b.used+n <= b.size {
		b.used += n
		b.mu.Unlock()
		return nil
	}
	if n > b.size {
		b.mu.Unlock()
		return errNoMemory
	}
	c := &waiter{bytes: n, granted: make(chan struct{})}
	b.waiting = append(b.waiting, c)
	b.mu.Unlock()

	var expired <-chan time.Time
	if !deadline.IsZero() {
		timer := time.NewTimer(time.Until(deadline))
		defer timer.Stop()
		expired = timer.C
	}
	var err error
	select {
	case <-c.granted:
		return nil
	case <-expired:
		err = errNoMemory
	case <-quit:
		err = net.ErrClosed
	}
	b.withdraw(c)
	return err
}

// withdraw removes a waiter, or returns the bytes that it was granted at the same moment.
func (b *Budget) withdraw(c *waiter) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if at := slices.Index(b.waiting, c); at >= 0 {
		b.waiting = slices.Delete(b.waiting, at, at+1)
		return
	}
	b.put(c.bytes)
}

// Charge counts n bytes of memory that already exist as used. It never waits, so Used may pass the size of
// the budget; incoming messages then wait. On a nil Budget it does nothing.
func (b *Budget) Charge(n int) {
	if b == nil || n == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used += n
}

// Give returns n bytes that were charged. On a nil Budget it does nothing.
func (b *Budget) Give(n int) {
	if b == nil || n == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.put(n)
}

// put returns n bytes and serves the waiters in order of arrival. It skips a waiter that needs more than is
// left, so that small messages do not wait behind large ones.
func (b *Budget) put(n int) {
	b.used -= n
	b.waiting = slices.DeleteFunc(b.waiting, func(c *waiter) bool {
		if b.used+c.bytes > b.size {
			return false
		}
		b.used += c.bytes
		close(c.granted)
		return true
	})
}

// An account records what the buffers of one direction of a connection have taken from the budget.
// The goroutine that owns the buffers owns the account; any goroutine may close it.
type account struct {
	budget *Budget
	quit   <-chan struct{} // closed when takes must stop waiting

	mu     sync.Mutex // guards closed; the owner reads the rest without it
	closed bool
	paid   int
}

func (a *account) open(b *Budget, quit <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.budget, a.quit = b, quit
}

// cover makes the account hold what buffers of use bytes need. It waits for more bytes and returns surplus
// bytes.
func (a *account) cover(use int, deadline time.Time) error {
	more := a.owed(use)
	if more <= 0 {
		a.refund(-more)
		return nil
	}
	if err := a.budget.take(more, deadline, a.quit); errors.Is(err, errNoMemory) {
		return &LocalClose{Reason: ReasonTimeout, Why: fmt.Sprintf("%v: a message needs %d bytes more", err, more)}
	} else if err != nil {
		return err
	}
	return a.book(more)
}

// settle charges for buffers of use bytes that already exist.
func (a *account) settle(use int) {
	more := a.owed(use)
	if more <= 0 {
		a.refund(-more)
		return
	}
	a.budget.Charge(more)
	_ = a.book(more) // a closed connection shows when the owner next uses it
}

// owed returns how many more bytes buffers of use bytes need; negative = surplus.
func (a *account) owed(use int) int {
	if a.budget == nil {
		return 0
	}
	return max(0, use-allowance) - a.paid
}

func (a *account) book(n int) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		a.budget.Give(n)
		return net.ErrClosed
	}
	a.paid += n
	return nil
}

func (a *account) refund(n int) {
	if n == 0 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return // all was given back
	}
	a.paid -= n
	a.budget.Give(n)
}

// close returns all bytes. The account stays closed.
func (a *account) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed || a.budget == nil {
		return
	}
	a.closed = true
	a.budget.Give(a.paid)
}
