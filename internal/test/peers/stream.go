// SPDX-License-Identifier: Apache-2.0

package peers

import (
	"net"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/params"
)

// Dial secures a stream to the node with that key, exchanges Hellos and returns the remote's end. The peer has a key, a
// client name and one version of eth. The Conn cannot tell why it ended: its cause is what Read returned.
func Dial(stream net.Conn, to ecc.PublicKey, key *ecc.PrivateKey, name string, chain *params.Chain, v wire.Version) (*Conn, error) {
	r := &Raw{Stream: stream, Key: key}
	if err := r.Initiate(to, time.Now().Add(patience)); err != nil {
		return nil, err
	}
	return r.eth(name, chain, v)
}

// Accept is Dial for a stream that the node opened.
func Accept(stream net.Conn, key *ecc.PrivateKey, name string, chain *params.Chain, v wire.Version) (*Conn, error) {
	r := &Raw{Stream: stream, Key: key}
	if err := r.Accept(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	return r.eth(name, chain, v)
}

func (r *Raw) eth(name string, chain *params.Chain, v wire.Version) (*Conn, error) {
	if _, err := r.Greet(time.Now().Add(patience), name, Eth(v)...); err != nil {
		return nil, err
	}
	return &Conn{chain: chain, version: v, pipe: r.Conn, turn: make(chan struct{}, 1), ended: make(chan struct{}), over: true, Other: r.Other}, nil
}
