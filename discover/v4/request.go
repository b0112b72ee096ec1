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
	timeout      = 500 * time.Millisecond // of a response, and of the wait for the node's ping
	clockMoved   = time.Second            // a deadline that is further ahead shows that the clock was set back
	maxRequests  = 1024
	maxPingBacks = 256 // of them, pings to nodes that pinged us
	maxFound     = 16  // nodes of a response to Findnode (devp2p/discv4.md#neighbors-packet-0x04)
)

// A request is a packet that we send, and the wait for its response. Owner: the machine.
type request struct {
	to     kad.Contact
	addr   netip.AddrPort
	kind   v4wire.Type // TypePing, TypeFindnode or TypeENRRequest
	target [64]byte    // of a Findnode
	back   bool        // a ping to a node that pinged us
	done   func(now time.Time, a response)

	waiting  bool // for the node's ping, before the request is sent
	hash     v4wire.Hash
	found    []v4wire.Node
	deadline time.Time     // of the response, or of the wait
	ahead    time.Duration // of our clock to the node's, if the node's Pong had expired; else 0
}

// timedOut returns the error of a request that timed out.
func (q *request) timedOut() error {
	if q.ahead > 0 {
		return fmt.Errorf("%w that is valid by our clock, which is about %v ahead of the node's", ErrTimeout, q.ahead)
	}
	return ErrTimeout
}

// A response is the result of a request.
type response struct {
	seq    uint64        // of a Ping: the sequence number of the node's record, as the Pong states it
	found  []kad.Contact // of a Findnode: the valid nodes of its Neighbors
	record *enr.Record   // of an ENRRequest
	err    error
}

// requests holds the pending requests in the order of their deadlines: all wait equally long.
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

// full reports whether there is no room for one more request.
func (qs *requests) full(back bool) bool {
	return len(qs.all) >= maxRequests || back && qs.backs >= maxPingBacks
}

// find returns the first pending request to a node that matches.
func (qs *requests) find(id enr.ID, ip netip.Addr, match func(*request) bool) *request {
	for _, q := range qs.all {
		if q.to.ID == id && q.addr.Addr() == ip && match(q) {
			return q
		}
	}
	return nil
}

// expected returns the first pending request that a message from an IP address could respond to. Without one,
// the signer is not recovered.
func (qs *requests) expected(ip netip.Addr, m v4wire.Message) *request {
	for _, q := range qs.all {
		if q.addr.Addr() == ip && q.answeredBy(m) {
			return q
		}
	}
	return nil
}

// answeredBy reports whether a message responds to the request: a Pong and an ENRResponse name the request's hash
// (devp2p/discv4.md#pong-packet-0x02, #enrresponse-packet-0x06), a Neighbors names none.
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

// due removes and returns a request that timed out, or returns nil.
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
