// SPDX-License-Identifier: Apache-2.0

package kad

import (
	"net/netip"
	"testing"

	"github.com/ethpeer/ethpeer/enr"
)

// TestAnswerAtTakesTurns: each distance that was asked for has its share of the 16 nodes.
func TestAnswerAtTakesTurns(t *testing.T) {
	table := New(epoch, Config{Choose: func(int) int { return 0 }})
	for _, dist := range []int{256, 255, 254} {
		for i := range map[int]int{256: 12, 255: 12, 254: 2}[dist] {
			var id enr.ID
			id[0], id[31] = byte(1<<(dist-249)), byte(i)
			n := enr.Node{IP: netip.AddrFrom4([4]byte{byte(30 + i), byte(dist), 1, 1}), UDP: 30303}
			table.OnHeard(epoch, Contact{ID: id, Node: n})
			table.bucketOf(id).find(id).checks = 1
		}
	}
	for _, test := range []struct {
		dists []uint
		want  map[int]int // nodes by distance
	}{
		{[]uint{256}, map[int]int{256: 12}},
		{[]uint{256, 255}, map[int]int{256: 8, 255: 8}},
		{[]uint{254, 256, 255}, map[int]int{254: 2, 256: 7, 255: 7}},
		{[]uint{254, 254, 250}, map[int]int{254: 2}},
	} {
		got := map[int]int{}
		answer := table.AnswerAt(netip.MustParseAddr("34.1.1.1"), test.dists)
		for _, c := range answer {
			got[LogDist(table.self, c.ID)]++
		}
		for dist, n := range test.want {
			if got[dist] != n {
				t.Errorf("at %v: %v, want %v", test.dists, got, test.want)
			}
		}
		if LogDist(table.self, answer[0].ID) != int(test.dists[0]) {
			t.Errorf("at %v: the first is at another distance", test.dists)
		}
	}
}
