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
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/types"
)

// line is an event.Fields: each method appends a comma, the field's name and its value.
type line struct{ b []byte }

// name begins a field.
func (l *line) name(name string) {
	l.b = append(l.b, ',', '"')
	l.b = append(l.b, name...)
	l.b = append(l.b, '"', ':')
}

func (l *line) hex(name, prefix string, v []byte) {
	l.name(name)
	l.b = append(l.b, '"')
	l.b = append(l.b, prefix...)
	l.b = hex.AppendEncode(l.b, v)
	l.b = append(l.b, '"')
}

func (l *line) Hash(name string, v types.Hash, known bool) {
	if known {
		l.hex(name, "0x", v[:])
	}
}

func (l *line) ID(name string, v enr.ID, known bool) {
	if known {
		l.hex(name, "", v[:])
	}
}

// Address writes nil as null: a transaction without a recipient creates a contract.
func (l *line) Address(name string, v *types.Address, known bool) {
	switch {
	case !known:
	case v == nil:
		l.name(name)
		l.b = append(l.b, "null"...)
	default:
		l.hex(name, "0x", v[:])
	}
}

func (l *line) Endpoint(name string, v netip.AddrPort, known bool) {
	switch {
	case !known:
	case v.Addr().Zone() != "": // the only part that can hold any text
		l.Text(name, v.String(), true)
	default:
		l.name(name)
		l.b = append(l.b, '"')
		l.b = v.AppendTo(l.b)
		l.b = append(l.b, '"')
	}
}

func (l *line) Text(name, v string, known bool) {
	if known {
		l.name(name)
		l.b = appendQuoted(l.b, v)
	}
}

func (l *line) Uint(name string, v uint64, known bool) {
	if known {
		l.name(name)
		l.b = strconv.AppendUint(l.b, v, 10)
	}
}

// Amount writes a decimal string: JSON numbers lose digits beyond 2^53 in most readers.
func (l *line) Amount(name string, v *uint256.Int, known bool) {
	if known {
		l.name(name)
		l.b = append(l.b, '"')
		l.b = appendDecimal(l.b, *v)
		l.b = append(l.b, '"')
	}
}

func (l *line) Duration(name string, v time.Duration, known bool) {
	if known {
		l.name(name)
		l.b = appendSeconds(l.b, v)
	}
}

func (l *line) Bool(name string, v, known bool) {
	if known {
		l.name(name)
		l.b = strconv.AppendBool(l.b, v)
	}
}

func (l *line) Flag(name string, v bool) { l.Bool(name, true, v) }

// Losses writes an object of counts by site.
func (l *line) Losses(name string, v []event.Lost, known bool) {
	if !known {
		return
	}
	l.name(name)
	l.b = append(l.b, '{')
	for i := range v {
		l.b = appendQuoted(l.comma(i), v[i].Where)
		l.b = strconv.AppendUint(append(l.b, ':'), v[i].Count, 10)
	}
	l.b = append(l.b, '}')
}

// Absences writes an object of seconds by node ID.
func (l *line) Absences(name string, v []event.Absence, known bool) {
	if !known {
		return
	}
	l.name(name)
	l.b = append(l.b, '{')
	for i := range v {
		l.b = hex.AppendEncode(append(l.comma(i), '"'), v[i].Peer[:])
		l.b = appendSeconds(append(l.b, '"', ':'), v[i].For)
	}
	l.b = append(l.b, '}')
}

// comma stands before all members of an object but the first.
func (l *line) comma(i int) []byte {
	if i == 0 {
		return l.b
	}
	return append(l.b, ',')
}

// appendSeconds writes seconds with nine decimals, exactly. A clock that ran backwards
// gives 0.
func appendSeconds(b []byte, d time.Duration) []byte {
	d = max(0, d)
	b = strconv.AppendInt(b, int64(d/time.Second), 10)
	b = append(b, '.')
	return appendDigits(b, uint64(d%time.Second), 9)
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
