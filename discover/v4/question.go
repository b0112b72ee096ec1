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
	maxQuestions = 1024
	maxPingBacks = 256 // of them, to strangers who ping us
	maxFound     = 16  // nodes that answer a Findnode
)

// A question is something that we want to know of a node. Owner: the machine.
type question struct {
	to     kad.Contact
	addr   netip.AddrPort
	ask    v4wire.Type // TypePing, TypeFindnode or TypeENRRequest
	target [64]byte    // of a Findnode
	back   bool        // a ping to a stranger who pinged us
	done   func(now time.Time, a answer)

	waiting  bool // for their ping, before it is sent
	hash     v4wire.Hash
	found    []v4wire.Node
	deadline time.Time     // of the answer, or of the wait
	ahead    time.Duration // our clock, of that of a node whose Pong had expired; 0 = none had
}

// timedOut returns why a question whose time is over has no answer.
func (q *question) timedOut() error {
	if q.ahead > 0 {
		return fmt.Errorf("%w that is valid by our clock, which is about %v ahead of the node's", ErrTimeout, q.ahead)
	}
	return ErrTimeout
}

// An answer is what came of a question.
type answer struct {
	seq    uint64        // of a ping: their record's, as they say
	found  []kad.Contact // of a Findnode: what is valid of what they said
	record *enr.Record   // of an ENRRequest
	err    error
}

// questions are those under way, in the order of their deadlines: all wait equally long.
type questions struct {
	all   []*question
	backs int
}

func (qs *questions) add(q *question) {
	qs.all = append(qs.all, q)
	if q.back {
		qs.backs++
	}
}

// full reports whether one more cannot be asked.
func (qs *questions) full(back bool) bool {
	return len(qs.all) >= maxQuestions || back && qs.backs >= maxPingBacks
}

// find returns the first question that a message from a node would answer.
func (qs *questions) find(id enr.ID, ip netip.Addr, match func(*question) bool) *question {
	for _, q := range qs.all {
		if q.to.ID == id && q.addr.Addr() == ip && match(q) {
			return q
		}
	}
	return nil
}

// expected returns the first question that a message from an address could answer: without one,
// its signature need not be checked.
func (qs *questions) expected(ip netip.Addr, m v4wire.Message) *question {
	for _, q := range qs.all {
		if q.addr.Addr() == ip && q.answeredBy(m) {
			return q
		}
	}
	return nil
}

// answeredBy reports whether a message is what the question asks for.
func (q *question) answeredBy(m v4wire.Message) bool {
	if q.waiting {
		return false
	}
	switch m := m.(type) {
	case *v4wire.Pong:
		return q.ask == v4wire.TypePing && m.PingHash == q.hash
	case *v4wire.Neighbors:
		return q.ask == v4wire.TypeFindnode
	case *v4wire.ENRResponse:
		return q.ask == v4wire.TypeENRRequest && m.RequestHash == q.hash
	}
	return false
}

func (qs *questions) remove(q *question) {
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
func (qs *questions) due(now time.Time) *question {
	if len(qs.all) == 0 {
		return nil
	}
	if q := qs.all[0]; !now.Before(q.deadline) || q.deadline.Sub(now) > timeout+clockMoved {
		qs.remove(q)
		return q
	}
	return nil
}

func (qs *questions) next() time.Time {
	if len(qs.all) == 0 {
		return time.Time{}
	}
	return qs.all[0].deadline
}
