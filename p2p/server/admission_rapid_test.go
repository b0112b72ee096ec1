// SPDX-License-Identifier: Apache-2.0

package server

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/p2p"
)

// TestAdmissionCounts lets nodes come and go, and be trusted or not, in any order.
func TestAdmissionCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.IntRange(1, 6).Draw(t, "max")
		a := newAdmission(enr.ID{0}, most, rapid.IntRange(0, most).Draw(t, "dialled"), nil)
		want := map[enr.ID]bool{} // value: inbound
		trusted := map[enr.ID]bool{}
		id := rapid.Map(rapid.ByteRange(0, 8), func(b byte) enr.ID { return enr.ID{b} })
		inbound := func() (n int) {
			for _, came := range want {
				if came {
					n++
				}
			}
			return n
		}
		// expected repeats the order of the specification.
		expected := func(who enr.ID, came bool) p2p.Reason {
			_, present := want[who]
			switch limited := !trusted[who]; {
			case limited && len(want) >= most, limited && came && inbound() >= a.maxInbound:
				return p2p.ReasonTooManyPeers
			case present:
				return p2p.ReasonAlreadyConnected
			case who == a.self:
				return p2p.ReasonSelf
			}
			return 0xff
		}
		t.Repeat(map[string]func(*rapid.T){
			"admit": func(t *rapid.T) {
				who, came := id.Draw(t, "id"), rapid.Bool().Draw(t, "inbound")
				expected := expected(who, came)
				believed, checked := a.check(who)
				if came {
					checked = a.would(who)
				}
				err := a.put(who, member{inbound: came, trusted: believed})
				if reasonOf(checked) != expected || reasonOf(err) != expected || believed != trusted[who] {
					t.Fatalf("checked %v, then %v: want %v", checked, err, expected)
				}
				if err == nil {
					want[who] = came
				}
			},
			"trust": func(t *rapid.T) {
				who := id.Draw(t, "id")
				trusted[who] = !trusted[who]
				a.trust(who, trusted[who])
			},
			"leave": func(t *rapid.T) { // only admitted peers leave
				who := id.Draw(t, "id")
				if _, present := want[who]; present {
					delete(want, who)
					a.leave(who)
				}
			},
			"": func(t *rapid.T) {
				for who := range want {
					if m, ok := a.find(who); !ok || m.trusted != trusted[who] || !a.pointless(who) {
						t.Fatalf("%v is %+v, connected %t", who, m, ok)
					}
				}
				if a.inbound != inbound() || len(a.all()) != len(want) {
					t.Fatalf("%d inbound of %d: want %d of %d", a.inbound, len(a.peers), inbound(), len(want))
				}
			},
		})
	})
}
