// SPDX-License-Identifier: Apache-2.0

package eth

import (
	"bytes"
	"slices"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
)

// Bounds and times of our requests, per session.
const (
	requestTimeout = 5 * time.Second  // of a peer that answers in time
	maxTimeout     = 20 * time.Second // of a slow peer
	longestTimeout = time.Minute      // that a caller can choose
	maxInFlight    = 64
	maxRemembered  = 10_000
	rememberFor    = 5 * time.Minute
)

// requests pairs our requests with their replies. It is a leaf: one mutex, never held while a
// callback runs. Any goroutine adds, the writer sends, the reader matches before it decodes, the
// owner expires.
//
// From eth/66 on a reply carries the ID of its request (EIP-2481). A reply with an ID that we never
// used ends the session. A reply to a request that timed out is late: it is counted, and delivered
// if the caller set Options.Late. Up to eth/65 there are no IDs: one request per kind of reply may
// be in flight, and one that timed out stays in flight until its reply arrives or 5 minutes pass;
// an unrequested reply is counted.
type requests struct {
	peer    *p2p.Peer
	version wire.Version

	mu      sync.Mutex // guards what follows
	ended   error
	nextID  uint64
	pending []request // in the order asked
	late    []lateID  // in the order of expiry
	answers estimate
	unasked uint64 // replies without IDs that no request of ours was waiting for
	tooLate uint64 // replies that came after their time
}

type request struct {
	id       uint64 // its number, which is sent from eth/66 on
	row      *wire.Row
	asked    time.Time
	deadline time.Time
	payload  []byte // nil once the writer has taken it
	again    bool   // id is that of an answered request
	queue    bool   // it may wait for an earlier one of its kind
	deliver  func(payload []byte, err error) error
	late     func(payload []byte) error // nil: a late reply is dropped unread
}

// A lateID stands for a request that was sent and has timed out, or was withdrawn.
type lateID struct {
	id      uint64
	reply   wire.Kind
	asked   time.Time
	forget  time.Time
	deliver func(payload []byte) error // may be nil
}

func (r *requests) start(v wire.Version, firstID uint64, peer *p2p.Peer) {
	r.version, r.nextID, r.peer = v, firstID, peer
}

// add registers a request that waits for 5 s; deliver is called once, unless add fails.
func (r *requests) add(now time.Time, kind wire.Kind, encode func(id uint64) []byte, deliver func([]byte, error) error) error {
	_, err := r.ask(now, request{row: kind.Row(), deadline: now.Add(requestTimeout), deliver: deliver}, encode)
	return err
}

// ask registers a request, wakes the writer and returns the request's number.
func (r *requests) ask(now time.Time, q request, encode func(id uint64) []byte) (uint64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.ended != nil:
		return 0, r.ended
	case !q.row.In(r.version):
		return 0, ErrUnsupported
	case len(r.pending) == maxInFlight, !q.queue && !r.version.HasRequestIDs() && r.expects(q.row.Reply):
		return 0, ErrBusy
	case q.again && r.uses(q.id):
		return 0, ErrPending
	}
	if q.deadline.IsZero() {
		q.deadline = now.Add(r.answers.timeout())
	}
	if q.asked = now; !q.again {
		q.id = r.nextID
		r.nextID++
	}
	q.payload = encode(q.id)
	first := len(r.pending) == 0 || q.deadline.Before(r.pending[r.soonest()].deadline)
	r.pending = append(r.pending, q)
	r.peer.Wake()
	if first {
		r.peer.Reschedule() // the owner has a later deadline to wait for, or none
	}
	return q.id, nil
}

// withdraw removes a request that its caller has given up. Its deliver is not called.
func (r *requests) withdraw(now time.Time, id uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at := r.find(func(q *request) bool { return q.id == id }); at >= 0 {
		r.giveUp(now, at)
	}
}

// expects reports whether a reply of the kind may come, in time or late.
func (r *requests) expects(reply wire.Kind) bool {
	return r.find(func(q *request) bool { return q.row.Reply == reply }) >= 0 ||
		slices.ContainsFunc(r.late, func(l lateID) bool { return l.reply == reply })
}

// uses reports whether a reply with the ID may come, in time or late.
func (r *requests) uses(id uint64) bool {
	return r.find(func(q *request) bool { return q.id == id }) >= 0 ||
		slices.ContainsFunc(r.late, func(l lateID) bool { return l.id == id })
}

func (r *requests) find(is func(*request) bool) int {
	for i := range r.pending {
		if is(&r.pending[i]) {
			return i
		}
	}
	return -1
}

// Next implements p2p.Lane.
func (r *requests) Next(out *p2p.Out, _ int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := r.find(r.sendable)
	if at < 0 {
		return false
	}
	out.Code, out.Raw = r.pending[at].row.Code, append(out.Raw, r.pending[at].payload...)
	r.pending[at].payload = nil
	return true
}

// sendable reports whether an unsent request can be sent. Up to eth/65 one that queues waits until no other reply of its kind
// is to come.
func (r *requests) sendable(q *request) bool {
	if q.payload == nil || !q.queue || r.version.HasRequestIDs() {
		return q.payload != nil
	}
	sent := func(other *request) bool { return other.payload == nil && other.row.Reply == q.row.Reply }
	return r.find(sent) < 0 && !slices.ContainsFunc(r.late, func(l lateID) bool { return l.reply == q.row.Reply })
}

// settled wakes the writer if a request may have waited for the reply that has come, or is no longer to come.
func (r *requests) settled() {
	if r.find(func(q *request) bool { return q.queue && q.payload != nil }) >= 0 {
		r.peer.Wake()
	}
}

// deliver gives a reply to the request that it answers, as bytes that are the receiver's.
func (r *requests) deliver(now time.Time, row *wire.Row, payload []byte) error {
	var id uint64
	if r.version.HasRequestIDs() {
		var err error
		if id, err = wire.RequestID(r.version, payload); err != nil {
			return p2p.Breach("%v: %w", row.Kind, err)
		}
	}
	take, err := r.match(now, row, id)
	if err != nil || take == nil {
		return err
	}
	return take(bytes.Clone(payload))
}

// match removes and returns the pending request with this ID (EIP-2481), or the late one. It returns
// nil if there is neither.
func (r *requests) match(now time.Time, row *wire.Row, id uint64) (take func([]byte) error, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	withID := r.version.HasRequestIDs()
	at := r.find(func(q *request) bool { return q.payload == nil && (q.id == id || !withID) && q.row.Reply == row.Kind })
	if at >= 0 {
		q := r.pending[at]
		r.pending = slices.Delete(r.pending, at, at+1)
		r.answers.add(now.Sub(q.asked))
		r.settled()
		return func(payload []byte) error { return q.deliver(payload, nil) }, nil
	}
	at = slices.IndexFunc(r.late, func(l lateID) bool { return (l.id == id || !withID) && l.reply == row.Kind })
	if at >= 0 {
		l := r.late[at]
		r.late = slices.Delete(r.late, at, at+1)
		r.answers.add(now.Sub(l.asked))
		r.settled()
		r.tooLate++
		return l.deliver, nil
	}
	if !withID {
		r.unasked++
		return nil, nil
	}
	return nil, p2p.Breach("%v with ID %d, which no request of ours has", row.Kind, id)
}

// expire gives up the timed-out requests and returns when the next one times out; the zero time if
// no request is pending.
func (r *requests) expire(now time.Time) time.Time {
	for {
		q, next := r.takeExpired(now)
		if q == nil {
			return next
		}
		_ = q.deliver(nil, ErrTimeout) // only a payload can be a violation
	}
}

func (r *requests) takeExpired(now time.Time) (*request, time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.late) > 0 && (len(r.late) > maxRemembered || !now.Before(r.late[0].forget)) {
		r.late = r.late[1:]
		r.settled()
	}
	if len(r.pending) == 0 {
		return nil, time.Time{}
	}
	at := r.soonest()
	if q := r.pending[at]; now.Before(q.deadline) {
		return nil, q.deadline
	}
	q := r.giveUp(now, at)
	return &q, time.Time{}
}

// soonest returns the index of the pending request with the earliest deadline.
func (r *requests) soonest() (at int) {
	for i := range r.pending {
		if r.pending[i].deadline.Before(r.pending[at].deadline) {
			at = i
		}
	}
	return at
}

// giveUp removes a pending request. If it was sent, it may still be answered.
func (r *requests) giveUp(now time.Time, at int) request {
	q := r.pending[at]
	r.pending = slices.Delete(r.pending, at, at+1)
	if q.payload == nil {
		r.late = append(r.late, lateID{id: q.id, reply: q.row.Reply, asked: q.asked, forget: now.Add(rememberFor), deliver: q.late})
	}
	return q
}

// fail ends all requests with the session's cause and returns how many replies were
// dropped in all.
func (r *requests) fail(cause error) (unasked, late uint64) {
	r.mu.Lock()
	pending := r.pending
	r.pending, r.late, r.ended = nil, nil, cause
	unasked, late = r.unasked, r.tooLate
	r.mu.Unlock()
	for _, q := range pending {
		_ = q.deliver(nil, cause)
	}
	return unasked, late
}
