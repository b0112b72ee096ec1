// SPDX-License-Identifier: Apache-2.0

package mpt

import "github.com/ethpeer/ethpeer/internal/keccak"

// noNext is what add is told instead of a shared prefix when no key follows.
const noNext = -1

// A builder hashes a trie while its pairs arrive in the order of their keys.
//
// Invariant, between two calls of add: open holds, root first and deeper by at least one
// each, the branches on the path of the last key that the next key passes, too; the
// deepest is at the length of the prefix that both share.
type builder struct {
	open   []branch
	hasher keccak.Hasher
	node   []byte // the node that is being encoded
	root   [32]byte
}

// A branch is a node at which keys part: it waits for its children.
type branch struct {
	depth    int // nibbles of the path that leads here
	children [16]ref
	value    []byte // of the key that ends here, if there is one
}

func newBuilder() builder { return builder{hasher: keccak.NewHasher()} }

// add puts a value under a key, in nibbles, greater than every key before it. shared is how
// many nibbles it has in common with the key that comes next, or noNext.
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

// push opens a branch. It reuses the memory of one that was closed.
func (b *builder) push(depth int) {
	if len(b.open) < cap(b.open) {
		b.open = b.open[:len(b.open)+1]
	} else {
		b.open = append(b.open, branch{})
	}
	top := &b.open[len(b.open)-1]
	*top = branch{depth: depth, value: top.value[:0]}
}

// closeTop ends the deepest branch, puts an extension before it where its parent is more
// than one nibble above, and hands it to that parent, which it opens first if the next key
// leaves the path there.
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

// attach makes child, the node that was encoded last, the one on the path of key in the
// branch at depth, the deepest that is open. Without an open branch the child is the root,
// which is known by its hash whatever its size.
func (b *builder) attach(key []byte, depth int, child ref) {
	if depth == noNext {
		b.root = b.sum()
		return
	}
	b.open[len(b.open)-1].children[key[depth]] = child
}
