// SPDX-License-Identifier: Apache-2.0

package eth

import (
	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/types"
)

// PeerInfo is what a list of peers shows of a session: what was negotiated, and what their
// Status said.
type PeerInfo struct {
	Version wire.Version
	Head    types.Hash
	TD      uint256.Int // of Head; zero from eth/69 on
	Latest  uint64      // the number of Head; from eth/69 on
}

// PeerInfo returns a [PeerInfo], or nil while the peer's Status has not been accepted. Any
// goroutine may call it.
func (p *Protocol) PeerInfo(id enr.ID) any {
	for _, s := range p.set.All() {
		if s.ID() == id {
			return PeerInfo{Version: s.version, Head: s.theirs.Head, TD: s.theirs.TD, Latest: s.theirs.Latest}
		}
	}
	return nil
}
