// SPDX-License-Identifier: Apache-2.0

package types

import "github.com/ethpeer/ethpeer/internal/keccak"

// A Bloom is a filter of 2048 bits over the addresses and topics of logs (yellow paper,
// section 4.3.1): an item sets three bits, so a bit that is not set says for certain that
// no item with that bit was added. Bit 0 is the lowest of the last byte.
type Bloom [256]byte

// Add puts an item, a log's address or topic, into the filter.
func (b *Bloom) Add(item []byte) {
	for _, bit := range bloomBits(item) {
		b[len(b)-1-int(bit/8)] |= 1 << (bit % 8)
	}
}

// May reports whether the item may be in the filter; false is certain.
func (b *Bloom) May(item []byte) bool {
	for _, bit := range bloomBits(item) {
		if b[len(b)-1-int(bit/8)]&(1<<(bit%8)) == 0 {
			return false
		}
	}
	return true
}

// bloomBits returns the bits of an item: the low 11 bits of the first three pairs of bytes
// of its Keccak-256.
func bloomBits(item []byte) (bits [3]uint16) {
	sum := keccak.Sum256(item)
	for i := range bits {
		bits[i] = (uint16(sum[2*i])<<8 | uint16(sum[2*i+1])) & 2047
	}
	return bits
}
