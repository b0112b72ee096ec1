// SPDX-License-Identifier: Apache-2.0

package ndjson

import (
	"encoding/hex"
	"math/bits"
	"net/netip"
	"strconv"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/types"
)

// Each function appends a comma, the field's name and its value.

func appendName(b []byte, name string) []byte {
	b = append(b, ',', '"')
	b = append(b, name...)
	return append(b, '"', ':')
}

func appendUint(b []byte, name string, v uint64) []byte {
	return strconv.AppendUint(appendName(b, name), v, 10)
}

func appendBool(b []byte, name string, v bool) []byte {
	return strconv.AppendBool(appendName(b, name), v)
}

func appendText(b []byte, name, s string) []byte {
	return appendQuoted(appendName(b, name), s)
}

// appendKnown leaves the field out if s is empty, which says that it is not known.
func appendKnown(b []byte, name, s string) []byte {
	if s == "" {
		return b
	}
	return appendText(b, name, s)
}

func appendHash(b []byte, name string, h types.Hash) []byte {
	return appendHex(appendName(b, name), "0x", h[:])
}

func appendID(b []byte, name string, id enr.ID) []byte {
	return appendHex(appendName(b, name), "", id[:])
}

// appendAddress writes nil as null: a transaction to nobody creates a contract.
func appendAddress(b []byte, name string, a *types.Address) []byte {
	b = appendName(b, name)
	if a == nil {
		return append(b, "null"...)
	}
	return appendHex(b, "0x", a[:])
}

func appendHex(b []byte, prefix string, v []byte) []byte {
	b = append(b, '"')
	b = append(b, prefix...)
	b = hex.AppendEncode(b, v)
	return append(b, '"')
}

func appendAddr(b []byte, name string, a netip.AddrPort) []byte {
	if a.Addr().Zone() != "" { // the only part that can hold anything
		return appendText(b, name, a.String())
	}
	b = append(appendName(b, name), '"')
	b = a.AppendTo(b)
	return append(b, '"')
}

// appendSeconds writes seconds with nine decimals, exactly. A clock that ran backwards
// gives 0.
func appendSeconds(b []byte, name string, d time.Duration) []byte {
	d = max(0, d)
	b = strconv.AppendInt(appendName(b, name), int64(d/time.Second), 10)
	b = append(b, '.')
	return appendDigits(b, uint64(d%time.Second), 9)
}

// appendAmount writes a decimal string: JSON numbers lose digits beyond 2^53 in most
// readers.
func appendAmount(b []byte, name string, v uint256.Int) []byte {
	b = append(appendName(b, name), '"')
	b = appendDecimal(b, v)
	return append(b, '"')
}

// appendDecimal splits v into groups of 19 digits, the most that a word can hold.
func appendDecimal(b []byte, v uint256.Int) []byte {
	const group, digits = 1e19, 19
	var groups [5]uint64 // 2^256 has 78 digits
	n := 0
	for ; !v.IsUint64(); n++ {
		var rem uint64
		for i := 3; i >= 0; i-- {
			v[i], rem = bits.Div64(rem, v[i], group)
		}
		groups[n] = rem
	}
	b = strconv.AppendUint(b, v[0], 10)
	for n--; n >= 0; n-- {
		b = appendDigits(b, groups[n], digits)
	}
	return b
}

// appendDigits writes v with leading zeros.
func appendDigits(b []byte, v uint64, width int) []byte {
	mark := len(b)
	for range width {
		b = append(b, '0')
	}
	for i := mark + width - 1; i >= mark; i-- {
		b[i] += byte(v % 10)
		v /= 10
	}
	return b
}
