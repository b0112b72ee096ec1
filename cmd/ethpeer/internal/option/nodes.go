// SPDX-License-Identifier: Apache-2.0

package option

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/ethpeer/ethpeer/discover/dnstree"
	"github.com/ethpeer/ethpeer/enr"
)

// NodeForms says in the help how nodes are given.
const NodeForms = "enode:// or enr: forms, separated by commas, or @FILE with one per line or a JSON list; may be repeated"

// Nodes reads nodes that check accepts. A node that is named twice counts once.
func Nodes(o *Option, check func(where string, n enr.Node) error) (nodes []enr.Node, err error) {
	seen := map[enr.ID]bool{}
	err = eachItem(o, func(where, item string) error {
		n, err := parseNode(where, item)
		if err != nil {
			return err
		}
		if err := check(where, n); err != nil {
			return err
		}
		if id := n.ID(); !seen[id] {
			seen[id] = true
			nodes = append(nodes, n)
		}
		return nil
	})
	return nodes, err
}

func parseNode(where, item string) (enr.Node, error) {
	if MaybePrivate(item) {
		return enr.Node{}, fmt.Errorf("%s: want nodes, and this may be a private key, which must stay secret; write enode://KEY@HOST:PORT", where)
	}
	n, err := enr.ParseNode(item)
	if err != nil {
		return enr.Node{}, fmt.Errorf("%s: %w", where, err)
	}
	return n, nil
}

// Peers reads nodes to dial.
func Peers(o *Option) ([]enr.Node, error) {
	return Nodes(o, func(where string, n enr.Node) error {
		if n.TCP == 0 || (n.Host == "" && !n.IP.IsValid()) {
			return fmt.Errorf("%s: node %s… has no address to dial; write enode://KEY@HOST:PORT", where, n.ID().Short())
		}
		return nil
	})
}

// Bootnodes reads nodes that can be asked for others over UDP, and the enrtree:// URLs of node lists in DNS
// (EIP-1459). nodes is nil only if the user gave no value: an empty value means no nodes.
func Bootnodes(o *Option) (nodes []enr.Node, lists []string, err error) {
	if !o.Given() {
		return nil, nil, nil
	}
	nodes = []enr.Node{}
	seen := map[enr.ID]bool{}
	err = eachItem(o, func(where, item string) error {
		if strings.HasPrefix(item, "enrtree:") {
			if _, err := dnstree.ParseURL(item); err != nil {
				return fmt.Errorf("%s: node list %.100q: %w", where, item, err)
			}
			lists = append(lists, item)
			return nil
		}
		n, err := parseNode(where, item)
		if err != nil {
			return err
		}
		if n.UDP == 0 || (n.Host == "" && !n.IP.IsValid()) {
			return fmt.Errorf("%s: node %s… has no UDP port to ask it at; write enode://KEY@HOST:PORT", where, n.ID().Short())
		}
		if id := n.ID(); !seen[id] {
			seen[id] = true
			nodes = append(nodes, n)
		}
		return nil
	})
	return nodes, lists, err
}

// Trusted reads nodes, or their IDs alone: an address is not needed.
func Trusted(o *Option) (ids []enr.ID, err error) {
	seen := map[enr.ID]bool{}
	err = eachItem(o, func(where, item string) error {
		id, ok := parseID(item)
		if !ok {
			if MaybePrivate(item) {
				return fmt.Errorf("%s: want nodes, and this may be a private key, which must stay secret; write enode://KEY, or the node's ID, 64 hex digits", where)
			}
			n, err := enr.ParseNode(item)
			if err != nil {
				return fmt.Errorf("%s: %w; or give the node's ID, 64 hex digits", where, err)
			}
			id = n.ID()
		}
		if !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
		return nil
	})
	return ids, err
}

// MaybePrivate reports whether a node's text may be a private key in the wrong place, complete or not. A
// public key has 128 digits.
func MaybePrivate(item string) bool {
	return HasKey(item) || LooksLikeKey(item) && len(item) < 128
}

func parseID(s string) (id enr.ID, ok bool) {
	b, err := hex.DecodeString(strings.TrimPrefix(strings.ToLower(s), "0x"))
	if err != nil || len(b) != len(id) {
		return id, false
	}
	return enr.ID(b), true
}
