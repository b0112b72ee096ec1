// SPDX-License-Identifier: Apache-2.0

package mpt

import "github.com/ethpeer/ethpeer/internal/keccak"

// noNext is passed to add in place of a shared prefix if no key follows.
const noNext = -1

// A builder hashes a trie while its pairs arrive in the order of their keys. One call owns it.
//
// Invariant between two calls of add: open holds the branches that are on the paths of both the
// last and the next key, in the order of their depth, root first. The depth of the last one is
// the length of the prefix that both keys share.
type builder struct {
	open   []branch
	hasher keccak.Hasher
	node   []byte // the node that is being encoded
	root   [32]byte
}

// A branch is a node at which keys differ. While it is open it waits for its children.
type branch struct {
	depth    int // nibbles of the path from the root
	children [16]ref
	value    []byte // of the key that ends here, if there is one
}

func newBuilder() builder { return builder{hasher: keccak.NewHasher()} }

// add puts a value under a key in nibbles, which must be greater than every key before it.
// shared is how many first nibbles it has in common with the next key, or noNext.
func (b *builder) add(key, value []byte, shared int) {
	if b.depth() < shared {
		b.push(shared)
	}
	if at := b.depth(); at == len(key) {
		top := &b.open[len(b.open)-1]
		top.value = append(top.value[:0], value...)
	} else {
		b.attach(key, at, b.leaf(key[at+1:], value))
	}
	for b.depth() > shared {
		b.closeTop(key, shared)
	}
}

// depth returns the depth of the deepest open branch, or noNext.
func (b *builder) depth() int {
	if len(b.open) == 0 {
		return noNext
	}
	return b.open[len(b.open)-1].depth
}

// push opens a branch, in the memory of one that was closed if there is one.
func (b *builder) push(depth int) {
	if len(b.open) < cap(b.open) {
		b.open = b.open[:len(b.open)+1]
	} else {
		b.open = append(b.open, branch{})
	}
	top := &b.open[len(b.open)-1]
	*top = branch{depth: depth, value: top.value[:0]}
}

// closeTop closes the deepest branch and attaches it to its parent, with an extension between
// them if the parent is more than one nibble above. If the next key leaves the path between
// the two, closeTop opens a branch there first, which is then the parent.
func (b *builder) closeTop(key []byte, shared int) {
	top := &b.open[len(b.open)-1]
	depth := top.depth
	child := b.branch(top)
	b.open = b.open[:len(b.open)-1]
	if b.depth() < shared {
		b.push(shared)
	}
	at := b.depth()
	if path := key[at+1 : depth]; len(path) > 0 {
		child = b.extension(path, child)
	}
	b.attach(key, at, child)
}

// attach stores child, the node that was encoded last, in the branch at depth, the deepest open
// one, under the next nibble of key. If no branch is open the child is the root, which is
// hashed whatever its size.
func (b *builder) attach(key []byte, depth int, child ref) {
	if depth == noNext {
		b.root = b.sum()
		return
	}
	b.open[len(b.open)-1].children[key[depth]] = child
}
