// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"strconv"

	"github.com/ethpeer/ethpeer/rlp"
)

// A Reason is the code that a Disconnect message carries
// (devp2p/rlpx.md#disconnect-0x01). It is a wire value, not an error.
type Reason uint8

// The reasons of the specification. Peers send other codes too.
const (
	ReasonRequested        Reason = 0x00
	ReasonNetwork          Reason = 0x01 // never sent: a network error leaves no connection to send it on
	ReasonProtocol         Reason = 0x02
	ReasonUseless          Reason = 0x03
	ReasonTooManyPeers     Reason = 0x04
	ReasonAlreadyConnected Reason = 0x05
	ReasonIncompatible     Reason = 0x06
	ReasonInvalidIdentity  Reason = 0x07
	ReasonQuitting         Reason = 0x08
	ReasonUnexpectedID     Reason = 0x09
	ReasonSelf             Reason = 0x0a
	ReasonTimeout          Reason = 0x0b
	ReasonSubprotocol      Reason = 0x10

	reasonNamesEnd = ReasonSubprotocol + 1
)

// maxDisconnect is the longest Disconnect that is parsed, in bytes: a reason takes one or two.
const maxDisconnect = 64

var reasonNames = [reasonNamesEnd]string{
	ReasonRequested:        "disconnect requested",
	ReasonNetwork:          "network error",
	ReasonProtocol:         "breach of protocol",
	ReasonUseless:          "useless peer",
	ReasonTooManyPeers:     "too many peers",
	ReasonAlreadyConnected: "already connected",
	ReasonIncompatible:     "incompatible p2p version",
	ReasonInvalidIdentity:  "invalid node identity",
	ReasonQuitting:         "client quitting",
	ReasonUnexpectedID:     "unexpected identity",
	ReasonSelf:             "connected to self",
	ReasonTimeout:          "read timeout",
	ReasonSubprotocol:      "subprotocol error",
}

// String never fails: a code without a name, such as some peers send, is "unknown disconnect reason N".
func (r Reason) String() string {
	if r < reasonNamesEnd && reasonNames[r] != "" {
		return reasonNames[r]
	}
	return "unknown disconnect reason " + strconv.Itoa(int(r))
}

func appendDisconnect(dst []byte, r Reason) []byte {
	dst, list := rlp.OpenList(dst)
	dst = rlp.AppendUint64(dst, uint64(r))
	return rlp.CloseList(dst, list)
}

// parseDisconnect reads the list of the specification, the bare integer that some clients send, and an empty
// list or payload, which means "requested". Any other payload is an unknown reason, because the sender
// disconnects anyway.
func parseDisconnect(payload []byte) Reason {
	if len(payload) > maxDisconnect {
		return ReasonRequested
	}
	c := rlp.Read(payload)
	if c.More() && c.Kind("") == rlp.List {
		c.List("disconnect")
	}
	if !c.More() {
		return ReasonRequested
	}
	v := c.Uint64("reason")
	if c.Err() != nil || v > 0xff {
		return ReasonRequested
	}
	return Reason(v)
}
