// SPDX-License-Identifier: Apache-2.0

package eth

import (
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
)

// A Handshake is one side of the exchange of Status messages that begins every session
// (https://github.com/ethereum/devp2p/blob/master/caps/eth.md#status-0x00): each side sends its
// Status, and the first message that it receives must be the other's. It does no I/O and keeps no
// state. [Protocol.Handshake] makes one that states what a node has; one that is made of a
// Version alone has no Status to send, and reads theirs without comparing it.
type Handshake struct {
	Version wire.Version

	ours *localStatus
}

// Handshake returns the handshake of a session that opens now with version v.
func (p *Protocol) Handshake(v wire.Version) Handshake {
	ours := p.localStatus()
	return Handshake{Version: v, ours: &ours}
}

// Append appends the payload of our Status. The handshake must be one of [Protocol.Handshake].
func (h Handshake) Append(dst []byte) []byte {
	status := h.ours.status
	status.Version = h.Version
	return status.Append(dst, h.Version)
}

// Receive takes the first message that the peer has sent: its code, counted from eth's own zero,
// and its payload, which is borrowed. It returns their Status. The error is a violation if the
// message is no Status or a malformed one; or it says that the peer is of another chain.
func (h Handshake) Receive(code uint64, payload []byte) (wire.Status, error) {
	var storage wire.Storage
	switch row, ok := storage.Dialect.Lookup(h.Version, code); {
	case !ok:
		return wire.Status{}, p2p.Breach("first message has code %#x: want Status", code)
	case row.Kind != wire.KindStatus:
		return wire.Status{}, p2p.Breach("first message is %v: want Status", row.Kind)
	}
	m, err := storage.Decode(h.Version, code, payload)
	if err != nil {
		return wire.Status{}, p2p.Breach("status: %w", err)
	}
	theirs := *m.(*wire.Status)
	if h.ours == nil {
		return theirs, nil
	}
	return theirs, h.ours.check(&theirs, h.Version)
}
