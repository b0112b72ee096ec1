// SPDX-License-Identifier: Apache-2.0

package dnstree

import (
	"encoding/base32"
	"errors"

	"github.com/ethpeer/ethpeer/internal/keccak"
)

// Bounds of a hash, in bytes. What we write has hashSize.
const (
	MinHash  = 12
	MaxHash  = 32
	hashSize = 16
)

// ErrHashText is what [ParseHash] returns.
var ErrHashText = errors.New("not a hash: want unpadded base32 of 12 to 32 bytes")

var encoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// A Hash names an entry: the beginning of the Keccak-256 of its text. Hashes are
// comparable; the zero value names nothing.
type Hash struct {
	size uint8
	sum  [MaxHash]byte // zero from size on
}

// HashOf returns the hash under which we publish a text.
func HashOf(text string) Hash {
	sum := keccak.Sum256([]byte(text))
	h := Hash{size: hashSize}
	copy(h.sum[:], sum[:hashSize])
	return h
}

// ParseHash reads the text form. Each hash has exactly one: capitals, without bits beyond the last
// byte.
func ParseHash(text string) (Hash, error) {
	var h Hash
	if len(text) > encoding.EncodedLen(MaxHash) {
		return h, ErrHashText
	}
	b, err := encoding.DecodeString(text)
	if err != nil || len(b) < MinHash || encoding.EncodeToString(b) != text {
		return h, ErrHashText
	}
	h.size = uint8(len(b))
	copy(h.sum[:], b)
	return h, nil
}

// String returns the text form, which is also the label of a domain name.
func (h Hash) String() string { return encoding.EncodeToString(h.sum[:h.size]) }

// Name returns the domain name at which the entry of a list lies.
func (h Hash) Name(domain string) string { return h.String() + "." + domain }

// matches reports whether the text is the one that h names.
func (h Hash) matches(text string) bool {
	sum := keccak.Sum256([]byte(text))
	return h.size > 0 && string(sum[:h.size]) == string(h.sum[:h.size])
}
