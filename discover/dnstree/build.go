// SPDX-License-Identifier: Apache-2.0

package dnstree

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
)

// built is the number of children of a branch that we write: the answer must fit into a UDP packet
// of 512 bytes with its name and headers (EIP-1459, "DNS Record Structure").
const built = 13

// A Tree is a list to publish.
type Tree struct {
	root    Root
	entries map[Hash]string // all but the root
}

// Build makes a list of nodes and links, in any order; equal ones count once. Seq must be larger
// than that of the list published before (EIP-1459, "DNS Record Structure").
func Build(seq uint64, nodes []*enr.Record, links []URL) *Tree {
	t := &Tree{entries: make(map[Hash]string)}
	sorted := slices.SortedFunc(slices.Values(nodes), func(a, b *enr.Record) int {
		idA, idB := a.ID(), b.ID()
		return cmp.Or(bytes.Compare(idA[:], idB[:]), bytes.Compare(a.Raw(), b.Raw()))
	})
	texts := make([]string, len(sorted))
	for i, r := range sorted {
		texts[i] = r.Text()
	}
	urls := make([]string, len(links))
	for i, u := range links {
		urls[i] = u.String()
	}
	slices.Sort(urls)
	t.root = Root{Nodes: t.add(slices.Compact(texts)), Links: t.add(slices.Compact(urls)), Seq: seq}
	return t
}

// add puts leaves and the branches above them into the tree, level by level, and returns the top
// entry's hash: a single leaf has no branch above it, and no leaves make an empty branch.
func (t *Tree) add(leaves []string) Hash {
	if len(leaves) == 0 {
		return t.put(Branch{}.String())
	}
	level := make(Branch, len(leaves))
	for i, text := range leaves {
		level[i] = t.put(text)
	}
	for len(level) > 1 {
		var above Branch
		for children := range slices.Chunk(level, built) {
			if len(children) == 1 {
				above = append(above, children[0])
				continue
			}
			above = append(above, t.put(children.String()))
		}
		level = above
	}
	return level[0]
}

func (t *Tree) put(text string) Hash {
	h := HashOf(text)
	t.entries[h] = text
	return h
}

// Root returns the root, not yet signed.
func (t *Tree) Root() Root { return t.root }

// Publish signs the list and returns its URL and, by their names, the TXT strings to
// publish.
func (t *Tree) Publish(key *ecc.PrivateKey, domain string) (URL, map[string]string) {
	zone := make(map[string]string, len(t.entries)+1)
	zone[domain] = t.root.Sign(key)
	for h, text := range t.entries {
		zone[h.Name(domain)] = text
	}
	return URL{Key: key.Public(), Domain: domain}, zone
}
