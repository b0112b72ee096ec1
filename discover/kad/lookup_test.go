// SPDX-License-Identifier: Apache-2.0

package kad

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/test/script"
)

// TestLookupScripts plays testdata/lookup/*.txt. A node is written as in the table's scripts;
// the target is 0.0, so nodes of a lower distance are nearer, and we are 100.0:
//
//	start [NODE…]
//	reply FROM [NODE…], silence FROM
//	closest
func TestLookupScripts(t *testing.T) {
	self := contactAt(100, 0).ID
	script.Run(t, "testdata/lookup/*.txt", func(t *testing.T) func([]string) string {
		var l *Lookup
		return func(words []string) string {
			cs := contactsOf(t, words[1:])
			var ask []Contact
			switch words[0] {
			case "start":
				l, ask = NewLookup(self, enr.ID{}, cs)
			case "reply":
				ask = l.OnReply(cs[0].ID, cs[1:])
			case "silence":
				ask = l.OnSilence(cs[0].ID)
			case "closest":
				return names("closest", l.Closest())
			default:
				t.Fatalf("unknown command %q", words[0])
			}
			if err := l.checkInvariants(); err != nil {
				t.Fatalf("after %v: %v", words, err)
			}
			out := ""
			if len(ask) > 0 {
				out = names("ask", ask)
			}
			if l.Done() {
				out += fmt.Sprintf("done, asked %d\n", l.asked)
			}
			return out
		}
	})
}

// TestLookupAnyOrder: a lookup ends whatever the answers and their order are, and asks no node
// twice.
func TestLookupAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		node := rapid.Custom(func(t *rapid.T) Contact {
			return contactAt(rapid.IntRange(20, 120).Draw(t, "distance"), rapid.IntRange(0, 3).Draw(t, "number"))
		})
		some := rapid.SliceOfN(node, 0, 20)
		self := contactAt(100, 0).ID
		asked, answered := map[enr.ID]bool{}, map[enr.ID]bool{}
		var inFlight []enr.ID
		note := func(ask []Contact) {
			for _, c := range ask {
				if asked[c.ID] || c.ID == self {
					t.Fatalf("%s is asked again, or is ourselves", name(c))
				}
				asked[c.ID] = true
				inFlight = append(inFlight, c.ID)
			}
		}
		l, ask := NewLookup(self, enr.ID{}, some.Draw(t, "start"))
		for note(ask); !l.Done(); note(ask) {
			if err := l.checkInvariants(); err != nil {
				t.Fatal(err)
			}
			i := rapid.IntRange(0, len(inFlight)-1).Draw(t, "which")
			id := inFlight[i]
			inFlight = append(inFlight[:i], inFlight[i+1:]...)
			switch rapid.IntRange(0, 3).Draw(t, "how") {
			case 0:
				ask = l.OnSilence(id)
			case 1:
				stranger := node.Draw(t, "stranger").ID
				if !asked[stranger] && l.OnReply(stranger, some.Draw(t, "found")) != nil {
					t.Fatal("a stranger was heard")
				}
				fallthrough
			default:
				answered[id] = true
				ask = l.OnReply(id, some.Draw(t, "found"))
			}
		}
		if len(inFlight) > 0 || len(asked) > maxAsked {
			t.Fatalf("done with %d in flight, after %d", len(inFlight), len(asked))
		}
		for _, c := range l.Closest() {
			if !answered[c.ID] {
				t.Fatalf("%s did not answer", name(c))
			}
		}
	})
}

// TestLookupIsNotLedOn: a lookup ends although an attacker always relays nearer nodes.
func TestLookupIsNotLedOn(t *testing.T) {
	n := 0
	nearer := func() (found []Contact) {
		for range 40 {
			n++
			c := contactAt(256, 0)
			c.ID[0], c.ID[1], c.ID[2] = 0xff-byte(n>>16), 0xff-byte(n>>8), 0xff-byte(n)
			found = append(found, c)
		}
		return found
	}
	l, ask := NewLookup(enr.ID{1}, enr.ID{}, nearer())
	asked := 0
	for queue := ask; !l.Done(); queue = append(queue[1:], l.OnReply(queue[0].ID, nearer())...) {
		asked++
		if err := l.checkInvariants(); err != nil {
			t.Fatal(err)
		}
	}
	if asked != maxAsked {
		t.Errorf("asked %d", asked)
	}
}
