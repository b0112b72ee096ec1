// SPDX-License-Identifier: Apache-2.0

package light

import (
	"fmt"
	"slices"
	"testing"
)

func text(v any) string { return fmt.Sprint(v) }

// copyOf returns an update that shares nothing with u.
func copyOf(u *Update) *Update {
	c := *u
	c.Bits = slices.Clone(u.Bits)
	c.Attested = headerOf(u.Attested)
	c.FinalityBranch, c.NextBranch = slices.Clone(u.FinalityBranch), slices.Clone(u.NextBranch)
	if u.Finalized != nil {
		f := headerOf(*u.Finalized)
		c.Finalized = &f
	}
	if u.Next != nil {
		n := *u.Next
		n.Keys = slices.Clone(n.Keys)
		c.Next = &n
	}
	return &c
}

func headerOf(h Header) Header {
	h.Branch = slices.Clone(h.Branch)
	if h.Execution != nil {
		e := *h.Execution
		e.ExtraData = slices.Clone(e.ExtraData)
		h.Execution = &e
	}
	if h.Hash != nil {
		hash := *h.Hash
		h.Hash = &hash
	}
	return h
}

// tamperings change one thing of an update with all parts.
var tamperings = []struct {
	name string
	want Reason
	do   func(u *Update)
}{
	{"state root", BadBranch, func(u *Update) { u.Attested.Beacon.State[0] ^= 1 }},
	{"body root", BadBranch, func(u *Update) { u.Attested.Beacon.Body[31] ^= 0x80 }},
	{"parent root", BadVotes, func(u *Update) { u.Attested.Beacon.Parent[5] ^= 1 }},
	{"proposer", BadVotes, func(u *Update) { u.Attested.Beacon.Proposer++ }},
	{"attested slot, and what is checked against it", BadTime, func(u *Update) { u.Attested.Beacon.Slot--; u.SignatureSlot-- }},
	{"attested slot at its signature", Malformed, func(u *Update) { u.Attested.Beacon.Slot = u.SignatureSlot }},
	{"signature", BadVotes, func(u *Update) { u.Signature[95] ^= 1 }},
	{"signature of the identity", BadVotes, func(u *Update) { u.Signature = [96]byte{0xc0} }},
	{"signature uncompressed", BadVotes, func(u *Update) { u.Signature[0] &= 0x1f }},
	{"one vote less", BadVotes, func(u *Update) { u.Bits[len(u.Bits)-1] ^= 0x40 }},
	{"21 of 32 votes", TooFewVotes, func(u *Update) { u.Bits = []byte{0xff, 0xff, 0x1f, 0} }},
	{"no votes", TooFewVotes, func(u *Update) { u.Bits = make([]byte, 4) }},
	{"votes of another size", Malformed, func(u *Update) { u.Bits = append(u.Bits, 0xff) }},
	{"no bits", Malformed, func(u *Update) { u.Bits = nil }},
	{"execution hash", BadBranch, func(u *Update) { u.Attested.Execution.BlockHash[7] ^= 1 }},
	{"execution number", BadBranch, func(u *Update) { u.Attested.Execution.BlockNumber++ }},
	{"extra data too long", Malformed, func(u *Update) { u.Attested.Execution.ExtraData = make([]byte, 33) }},
	{"no execution", Malformed, func(u *Update) { u.Attested.Execution = nil }},
	{"two forms", Malformed, func(u *Update) { u.Attested.Hash = new(Root) }},
	{"the form of Gloas with the branch of Electra", BadBranch, func(u *Update) { u.Attested.Hash = &u.Attested.Execution.BlockHash; u.Attested.Execution = nil }},
	{"execution branch", BadBranch, func(u *Update) { u.Attested.Branch[0][0] ^= 1 }},
	{"execution branch too short", BadBranch, func(u *Update) { u.Attested.Branch = u.Attested.Branch[1:] }},
	{"execution branch too long", BadBranch, func(u *Update) { u.Attested.Branch = append([]Root{{1}}, u.Attested.Branch...) }},
	{"execution branch missing", BadBranch, func(u *Update) { u.Attested.Branch = nil }},
	{"finality branch", BadBranch, func(u *Update) { u.FinalityBranch[3][9] ^= 4 }},
	{"finality branch too short", BadBranch, func(u *Update) { u.FinalityBranch = u.FinalityBranch[:5] }},
	{"finalized slot", BadTime, func(u *Update) { u.Finalized.Beacon.Slot-- }},
	{"finalized state", BadBranch, func(u *Update) { u.Finalized.Beacon.State[0] ^= 1 }},
	{"finalized after attested", Malformed, func(u *Update) { u.Finalized.Beacon.Slot = u.Attested.Beacon.Slot + 1 }},
	{"finalized header of zeros", BadBranch, func(u *Update) { u.Finalized = &Header{} }},
	{"next committee's key", BadBranch, func(u *Update) { u.Next.Keys[31][47] ^= 1 }},
	{"next committee's aggregate", BadBranch, func(u *Update) { u.Next.Aggregate[47] ^= 1 }},
	{"next committee too small", Malformed, func(u *Update) { u.Next.Keys = u.Next.Keys[:31] }},
	{"next committee empty", Malformed, func(u *Update) { u.Next = &Committee{} }},
	{"next committee's branch", BadBranch, func(u *Update) { u.NextBranch[0][0] ^= 1 }},
	{"next committee's branch missing", BadBranch, func(u *Update) { u.NextBranch = nil }},
	{"signed in the future", Future, func(u *Update) { u.SignatureSlot = later + 1 }},
	{"signed two periods later", Gap, func(u *Update) { u.SignatureSlot += 128 }},
	{"signed in another slot", BadVotes, func(u *Update) { u.Signature[20] ^= 1; u.SignatureSlot++ }},
}

// TestTampering: an update in which one thing is changed is refused, and nothing changes.
func TestTampering(t *testing.T) {
	r := load(t, "synthetic-electra-minimal")
	c := r.start(t)
	before := string(c.AppendState(nil))
	honest := r.updates(t)[0]
	for _, c2 := range tamperings {
		u := copyOf(honest)
		c2.do(u)
		ch, err := c.Apply(u, later)
		if reason(err) != c2.want || ch != (Change{}) {
			t.Errorf("%s: %v, %+v, want %s", c2.name, err, ch, c2.want)
		}
		if string(c.AppendState(nil)) != before {
			t.Fatalf("%s changed the client", c2.name)
		}
	}
	if ch, err := c.Apply(honest, later); err != nil || ch != (Change{Head: true, Committee: true}) {
		t.Errorf("the update itself: %v, %+v", err, ch)
	}
}

// TestWrongNetwork: with facts that are wrong, nothing verifies.
func TestWrongNetwork(t *testing.T) {
	for name, do := range map[string]func(n *Network){
		"validators root": func(n *Network) { n.ValidatorsRoot[0] ^= 1 },
		"fork version":    func(n *Network) { n.Forks[0].Version[3] ^= 1 },
		"older fork":      func(n *Network) { n.Forks[0].Name = "deneb" },
		"newer fork":      func(n *Network) { n.Forks[0].Name = "gloas" },
		"unknown fork":    func(n *Network) { n.Forks[0].Name = "heze" },
		"no fork":         func(n *Network) { n.Forks[0].Name = "phase0" },
		"genesis time":    func(n *Network) { n.GenesisTime++ },
		"slot time":       func(n *Network) { n.SecondsPerSlot++ },
		"committee size":  func(n *Network) { n.Preset.CommitteeSize = 16 },
		"period":          func(n *Network) { n.Preset.EpochsPerPeriod = 1 },
	} {
		r := load(t, "synthetic-electra-minimal")
		do(&r.network)
		b, err := ParseBootstrap(r.Bootstrap)
		if err != nil {
			t.Fatal(err)
		}
		c, err := Start(&r.network, r.checkpoint, b)
		if err == nil {
			_, err = c.Apply(r.updates(t)[0], later)
		}
		if reason(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestBadBootstrap: only the block that the checkpoint names, with its own committee, is a beginning.
func TestBadBootstrap(t *testing.T) {
	r := load(t, "synthetic-gloas-minimal")
	for name, do := range map[string]func(b *Bootstrap){
		"slot":  func(b *Bootstrap) { b.Header.Beacon.Slot++ },
		"state": func(b *Bootstrap) { b.Header.Beacon.State[0] ^= 1 },
		"key":   func(b *Bootstrap) { b.Committee.Keys[0][1] ^= 1 },
		"keys swapped": func(b *Bootstrap) {
			b.Committee.Keys[0], b.Committee.Keys[1] = b.Committee.Keys[1], b.Committee.Keys[0]
		},
		"too few keys":  func(b *Bootstrap) { b.Committee.Keys = b.Committee.Keys[:16] },
		"no keys":       func(b *Bootstrap) { b.Committee.Keys = nil },
		"aggregate":     func(b *Bootstrap) { b.Committee.Aggregate[0] ^= 1 },
		"branch":        func(b *Bootstrap) { b.Branch[4][4] ^= 1 },
		"short branch":  func(b *Bootstrap) { b.Branch = b.Branch[1:] },
		"hash":          func(b *Bootstrap) { b.Header.Hash[0] ^= 1 },
		"header branch": func(b *Bootstrap) { b.Header.Branch[10][0] ^= 1 },
		"no hash":       func(b *Bootstrap) { b.Header.Hash = nil },
	} {
		b, err := ParseBootstrap(r.Bootstrap)
		if err != nil {
			t.Fatal(err)
		}
		do(b)
		if _, err := Start(&r.network, r.checkpoint, b); reason(err) != BadBranch && reason(err) != Malformed {
			t.Errorf("%s: %v", name, err)
		}
	}
}
