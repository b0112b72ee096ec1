// SPDX-License-Identifier: Apache-2.0

package kad

import (
	"cmp"
	"encoding/binary"
	"math/bits"

	"github.com/ethpeer/ethpeer/enr"
)

// Distance of nodes is a XOR b, read as a number (devp2p/discv4.md#node-identities).

// MaxDist is the largest logarithmic distance.
const MaxDist = 256

// LogDist returns how many bits the distance of a and b has: 0 if they are equal, else 1 to
// 256.
func LogDist(a, b enr.ID) int {
	for i := 0; i < len(a); i += 8 {
		if x := word(&a, i) ^ word(&b, i); x != 0 {
			return 8*(len(a)-8-i) + bits.Len64(x)
		}
	}
	return 0
}

// Compare returns -1 if a is nearer to the target than b is, 1 if b is, and 0 if they are
// equal.
func Compare(target, a, b enr.ID) int {
	for i := 0; i < len(target); i += 8 {
		t := word(&target, i)
		if c := cmp.Compare(t^word(&a, i), t^word(&b, i)); c != 0 {
			return c
		}
	}
	return 0
}

func word(id *enr.ID, i int) uint64 { return binary.BigEndian.Uint64(id[i:]) }

// AskDists returns the three logarithmic distances from a node at which it probably knows
// nodes near the target, the best first: what to put into a FINDNODE of discovery v5
// (devp2p/discv5/discv5-theory.md#lookup). The node's own distance, 0, is not among them.
func AskDists(node, target enr.ID) [3]uint {
	d := LogDist(node, target)
	switch d {
	case 0, 1:
		return [3]uint{1, 2, 3}
	case MaxDist:
		return [3]uint{MaxDist, MaxDist - 1, MaxDist - 2}
	}
	return [3]uint{uint(d), uint(d + 1), uint(d - 1)}
}
