// SPDX-License-Identifier: Apache-2.0

package v4

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/discover/v4wire"
	"github.com/ethpeer/ethpeer/enr"
)

const (
	timeout      = 500 * time.Millisecond // of an answer, and of the ping that must come before
	clockMoved   = time.Second            // a deadline that lies so much too far ahead is of another clock
	maxRequests  = 1024
	maxPingBacks = 256 // of them, to strangers who ping us
	maxFound     = 16  // nodes that answer a Findnode
)

// A request is what we ask a node. Owner: the machine.
type request struct {
	to     kad.Contact
	addr   netip.AddrPort
	kind   v4wire.Type // TypePing, TypeFindnode or TypeENRRequest
	target [64]byte    // of a Findnode
	back   bool        // a ping to a stranger who pinged us
	done   func(now time.Time, a response)

	waiting  bool // for their ping, before it is sent
	hash     v4wire.Hash
	found    []v4wire.Node
	deadline time.Time     // of the answer, or of the wait
	ahead    time.Duration // our clock, of that of a node whose Pong had expired; 0 = none had
}

// timedOut returns why a request whose time is over has no answer.
func (q *request) timedOut() error {
	if q.ahead > 0 {
		return fmt.Errorf("%w that is valid by our clock, which is about %v ahead of the node's", ErrTimeout, q.ahead)
	}
	return ErrTimeout
}

// A response is the result of a request.
type response struct {
	seq    uint64        // of a ping: their record's, as they say
	found  []kad.Contact // of a Findnode: what is valid of what they said
	record *enr.Record   // of an ENRRequest
	err    error
}

// requests are those under way, in the order of their deadlines: all wait equally long.
type requests struct {
	all   []*request
	backs int
}

func (qs *requests) add(q *request) {
	qs.all = append(qs.all, q)
	if q.back {
		qs.backs++
	}
}

// full reports whether one more cannot be asked.
func (qs *requests) full(back bool) bool {
	return len(qs.all) >= maxRequests || back && qs.backs >= maxPingBacks
}

// find returns the first request that a message from a node would answer.
func (qs *requests) find(id enr.ID, ip netip.Addr, match func(*request) bool) *request {
	for _, q := range qs.all {
		if q.to.ID == id && q.addr.Addr() == ip && match(q) {
			return q
		}
	}
	return nil
}

// expected returns the first request that a message from an address could answer: without one,
// its signature need not be checked.
func (qs *requests) expected(ip netip.Addr, m v4wire.Message) *request {
	for _, q := range qs.all {
		if q.addr.Addr() == ip && q.answeredBy(m) {
			return q
		}
	}
	return nil
}

// answeredBy reports whether a message is what the question asks for.
func (q *request) answeredBy(m v4wire.Message) bool {
	if q.waiting {
		return false
	}
	switch m := m.(type) {
	case *v4wire.Pong:
		return q.kind == v4wire.TypePing && m.PingHash == q.hash
	case *v4wire.Neighbors:
		return q.kind == v4wire.TypeFindnode
	case *v4wire.ENRResponse:
		return q.kind == v4wire.TypeENRRequest && m.RequestHash == q.hash
	}
	return false
}

func (qs *requests) remove(q *request) {
	for i := range qs.all {
		if qs.all[i] == q {
			copy(qs.all[i:], qs.all[i+1:])
			qs.all[len(qs.all)-1] = nil
			qs.all = qs.all[:len(qs.all)-1]
			if q.back {
				qs.backs--
			}
			return
		}
	}
}

// due removes and returns a question whose time is over, and nil if there is none.
func (qs *requests) due(now time.Time) *request {
	if len(qs.all) == 0 {
		return nil
	}
	if q := qs.all[0]; !now.Before(q.deadline) || q.deadline.Sub(now) > timeout+clockMoved {
		qs.remove(q)
		return q
	}
	return nil
}

func (qs *requests) deadline() time.Time {
	if len(qs.all) == 0 {
		return time.Time{}
	}
	return qs.all[0].deadline
}
