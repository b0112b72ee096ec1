// SPDX-License-Identifier: Apache-2.0

package p2p

// fairShare is how many bytes of higher priorities may pass a lane before it sends one message.
const fairShare = 1 << 20

// A schedule decides which lane sends next: strictly by priority, except that after fairShare bytes of
// higher priorities a lane sends one message. Lanes of one priority take turns.
//
// It is a pure value. Owner: the writer, once the peer runs.
type schedule struct {
	lanes [Priorities][]lane
	turn  [Priorities]int // the lane of the priority that is asked first
	debt  [Priorities]int // bytes that passed this priority since it had its turn
	last  *lane           // the lane that next chose
}

type lane struct {
	source Lane
	offset uint64 // added to the codes
	length uint64 // codes must be below

	protocol Cap       // the protocol that the lane belongs to
	confirm  confirmer // the source, if it waits for its messages to be sent; or nil
}

func (s *schedule) add(p Priority, l lane) { s.lanes[p] = append(s.lanes[p], l) }

// next fills out from the lane whose turn it is, and returns that lane's priority.
func (s *schedule) next(out *Out, budget int) (Priority, bool) {
	for p := 1; p < Priorities; p++ {
		if s.debt[p] >= fairShare && s.ask(p, out, budget) {
			return Priority(p), true
		}
	}
	for p := range Priorities {
		if s.ask(p, out, budget) {
			return Priority(p), true
		}
	}
	return 0, false
}

// sent accounts for a message of size bytes.
func (s *schedule) sent(p Priority, size int) {
	for q := int(p) + 1; q < Priorities; q++ {
		if len(s.lanes[q]) > 0 {
			s.debt[q] += size
		}
	}
}

func (s *schedule) ask(p int, out *Out, budget int) bool {
	s.debt[p] = 0 // the lane had its turn, even if it had nothing to send
	lanes := s.lanes[p]
	for i := range lanes {
		at := (s.turn[p] + i) % len(lanes)
		out.Code, out.Raw, out.Chunks = 0, out.Raw[:0], out.Chunks[:0]
		if !lanes[at].source.Next(out, budget) {
			continue
		}
		s.turn[p], s.last = at+1, &lanes[at]
		if out.Code >= lanes[at].length {
			// A bug of the protocol, not of a peer.
			panic("p2p: a lane sent a message code that its protocol does not have")
		}
		out.Code += lanes[at].offset
		return true
	}
	return false
}
