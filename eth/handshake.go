// SPDX-License-Identifier: Apache-2.0

package eth

import (
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
)

// A Handshake is one side of the exchange of Status messages that begins every session
// (https://github.com/ethereum/devp2p/blob/master/caps/eth.md#status-0x00): each side sends its
// Status as its first message. A Handshake does no I/O and keeps no state. [Protocol.Handshake]
// makes one with our Status; a Handshake that has only a Version sends none, and reads the peer's
// Status without comparing it.
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

// Receive takes the peer's first message: its code, counted from eth's own zero, and its borrowed
// payload. It returns the peer's Status. The error is a violation if the message is no Status or a
// malformed one, or if the peer is on another chain (EIP-2124).
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
