// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/ethpeer/ethpeer/enr"
)

// maxNodesFile bounds a file of nodes, in bytes.
const maxNodesFile = 4 << 20

// parsePeers reads nodes to dial.
func parsePeers(o *option) ([]enr.Node, error) {
	return parseNodes(o, func(where string, n enr.Node) error {
		if n.TCP == 0 || (n.Host == "" && !n.IP.IsValid()) {
			return fmt.Errorf("%s: node %s… has no address to dial; write enode://KEY@HOST:PORT", where, n.ID().Short())
		}
		return nil
	})
}

// parseNodes reads nodes that check accepts. A node that is named twice counts once.
func parseNodes(o *option, check func(where string, n enr.Node) error) (nodes []enr.Node, err error) {
	seen := map[enr.ID]bool{}
	err = eachNode(o, func(where, item string) error {
		if maybePrivate(item) {
			return fmt.Errorf("%s: want nodes, and this may be a private key, which is nobody's business; write enode://KEY@HOST:PORT", where)
		}
		n, err := enr.ParseNode(item)
		if err != nil {
			return fmt.Errorf("%s: %w", where, err)
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

// parseTrusted reads nodes, or their IDs alone: an address is not needed.
func parseTrusted(o *option) (ids []enr.ID, err error) {
	seen := map[enr.ID]bool{}
	err = eachNode(o, func(where, item string) error {
		id, ok := parseID(item)
		if !ok {
			if maybePrivate(item) {
				return fmt.Errorf("%s: want nodes, and this may be a private key, which is nobody's business; write enode://KEY, or the node's ID, 64 hex digits", where)
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

// maybePrivate reports whether a node may be a private key in the wrong place, or one that
// was not copied well. A public key has 128 digits.
func maybePrivate(item string) bool {
	return hasKey(item) || isDigits(item) && len(item) < 128
}

func parseID(s string) (id enr.ID, ok bool) {
	b, err := hex.DecodeString(strings.TrimPrefix(strings.ToLower(s), "0x"))
	if err != nil || len(b) != len(id) {
		return id, false
	}
	return enr.ID(b), true
}

// eachNode calls add for every node that the option names, also those in files. where
// begins messages.
func eachNode(o *option, add func(where, item string) error) (err error) {
	for _, item := range o.list() {
		if file, ok := strings.CutPrefix(item, "@"); ok {
			err = readNodes(o, file, add)
		} else {
			err = add(o.where(), item)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// readNodes reads one node per line; a # begins a comment.
func readNodes(o *option, name string, add func(where, item string) error) error {
	where := o.where() + " @" + name
	b, err := readFile(where, name, maxNodesFile, "write one, with an enode:// or enr: form per line")
	if err != nil {
		return err
	}
	number := 0
	for line := range strings.Lines(string(b)) {
		number++
		line, _, _ = strings.Cut(line, "#")
		for _, item := range split(line) {
			if err := add(fmt.Sprintf("%s, line %d", where, number), item); err != nil {
				return err
			}
		}
	}
	return nil
}
