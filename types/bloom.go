// SPDX-License-Identifier: Apache-2.0

package types

import "github.com/ethpeer/ethpeer/internal/keccak"

// A Bloom is a filter of 2048 bits over the addresses and topics of logs (yellow paper, section
// 4.3.1). Each item sets three bits, so an item with a bit that is not set was not added. Bit 0 is
// the lowest bit of the last byte.
type Bloom [256]byte

// Add adds an item, the address or a topic of a log.
func (b *Bloom) Add(item []byte) {
	for _, bit := range bloomBits(item) {
		b[len(b)-1-int(bit/8)] |= 1 << (bit % 8)
	}
}

// May reports whether the item may have been added. If it returns false, the item was not.
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
