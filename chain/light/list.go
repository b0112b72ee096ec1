// SPDX-License-Identifier: Apache-2.0

package light

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/holiman/uint256"
)

// Bounds of what is decoded. The caller bounds the bytes.
const (
	maxCommittee = 512
	// MaxUpdates is how many updates one answer may have
	// (consensus-specs/specs/altair/light-client/p2p-interface.md#configuration, MAX_REQUEST_LIGHT_CLIENT_UPDATES).
	MaxUpdates = 128
)

// readList reads the elements of a JSON array one by one, and at most limit of them: an array of a million empty
// elements would take far more memory than its text.
func readList[T any](b []byte, limit int, null bool) (list []T, err error) {
	in := json.NewDecoder(bytes.NewReader(b))
	switch first, err := in.Token(); {
	case err != nil:
		return nil, err
	case first == nil && null:
		return nil, nil
	case first != json.Delim('['):
		return nil, errors.New("not an array")
	}
	for in.More() {
		if len(list) == limit {
			return nil, fmt.Errorf("an array of more than %d elements", limit)
		}
		var one T
		if err := in.Decode(&one); err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	if _, err := in.Token(); err != nil {
		return nil, err
	}
	return list, nil
}

// roots is a branch.
type roots []Root

func (r *roots) UnmarshalJSON(b []byte) (err error) {
	*r, err = readList[Root](b, maxDepth, true)
	return err
}

// keys are public keys.
type keys []key

func (k *keys) UnmarshalJSON(b []byte) (err error) {
	*k, err = readList[key](b, maxCommittee, true)
	return err
}

type (
	key       [48]byte
	signature [96]byte
	address   [20]byte
	bloom     [256]byte
)

func (k *key) UnmarshalText(b []byte) error       { return unhexText(k[:], b) }
func (s *signature) UnmarshalText(b []byte) error { return unhexText(s[:], b) }
func (a *address) UnmarshalText(b []byte) error   { return unhexText(a[:], b) }
func (l *bloom) UnmarshalText(b []byte) error     { return unhexText(l[:], b) }

// octets are at most as many bytes as a committee has bits: 64.
type octets []byte

func (o *octets) UnmarshalText(b []byte) error {
	n := (len(b) - 2) / 2
	if n < 0 || n > maxCommittee/8 {
		return fmt.Errorf("%d bytes, more than %d", n, maxCommittee/8)
	}
	*o = make([]byte, n)
	return unhexText(*o, b)
}

// decimal is a number in decimal digits, quoted as the API does it, or bare.
type decimal uint64

func (d *decimal) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseUint(string(bytes.Trim(b, `"`)), 10, 64)
	*d = decimal(v)
	return err
}

// wide is a number of 256 bits in decimal digits.
type wide uint256.Int

func (w *wide) UnmarshalText(b []byte) error {
	if len(b) > 78 {
		return fmt.Errorf("a number of %d digits", len(b))
	}
	return (*uint256.Int)(w).SetFromDecimal(string(b))
}
