// SPDX-License-Identifier: Apache-2.0

package peers

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"net"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/p2p"
)

// patience is how long a Raw waits for the other side to take or say a message.
const patience = time.Minute

// A Raw is a remote at the level of bytes: it secures a stream with RLPx, or writes anything to it,
// and says any Hello and any message. Its methods return errors, so that any goroutine may call
// them. One goroutine may read and one may write.
type Raw struct {
	Stream      net.Conn        // below RLPx
	Key         *ecc.PrivateKey // that RLPx proves, and the Hello states
	Conn        *p2p.Conn       // nil before Accept or Initiate
	Other       enr.ID          // of the other side, as RLPx proved
	IgnorePings bool            // Read leaves out pings
}

// Accept is the RLPx handshake of the side that was dialled.
func (r *Raw) Accept(deadline time.Time) error {
	conn, other, err := p2p.Accept(r.Stream, rand.Reader, r.Key, deadline)
	if err != nil {
		return err
	}
	r.Conn, r.Other = conn, enr.IDOf(other)
	return nil
}

// Initiate is the RLPx handshake of the side that dials the node with a key.
func (r *Raw) Initiate(to ecc.PublicKey, deadline time.Time) error {
	conn, err := p2p.Initiate(r.Stream, rand.Reader, r.Key, to, deadline)
	if err != nil {
		return err
	}
	r.Conn, r.Other = conn, enr.IDOf(to)
	return nil
}

// Greet exchanges Hellos, the Raw's with these capabilities, and returns the other side's.
func (r *Raw) Greet(deadline time.Time, client string, caps ...p2p.Cap) (*p2p.Hello, error) {
	key := r.Key.Public().Bytes()
	ours := &p2p.Hello{Version: p2p.BaseVersion, Client: client, Caps: caps, Key: key[:]}
	return p2p.ExchangeHello(r.Conn, ours, r.Other, deadline)
}

// Say sends a message of any code and payload.
func (r *Raw) Say(code uint64, payload []byte) error {
	if err := r.Conn.Queue(&p2p.Out{Code: code, Raw: payload}); err != nil {
		return err
	}
	return r.Conn.Flush(time.Now().Add(patience))
}

// Read returns the other side's next message. The payload is valid until the next call.
func (r *Raw) Read() (code uint64, payload []byte, err error) {
	for {
		code, payload, err = r.Conn.Read(time.Now().Add(patience))
		if err != nil || code != CodePing || !r.IgnorePings {
			return code, payload, err
		}
	}
}

// WantGoodbye returns an error unless the other side's next message is a Disconnect with a reason.
func (r *Raw) WantGoodbye(reason p2p.Reason) error {
	want := []byte{0xc1, byte(reason)}
	if reason == 0 {
		want[1] = 0x80
	}
	code, payload, err := r.Read()
	if err != nil {
		return fmt.Errorf("want Disconnect %v and nothing before it: %w", reason, err)
	}
	if code != CodeDisconnect || !bytes.Equal(payload, want) {
		return fmt.Errorf("got message %#x %x; want Disconnect %v and nothing before it", code, payload, reason)
	}
	return nil
}
