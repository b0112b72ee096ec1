// SPDX-License-Identifier: Apache-2.0

package kad

import (
	"net/netip"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/netgroup"
)

// A Contact is a node together with its ID, which costs a hash to work out.
type Contact struct {
	ID   enr.ID
	Node enr.Node

	// Unverified is the record that the node itself sent, before its signature is verified.
	// Node.Record is nil then. The table verifies it before the node becomes an entry.
	Unverified *enr.UnverifiedRecord
}

// NewContact returns the node with its ID.
func NewContact(n enr.Node) Contact { return Contact{ID: n.ID(), Node: n} }

// Addr returns the node's discovery endpoint in canonical form; ok is false where IP or port are
// not known.
func (c *Contact) Addr() (addr netip.AddrPort, ok bool) {
	return netip.AddrPortFrom(netgroup.Plain(c.Node.IP), c.Node.UDP), c.Node.IP.IsValid() && c.Node.UDP != 0
}

// verify verifies the unverified record, and reports false if its signature is wrong.
func (c *Contact) verify() bool {
	if c.Unverified == nil {
		return true
	}
	r, err := c.Unverified.Verify()
	if err == nil {
		c.Node.Record, c.Unverified = r, nil
	}
	return err == nil
}

// seq returns the sequence number of the record, if there is one.
func (c *Contact) seq() (n uint64, ok bool) {
	switch {
	case c.Node.Record != nil:
		return c.Node.Record.Seq(), true
	case c.Unverified != nil:
		return c.Unverified.Seq(), true
	}
	return 0, false
}

// An entry is what the table remembers of a node.
type entry struct {
	Contact
	addr  netip.AddrPort // the contact's
	scope scope          // of addr
	group netgroup.Group // of addr; zero: exempt from limits

	list     *schedule // of the checks; nil: a replacement, which is not checked
	checking bool      // a check is under way
	checks   int       // those passed, less what failures took; more than 0: it is alive
	failures int       // questions in a row to which it knew no node
}

// settle notes where the node is, which the contact says and the caller has checked.
func (e *entry) settle(c Contact) {
	addr, _ := c.Addr()
	e.Contact, e.addr, e.scope, e.group = c, addr, scopeOf(addr.Addr()), netgroup.Of(addr.Addr())
}

func (e *entry) live() bool { return e.checks > 0 }

// yieldsTo reports whether the contact replaces what the table knows of the node. Direct means
// that the node itself sent the contact. A contact from another node counts only if it has a signed
// record newer than ours; without a record of ours it could be a replayed old one.
func (e *entry) yieldsTo(c *Contact, addr netip.AddrPort, direct bool) bool {
	old, had := e.seq()
	seq, has := c.seq()
	switch {
	case had && has:
		return seq > old || direct && seq == old
	case has:
		return direct || addr == e.addr
	}
	return direct && addr != e.addr
}
