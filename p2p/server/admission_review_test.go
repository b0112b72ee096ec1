// SPDX-License-Identifier: Apache-2.0

package server

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/ethpeer/ethpeer/enr"
)

// TestAdmissionCounts lets nodes come and go in any order.
func TestAdmissionCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.IntRange(1, 6).Draw(t, "max")
		a := newAdmission(enr.ID{0}, most, rapid.Bool().Draw(t, "dials"))
		in := map[enr.ID]bool{}
		id := rapid.Map(rapid.ByteRange(0, 8), func(b byte) enr.ID { return enr.ID{b} })
		t.Repeat(map[string]func(*rapid.T){
			"admit": func(t *rapid.T) {
				who, inbound := id.Draw(t, "id"), rapid.Bool().Draw(t, "inbound")
				checked, err := a.check(who, inbound), a.admit(who, inbound)
				if reasonOf(checked) != reasonOf(err) {
					t.Fatalf("checked %v, then %v", checked, err)
				}
				if _, present := in[who]; err == nil && (present || who == a.self) {
					t.Fatalf("%v was admitted twice, or is us", who)
				}
				if err == nil {
					in[who] = inbound
				}
			},
			"leave": func(t *rapid.T) { // only who was admitted leaves
				who := id.Draw(t, "id")
				if _, present := in[who]; present {
					delete(in, who)
					a.leave(who)
				}
			},
			"": func(t *rapid.T) {
				inbound := 0
				for who, came := range in {
					if came {
						inbound++
					}
					if !a.pointless(who) {
						t.Fatalf("%v is connected and not known", who)
					}
				}
				if a.inbound != inbound || len(a.peers) != len(in) || inbound > a.maxInbound || len(in) > most {
					t.Fatalf("%d inbound of %d: want %d of %d", a.inbound, len(a.peers), inbound, len(in))
				}
			},
		})
	})
}
