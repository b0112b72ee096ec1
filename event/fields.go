// SPDX-License-Identifier: Apache-2.0

package event

import (
	"net/netip"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/types"
)

// Fields takes the fields of an event, one call each: an encoder, a table's columns or a
// test. Names are lower-case ASCII letters. A value that is not known has known = false: a
// line leaves the field out, a table writes its null. Pointers and slices are lent for the
// call and must not be changed.
type Fields interface {
	Hash(name string, v types.Hash, known bool)
	ID(name string, v enr.ID, known bool)
	Address(name string, v *types.Address, known bool) // nil is a value: no address
	Endpoint(name string, v netip.AddrPort, known bool)
	Text(name, v string, known bool)
	Uint(name string, v uint64, known bool)
	Amount(name string, v *uint256.Int, known bool) // wei
	Duration(name string, v time.Duration, known bool)
	Bool(name string, v, known bool)
	Flag(name string, v bool) // false is the usual value: a line leaves it out
	Losses(name string, v []Lost, known bool)
	Absences(name string, v []Absence, known bool)
}

// count returns n for [Fields.Uint]; a negative number is taken for 0.
func count(n int) uint64 { return uint64(max(0, n)) }
