// SPDX-License-Identifier: Apache-2.0

package enr

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/rlp"
)

// MaxSize is the most bytes that the RLP of a record has (devp2p/enr.md#rlp-encoding).
const MaxSize = 300

// Errors of a record (devp2p/enr.md#rlp-encoding). Match with errors.Is. Malformed RLP is an
// error of package rlp.
var (
	ErrTooLarge  = fmt.Errorf("record is larger than %d bytes", MaxSize)
	ErrOrder     = errors.New("record's keys are not in ascending order")
	ErrDuplicate = errors.New("record has a key twice")
	ErrOddPairs  = errors.New("record has a key without a value")
	ErrScheme    = errors.New("record's identity scheme is not v4")
	ErrKey       = errors.New("record has no valid secp256k1 key")
	ErrSignature = errors.New("record's signature is not valid")
	ErrText      = errors.New("record's text is not enr: and unpadded URL base64")
)

// A Record is a signed set of entries that a node states about itself
// (devp2p/enr.md#record-structure). It is immutable, and its signature is valid.
type Record struct {
	raw   []byte
	seq   uint64
	pairs []pair
	key   ecc.PublicKey
}

// A pair is one entry. Its value is one RLP item.
type pair struct {
	key   string
	value []byte
}

// Decode reads the RLP of a record, which it copies, and verifies the signature under the "v4"
// identity scheme, the only one known. Values are checked when they are read.
func Decode(raw []byte) (*Record, error) {
	c, err := DecodeUnverified(raw)
	if err != nil {
		return nil, err
	}
	return c.Verify()
}

// read reads a record without verifying its signature. The signature covers the record's list
// without its first item; content is the content of that list.
func read(raw []byte) (r *Record, signature, content []byte, err error) {
	if len(raw) > MaxSize {
		return nil, nil, nil, ErrTooLarge
	}
	r = &Record{raw: append([]byte(nil), raw...)}
	c := rlp.Read(r.raw)
	c.List("record")
	signature = c.Bytes("signature")
	content = c.Remaining()
	r.seq = c.Uint64("seq")
	if err := r.readPairs(&c); err != nil {
		return nil, nil, nil, err
	}
	c.End()
	if err := c.Done(); err != nil {
		return nil, nil, nil, err
	}
	return r, signature, content, r.readKey()
}

// readPairs reads keys and values to the end of the list; keys must ascend.
func (r *Record) readPairs(c *rlp.Cursor) error {
	for c.More() {
		key := string(c.Bytes("key"))
		if c.Err() == nil && !c.More() {
			return fmt.Errorf("%w: %q", ErrOddPairs, key)
		}
		value := c.Raw("value")
		if c.Err() != nil {
			break
		}
		if n := len(r.pairs); n > 0 {
			switch last := r.pairs[n-1].key; {
			case key == last:
				return fmt.Errorf("%w: %q", ErrDuplicate, key)
			case key < last:
				return fmt.Errorf("%w: %q after %q", ErrOrder, key, last)
			}
		}
		r.pairs = append(r.pairs, pair{key, value})
	}
	return c.Err()
}

// readKey sets the record's key, by the v4 identity scheme
// (devp2p/enr.md#v4-identity-scheme).
func (r *Record) readKey() error {
	if scheme, ok := r.bytes("id"); !ok || string(scheme) != "v4" {
		return ErrScheme
	}
	compressed, _ := r.bytes("secp256k1")
	key, err := ecc.ParseCompressed(compressed)
	if err != nil {
		return ErrKey
	}
	r.key = key
	return nil
}

func digest(content []byte) [32]byte {
	var header [9]byte
	return keccak.Sum256(rlp.AppendListHeader(header[:0], len(content)), content)
}

// ParseText reads the text form: "enr:" and unpadded URL base64
// (devp2p/enr.md#text-encoding). It fails with [ErrText], or as [Decode] does.
func ParseText(text string) (*Record, error) {
	body, ok := strings.CutPrefix(text, "enr:")
	if !ok || strings.ContainsAny(body, "\r\n") {
		return nil, ErrText
	}
	if base64.RawURLEncoding.DecodedLen(len(body)) > MaxSize {
		return nil, ErrTooLarge
	}
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrText, err)
	}
	return Decode(raw)
}

// Text returns the text form.
func (r *Record) Text() string { return "enr:" + base64.RawURLEncoding.EncodeToString(r.raw) }

// String returns the text form.
func (r *Record) String() string { return r.Text() }

// Raw returns the record's RLP, which the caller must not change.
func (r *Record) Raw() []byte { return r.raw }

// Seq returns the sequence number, which the node increases with each change of its record.
func (r *Record) Seq() uint64 { return r.seq }

// PublicKey returns the key that signed the record.
func (r *Record) PublicKey() ecc.PublicKey { return r.key }

// ID returns the ID of the node that the record is about.
func (r *Record) ID() ID { return IDOf(r.key) }

// Keys returns the keys that the record has, in ascending order. The caller owns the slice.
func (r *Record) Keys() []string {
	keys := make([]string, len(r.pairs))
	for i := range r.pairs {
		keys[i] = r.pairs[i].key
	}
	return keys
}

// Get returns the value of a key, one RLP item with its header. The caller must not change it.
func (r *Record) Get(key string) (raw []byte, ok bool) {
	for i := range r.pairs {
		if r.pairs[i].key == key {
			return r.pairs[i].value, true
		}
	}
	return nil, false
}
