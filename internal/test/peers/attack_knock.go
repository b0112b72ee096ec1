// SPDX-License-Identifier: Apache-2.0

package peers

import (
	"net"
	"time"

	"github.com/ethpeer/ethpeer/p2p"
)

// knocks are the attacks on what comes before a session.
func knocks() []Attack {
	return []Attack{
		{Name: "connections without a word", Quiet: true, Times: 1, Every: 10, Knock: func(a *Attacker) error {
			return a.hold(2*time.Second, func(net.Conn) error { return nil })
		}},
		{Name: "garbage for a handshake", Times: 1, Every: 10, Knock: func(a *Attacker) error {
			return a.hold(0, func(c net.Conn) error { return write(c, a.bytes(500)) })
		}},
		{Name: "forged auths", Quiet: true, Times: 1, Every: 5, Knock: func(a *Attacker) error {
			return a.hold(time.Second, func(c net.Conn) error { return write(c, a.forgeAuth()) })
		}},
		{Name: "a handshake in drops", Quiet: true, Times: 1, Every: 10, Knock: func(a *Attacker) error {
			return a.hold(0, func(c net.Conn) error {
				for _, b := range a.forgeAuth() {
					if err := write(c, []byte{b}); err != nil {
						return err
					}
					<-time.After(Round)
				}
				return nil
			})
		}},
		{Name: "a handshake and no Hello", Quiet: true, Times: 1, Every: 10, Knock: func(a *Attacker) error {
			return a.hold(2*time.Second, func(c net.Conn) error {
				_, err := p2p.Initiate(c, a.Rand, a.key(), a.Node, time.Now().Add(knockPatience))
				return err
			})
		}},
		{Name: "a message in drops", Quiet: true, Times: 1, Every: 10, Knock: (*Attacker).drip},
		{Name: "Hello and no Status", Quiet: true, Times: 1, Every: 10, Knock: func(a *Attacker) error {
			return a.hold(3*time.Second, func(c net.Conn) error {
				_, err := Dial(c, a.Node, a.key(), "mute", a.Chain, 69)
				return err
			})
		}},
	}
}

const knockPatience = 5 * time.Second

// hold opens a stream, uses it, and keeps it open for a while, or until the node closes it.
func (a *Attacker) hold(keep time.Duration, use func(net.Conn) error) error {
	c, err := a.Open()
	if err != nil {
		return nil //nolint:nilerr // a refused stream is what the node should do
	}
	defer c.Close()
	if use(c) == nil && keep > 0 {
		_ = c.SetReadDeadline(time.Now().Add(keep))
		for b := make([]byte, 4096); err == nil; {
			_, err = c.Read(b)
		}
	}
	return nil
}

func write(c net.Conn, b []byte) error {
	_ = c.SetWriteDeadline(time.Now().Add(knockPatience))
	_, err := c.Write(b)
	return err
}

// drip has a session on which a message of 1 MiB comes byte by byte.
func (a *Attacker) drip() error {
	return a.hold(0, func(c net.Conn) error {
		slow := &dripping{Conn: c}
		conn, err := Dial(slow, a.Node, a.key(), "drip", a.Chain, 68)
		if err != nil {
			return err
		}
		go conn.Discard()
		if err := conn.Greet(); err != nil {
			return err
		}
		slow.from = time.Now()
		return conn.Say(CodeEth+0x02, ListOf(a.bytes(1<<20)))
	})
}

// dripping is a stream that, once from is set, takes a byte each Round, and ends after a minute.
type dripping struct {
	net.Conn
	from time.Time
}

func (d *dripping) Write(b []byte) (int, error) {
	if d.from.IsZero() {
		return d.Conn.Write(b)
	}
	for i := range b {
		if time.Since(d.from) > time.Minute {
			return i, net.ErrClosed
		}
		if _, err := d.Conn.Write(b[i : i+1]); err != nil {
			return i, err
		}
		<-time.After(Round)
	}
	return len(b), nil
}
