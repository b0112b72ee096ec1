// SPDX-License-Identifier: Apache-2.0

package v5wire

import (
	"crypto/cipher"
	"encoding/binary"
	"math"
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/bounded"
)

// Bounds of what is kept of others.
const (
	MaxSessions       = 1024
	MaxChallenges     = 4096
	ChallengeLifetime = time.Second

	// MaxFailures is how many handshakes may fail against one challenge. The last of them ends it, so that one packet of a stranger
	// does not pay for any number of signature checks.
	MaxFailures = 4
)

// endpoint identifies a session, which is not valid from another address
// (devp2p/discv5/discv5-theory.md#session-cache).
type endpoint struct {
	id   enr.ID
	addr netip.AddrPort
}

func endpointOf(id enr.ID, addr netip.AddrPort) endpoint {
	return endpoint{id, netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())}
}

// A session is a pair of keys.
type session struct {
	seal, open cipher.AEAD
	before     cipher.AEAD           // opens what was sealed with the keys of the session before; or nil
	mask       cipher.Block          // hides headers from all but the other node
	sealed     uint32                // messages
	record     *enr.UnverifiedRecord // the other node's record; nil if it is not known
}

// count begins the random nonce of the next message with how many there were, so that none
// comes twice. It must not be called when spent.
func (s *session) count(n *Nonce) {
	s.sealed++
	binary.BigEndian.PutUint32(n[:4], s.sealed)
}

// spent reports that the count would begin again.
func (s *session) spent() bool { return s.sealed == math.MaxUint32 }

// openMessage appends the decrypted message to dst, which it may overwrite if it fails.
func (s *session) openMessage(dst, nonce, head, message []byte) ([]byte, bool) {
	if b, err := s.open.Open(dst, nonce, message, head); err == nil {
		return b, true
	}
	if s.before == nil {
		return nil, false
	}
	b, err := s.before.Open(dst, nonce, message, head)
	return b, err == nil
}

// A sentChallenge is a WHOAREYOU that waits for a handshake.
type sentChallenge struct {
	data   challengeData
	sent   time.Time
	known  *enr.UnverifiedRecord // the other node's record, whose seq was stated; nil if it is not known
	failed int                   // handshakes
}

// store keeps what a codec knows of others. Both maps drop what is dearest to renew last.
type store struct {
	sessions   *bounded.Map[endpoint, *session]
	challenges *bounded.Map[endpoint, sentChallenge] // in the order of sent
}

func newStore() store {
	return store{
		sessions:   bounded.NewMap[endpoint, *session](MaxSessions, bounded.DropLeastRecent),
		challenges: bounded.NewMap[endpoint, sentChallenge](MaxChallenges, bounded.DropOldest),
	}
}

// session returns the session with a node, or nil.
func (s *store) session(p endpoint) *session {
	found, _ := s.sessions.Get(p)
	return found
}

// begin starts a session. That the keys of the one before can still be read is for when
// both nodes begin at the same time: each may have sealed with the other's keys.
func (s *store) begin(p endpoint, begun *session) {
	if last := s.session(p); last != nil {
		begun.before = last.open
	}
	s.sessions.Put(p, begun)
}

// challenge returns the challenge that a node has not answered yet.
func (s *store) challenge(p endpoint, now time.Time) (sentChallenge, bool) {
	s.expire(now)
	return s.challenges.Get(p)
}

// onFailure counts a failed handshake, and forgets the challenge after MaxFailures.
func (s *store) onFailure(p endpoint, c sentChallenge) {
	if c.failed++; c.failed >= MaxFailures {
		s.challenges.Delete(p)
		return
	}
	s.challenges.Put(p, c)
}

// expire forgets the challenges that were not answered in time.
func (s *store) expire(now time.Time) {
	for {
		oldest, found := endpoint{}, false
		for p, c := range s.challenges.All() {
			oldest, found = p, now.Sub(c.sent) >= ChallengeLifetime
			break
		}
		if !found {
			return
		}
		s.challenges.Delete(oldest)
	}
}
