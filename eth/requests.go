// SPDX-License-Identifier: Apache-2.0

package eth

import (
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
)

// Bounds and times of our requests, per session.
const (
	requestTimeout = 5 * time.Second
	maxInFlight    = 64
	maxRemembered  = 10_000
	rememberFor    = 5 * time.Minute
)

// Errors of a request that the peer is not to be blamed for.
var (
	ErrTimeout = errors.New("the peer did not answer in time")
	ErrBusy    = errors.New("too many requests to this peer are in flight")
)

// requests pairs our requests with their replies. It is a leaf: one mutex, never held
// while a callback runs. Anyone adds, the writer sends, the reader matches before
// anything is decoded, the owner expires.
//
// From eth/66 on a reply carries the ID of its request (EIP-2481). A reply with an ID
// that was never ours ends the session; one whose request timed out is only late. Up to
// eth/65 there are no IDs: one request per kind of reply may be in flight, where one that
// timed out still is, until its reply has come or is not to be expected any more; and a
// reply that nobody waits for is counted.
type requests struct {
	peer    *p2p.Peer
	version wire.Version

	mu      sync.Mutex // guards what follows
	ended   error
	nextID  uint64
	pending []request // in the order asked, which is the order of their deadlines
	late    []lateID  // in the order of expiry
	unasked uint64    // replies without IDs that nobody waited for
	tardy   uint64    // replies that came after their time
}

type request struct {
	id       uint64
	row      *wire.Row // of the request
	deadline time.Time
	payload  []byte // nil once the writer has taken it
	deliver  func(payload []byte, err error) error
}

type lateID struct {
	id     uint64
	reply  wire.Kind
	forget time.Time
}

func (r *requests) start(v wire.Version, firstID uint64, peer *p2p.Peer) {
	r.version, r.nextID, r.peer = v, firstID, peer
}

// add registers a request and wakes the writer. deliver is called once, unless add
// fails.
func (r *requests) add(now time.Time, kind wire.Kind, encode func(id uint64) []byte, deliver func([]byte, error) error) error {
	row := kind.Row()
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.ended != nil:
		return r.ended
	case !row.In(r.version):
		return ErrUnsupported
	case len(r.pending) == maxInFlight, !r.version.HasRequestIDs() && r.expects(row.Reply):
		return ErrBusy
	}
	id := r.nextID
	r.nextID++
	r.pending = append(r.pending, request{id: id, row: row, deadline: now.Add(requestTimeout), payload: encode(id), deliver: deliver})
	r.peer.Wake()
	if len(r.pending) == 1 {
		r.peer.Reschedule() // the owner has no deadline to wait for yet
	}
	return nil
}

// ErrUnsupported is returned for a request that the negotiated version does not have.
var ErrUnsupported = errors.New("the negotiated eth version has no such request")

// expects reports whether a reply of the kind may come, in time or late.
func (r *requests) expects(reply wire.Kind) bool {
	return r.find(func(q *request) bool { return q.row.Reply == reply }) >= 0 ||
		slices.ContainsFunc(r.late, func(l lateID) bool { return l.reply == reply })
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
	at := r.find(func(q *request) bool { return q.payload != nil })
	if at < 0 {
		return false
	}
	out.Code, out.Raw = r.pending[at].row.Code, append(out.Raw, r.pending[at].payload...)
	r.pending[at].payload = nil
	return true
}

// deliver gives a reply to whoever asked for it, as bytes that are theirs to keep.
func (r *requests) deliver(row *wire.Row, payload []byte) error {
	var id uint64
	if r.version.HasRequestIDs() {
		var err error
		if id, err = wire.RequestID(r.version, payload); err != nil {
			return p2p.Breach("%v: %w", row.Kind, err)
		}
	}
	q, err := r.match(row, id)
	if err != nil || q == nil {
		return err
	}
	return q.deliver(append([]byte(nil), payload...), nil)
}

// match takes the request that a reply answers from the pending ones. It returns nil for
// a reply that is late, or without an ID and unasked for.
func (r *requests) match(row *wire.Row, id uint64) (*request, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	withID := r.version.HasRequestIDs()
	at := r.find(func(q *request) bool { return q.payload == nil && (q.id == id || !withID) && q.row.Reply == row.Kind })
	if at >= 0 {
		q := r.pending[at]
		r.pending = slices.Delete(r.pending, at, at+1)
		return &q, nil
	}
	at = slices.IndexFunc(r.late, func(l lateID) bool { return (l.id == id || !withID) && l.reply == row.Kind })
	if at >= 0 {
		r.late = slices.Delete(r.late, at, at+1)
		r.tardy++
		return nil, nil
	}
	if !withID {
		r.unasked++
		return nil, nil
	}
	return nil, p2p.Breach("%v with ID %d, which no request of ours has", row.Kind, id)
}

// expire gives up the requests whose time is over and returns when to look again; the
// zero time if there is nothing to wait for.
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
	}
	if len(r.pending) == 0 {
		return nil, time.Time{}
	}
	q := r.pending[0]
	if now.Before(q.deadline) {
		return nil, q.deadline
	}
	r.pending = slices.Delete(r.pending, 0, 1)
	if q.payload == nil { // it was sent, so it may still be answered
		r.late = append(r.late, lateID{id: q.id, reply: q.row.Reply, forget: now.Add(rememberFor)})
	}
	return &q, time.Time{}
}

// fail ends all requests with the session's cause and returns how many replies were
// dropped in all.
func (r *requests) fail(cause error) (unasked, tardy uint64) {
	r.mu.Lock()
	pending := r.pending
	r.pending, r.ended = nil, cause
	unasked, tardy = r.unasked, r.tardy
	r.mu.Unlock()
	for _, q := range pending {
		_ = q.deliver(nil, cause)
	}
	return unasked, tardy
}
