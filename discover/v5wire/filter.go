// SPDX-License-Identifier: Apache-2.0

package v5wire

import (
	"crypto/cipher"
	"crypto/subtle"

	"github.com/ethpeer/ethpeer/enr"
)

// A Filter tells the datagrams that are for one node from those of other protocols, or for
// others, where they share a socket. It is immutable and safe for concurrent use.
type Filter struct{ mask cipher.Block }

// NewFilter returns the filter of the node with the ID.
func NewFilter(self enr.ID) Filter { return Filter{maskOf(self)} }

// Ours reports whether a datagram has the size and, unmasked, the beginning of a packet of
// discovery v5. It costs the encryption of one block.
func (f Filter) Ours(datagram []byte) bool {
	if len(datagram) < MinSize || len(datagram) > MaxSize {
		return false
	}
	var b [ivSize]byte
	f.mask.Encrypt(b[:], datagram[:ivSize]) // the first block of the key stream
	subtle.XORBytes(b[:], b[:], datagram[ivSize:])
	return string(b[:6]) == protocol[:6]
}
