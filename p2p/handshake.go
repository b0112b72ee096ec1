// SPDX-License-Identifier: Apache-2.0

// in: a stream · out: a Conn, and the remote key · caller's goroutine

package p2p

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/rlpx"
)

// Initiate runs the RLPx handshake on a stream that we opened (devp2p/rlpx.md#initial-handshake). It
// fails unless the other side holds the private half of remote.
func Initiate(c net.Conn, rand io.Reader, key *ecc.PrivateKey, remote ecc.PublicKey, deadline time.Time) (*Conn, error) {
	if err := c.SetDeadline(deadline); err != nil {
		return nil, err
	}
	start, auth, err := rlpx.StartInitiator(rand, key, remote)
	if err != nil {
		return nil, err
	}
	if _, err := c.Write(auth); err != nil {
		return nil, err
	}
	ack, err := readPacket(c, rlpx.AckNeeds)
	if err != nil {
		return nil, err
	}
	keys, err := start.Finish(ack)
	if err != nil {
		return nil, unreadable(err)
	}
	return NewConn(c, keys), nil
}

// Accept runs the RLPx handshake on an inbound stream, and returns the remote side's claimed key. The
// first frame that can be opened proves it: see [Conn.Proven].
func Accept(c net.Conn, rand io.Reader, key *ecc.PrivateKey, deadline time.Time) (*Conn, ecc.PublicKey, error) {
	if err := c.SetDeadline(deadline); err != nil {
		return nil, ecc.PublicKey{}, err
	}
	auth, err := readPacket(c, rlpx.AuthNeeds)
	if err != nil {
		return nil, ecc.PublicKey{}, err
	}
	remote, ack, keys, err := rlpx.AnswerAuth(rand, key, auth)
	if err != nil {
		return nil, ecc.PublicKey{}, unreadable(err)
	}
	if _, err := c.Write(ack); err != nil {
		return nil, ecc.PublicKey{}, err
	}
	return NewConn(c, keys), remote, nil
}

// readPacket reads a handshake packet. After each read it asks needs how many bytes are missing, so it never
// reads beyond the packet.
func readPacket(c io.Reader, needs func(have []byte) (int, error)) ([]byte, error) {
	var packet []byte
	for {
		more, err := needs(packet)
		if err != nil {
			return nil, unreadable(err)
		}
		if more == 0 {
			return packet, nil
		}
		have := len(packet)
		packet = append(packet, make([]byte, more)...)
		if _, err := io.ReadFull(c, packet[have:]); err != nil {
			return nil, err
		}
	}
}

// ExchangeHello sends our Hello and reads the remote Hello at the same time
// (devp2p/rlpx.md#hello-0x00). It then turns snappy on if the remote side supports it (EIP-706), and
// checks that the remote Hello has the key of the handshake.
func ExchangeHello(t Transport, ours *Hello, id enr.ID, deadline time.Time) (*Hello, error) {
	t.Limit(Limits{Payload: maxHello, Reason: ReasonProtocol, Silent: true})
	defer t.Limit(Limits{})
	var sent sync.WaitGroup
	var sendErr error
	sent.Go(func() {
		sendErr = t.Queue(&Out{Code: codeHello, Raw: ours.Append(nil)})
		if sendErr == nil {
			sendErr = t.Flush(deadline)
		}
	})
	theirs, err := readHello(t, deadline)
	if err != nil {
		// The error of the read says more than that of our write, and our write may never end if the remote
		// side does not read. A Disconnect can only follow a complete Hello.
		soon := time.Now()
		if Judge(err).sayable() {
			soon = soon.Add(min(goodbyeTime, time.Until(deadline)))
		}
		t.ExpireWrites(soon)
		sent.Wait()
		t.ExpireWrites(time.Time{})
		return nil, err
	}
	sent.Wait()
	if sendErr != nil {
		return nil, sendErr
	}
	t.SetSnappy(theirs.Version >= snappyVersion) // also for a Disconnect (EIP-706)
	return theirs, checkIdentity(theirs, id)
}

func readHello(t Transport, deadline time.Time) (*Hello, error) {
	code, payload, err := t.Read(deadline)
	defer t.Release()
	switch {
	case err != nil:
		return nil, err
	case code == codeDisconnect:
		return nil, &RemoteClose{Reason: parseDisconnect(payload)}
	case code != codeHello:
		return nil, unreadable(fmt.Errorf("first message has code %#x: want a Hello", code))
	}
	return ParseHello(payload)
}

// checkIdentity refuses a Hello whose key is invalid, or is the key of another node.
func checkIdentity(h *Hello, id enr.ID) error {
	if len(h.Key) != 64 || bytes.Equal(h.Key, make([]byte, 64)) {
		return breachBase(ReasonInvalidIdentity, "hello carries no node key")
	}
	if claimed := enr.ID(keccak.Sum256(h.Key)); claimed != id {
		return breachBase(ReasonUnexpectedID, "hello claims to be %s: the handshake proved %s", claimed.Short(), id.Short())
	}
	return nil
}

// SayGoodbye sends a Disconnect, if the cause has one (devp2p/rlpx.md#disconnect-0x01), on a
// connection that never became a running peer, and closes it.
func SayGoodbye(t Transport, cause error) {
	defer t.Close()
	v := Judge(cause)
	if !v.sayable() {
		return
	}
	if t.Queue(&Out{Code: codeDisconnect, Raw: appendDisconnect(nil, v.Reason)}) == nil {
		_ = t.Flush(time.Now().Add(goodbyeTime)) // the cause is recorded by the caller
	}
}

// String names a capability as "eth/69".
func (c Cap) String() string { return fmt.Sprintf("%s/%d", c.Name, c.Version) }
