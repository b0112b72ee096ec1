// SPDX-License-Identifier: Apache-2.0

package eth

import (
	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/types"
)

// PeerInfo describes a session for a list of peers: what was negotiated, and the peer's last stated
// head.
type PeerInfo struct {
	Version wire.Version
	Head    types.Hash
	TD      uint256.Int // of Head; zero from eth/69 on
	Latest  uint64      // the number of Head, where the peer tells it
}

// PeerInfo returns a [PeerInfo], or nil while the peer's Status has not been accepted. Any
// goroutine may call it.
func (p *Protocol) PeerInfo(id enr.ID) any {
	for _, s := range p.set.All() {
		if s.ID() == id {
			has := s.Head()
			return PeerInfo{Version: s.version, Head: has.Hash, TD: has.TD, Latest: has.Number}
		}
	}
	return nil
}
