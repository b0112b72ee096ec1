// SPDX-License-Identifier: Apache-2.0

package light

import "math/bits"

// A Change says what an update changed. The zero Change means that the update had nothing new.
type Change struct {
	Head      bool // Head is a later block
	Finalized bool // Finalized is a later block
	Committee bool // the committee of one more period is known, or settled
}

// A verdict is what a verified update proves.
type verdict struct {
	head, finalized Head
	hasFinalized    bool
	period          uint64   // of the signature
	attested        uint64   // period of the attested block
	next            *signers // nil = not to be taken
	settled         bool
}

// Apply verifies an update and takes what is new. now is the slot of the clock. An update that cannot have anything new is not
// verified, and changes nothing: nodes repeat old ones. An update is refused, with an *Error, unless every part of it holds; a
// refused one changes nothing (consensus-specs/specs/altair/light-client/sync-protocol.md#validate_light_client_update,
// #process_light_client_update).
//
// Stricter than the specification: a head needs two thirds of the committee. Instead of its forced update, a next committee
// that no finalized block of its own period proves is taken once that period is over.
func (c *Client) Apply(u *Update, now uint64) (Change, error) {
	if err := order(u, now); err != nil {
		return Change{}, err
	}
	if !c.hasNew(u, now) {
		return Change{}, nil
	}
	v, err := c.verify(u, now)
	if err != nil {
		return Change{}, err
	}
	return c.take(v), nil
}

// order checks the slots: now ≥ signature > attested ≥ finalized.
func order(u *Update, now uint64) error {
	attested := u.Attested.Beacon.Slot
	switch {
	case u.SignatureSlot <= attested:
		return fail(Malformed, "slot %d signed in slot %d", attested, u.SignatureSlot)
	case u.Finalized != nil && u.Finalized.Beacon.Slot > attested:
		return fail(Malformed, "slot %d finalized in slot %d", u.Finalized.Beacon.Slot, attested)
	case u.SignatureSlot > now:
		return fail(Future, "signed in slot %d, and the clock is in slot %d", u.SignatureSlot, now)
	}
	return nil
}

// hasNew reports whether an update can change something.
func (c *Client) hasNew(u *Update, now uint64) bool {
	switch signed := c.network.PeriodOf(u.SignatureSlot); {
	case signed < c.period:
		return false // its committee is forgotten
	case u.Attested.Beacon.Slot > c.head.Slot, u.Finalized != nil && u.Finalized.Beacon.Slot > c.finalized.Slot:
		return true
	}
	_, wants := c.wantsNext(u, now)
	return wants
}

// wantsNext reports whether the next committee of an update is worth a look: it is not known, or can be settled, or is
// another one than that which is known. settled says that a finalized block of the same period proves it.
func (c *Client) wantsNext(u *Update, now uint64) (settled, wants bool) {
	if u.Next == nil {
		return false, false
	}
	attested := c.network.PeriodOf(u.Attested.Beacon.Slot)
	settled = u.Finalized != nil && c.network.PeriodOf(u.Finalized.Beacon.Slot) == attested
	if !settled && c.network.PeriodOf(now) <= attested {
		return false, false
	}
	if attested > c.period {
		return settled, true
	}
	return settled, attested == c.period && (c.next == nil || settled && !c.settled || len(u.Next.Keys) == len(c.next.keys) && u.Next.root() != c.next.root)
}

// verify checks every part of an update, the cheap ones first.
func (c *Client) verify(u *Update, now uint64) (v verdict, err error) {
	v.period, v.attested = c.network.PeriodOf(u.SignatureSlot), c.network.PeriodOf(u.Attested.Beacon.Slot)
	committee := c.current
	if v.period == c.period+1 {
		committee = c.next
	}
	if v.period > c.period+1 || committee == nil {
		return v, fail(Gap, "signed in period %d, and no committee after that of period %d is known", v.period, c.Wants())
	}
	size := len(committee.keys)
	if len(u.Bits) != size/8 {
		return v, fail(Malformed, "%d bytes of votes, want %d", len(u.Bits), size/8)
	}
	votes := 0
	for _, b := range u.Bits {
		votes += bits.OnesCount8(b)
	}
	if 3*votes < 2*size {
		return v, fail(TooFewVotes, "%d of %d signed, less than two thirds", votes, size)
	}
	if v.head, err = u.Attested.check(&c.network); err != nil {
		return v, err
	}
	v.head.Votes = votes
	if err := c.branches(u, &v); err != nil {
		return v, err
	}
	version := c.network.forkAt(max(u.SignatureSlot, 1) - 1).Version
	if !committee.verify(u.Bits, votes, signingRoot(v.head.Root, version, c.network.ValidatorsRoot), &u.Signature) {
		return v, fail(BadVotes, "slot %d, signed in slot %d: not by these %d of %d members of the committee of period %d",
			v.head.Slot, u.SignatureSlot, votes, size, v.period)
	}
	return v, c.nextOf(u, now, &v)
}

// branches checks the finalized block and the next committee against the attested block's state, by the fork of the attested
// block's slot.
func (c *Client) branches(u *Update, v *verdict) (err error) {
	l, err := c.network.layoutAt(v.head.Slot)
	if err != nil {
		return err
	}
	if f := u.Finalized; f != nil {
		root := Root{} // stands for the genesis block
		if f.Beacon != (Beacon{}) {
			if v.finalized, err = f.check(&c.network); err != nil {
				return err
			}
			root, v.hasFinalized = v.finalized.Root, true
		}
		if !proved(root, u.FinalityBranch, l.finalized, u.Attested.Beacon.State) {
			return fail(BadBranch, "finalized block, slot %d in slot %d, %s", f.Beacon.Slot, v.head.Slot, l.name)
		}
	}
	if u.Next == nil {
		return nil
	}
	if len(u.Next.Keys) != c.network.Preset.CommitteeSize {
		return fail(Malformed, "a sync committee of %d keys, want %d", len(u.Next.Keys), c.network.Preset.CommitteeSize)
	}
	if !proved(u.Next.root(), u.NextBranch, l.next, u.Attested.Beacon.State) {
		return fail(BadBranch, "next sync committee, slot %d, %s", v.head.Slot, l.name)
	}
	return nil
}

// nextOf decides about the next committee of a verified update.
func (c *Client) nextOf(u *Update, now uint64, v *verdict) (err error) {
	if u.Next == nil {
		return nil
	}
	settled, wants := c.wantsNext(u, now)
	known := c.next // what u.Next must be, if anything
	firm := c.settled
	switch {
	case v.attested == c.period+1:
		known = nil
	case v.attested != c.period:
		return nil
	}
	if known != nil && known.root != u.Next.root() && (firm || !settled) {
		if !firm && !wants {
			return nil // neither is proved by a finalized block yet
		}
		return fail(Conflict, "two committees of period %d are signed for: the checkpoint, or two thirds of a committee, are not to be trusted", v.attested+1)
	}
	if !wants {
		return nil
	}
	v.settled = settled
	if known != nil && known.root == u.Next.root() {
		v.next = known
		return nil
	}
	v.next, err = newSigners(u.Next, c.network.Preset.CommitteeSize)
	return err
}

// take changes the state by what an update proves.
func (c *Client) take(v verdict) (ch Change) {
	if v.period == c.period+1 {
		c.period, c.current, c.next, c.settled = v.period, c.next, nil, false
	}
	if v.next != nil && v.attested == c.period && (v.next != c.next || v.settled && !c.settled) {
		c.next, c.settled, ch.Committee = v.next, v.settled, true
	}
	if v.head.Slot > c.head.Slot {
		c.head, ch.Head = v.head, true
	}
	if v.hasFinalized && v.finalized.Slot > c.finalized.Slot {
		c.finalized, ch.Finalized = v.finalized, true
	}
	return ch
}
