// SPDX-License-Identifier: Apache-2.0

package mpt

import (
	"encoding/hex"
	"slices"
	"testing"
)

// The roots are those of the trie tests in github.com/ethereum/tests (trieanyorder.json,
// trieanyorder_secureTrie.json) and of the patricia trie's description.
var vectors = []struct {
	name   string
	secure bool
	pairs  []Pair
	root   string
}{
	{"nothing", false, nil, "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"},
	{
		"one short pair", false, text("A", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
		"d23786fb4a010da3ce639d66d5e904a11dbc02746d1ce25029e53290cabf28ab",
	},
	{
		"dogs", false, text("doe", "reindeer", "dog", "puppy", "dogglesworth", "cat"),
		"8aad789dff2f538bca5d8ea56e8abe10f4c7ba3a5dea95fea4cd6e7c3a1168d3",
	},
	{
		"puppy", false, text("do", "verb", "horse", "stallion", "doge", "coin", "dog", "puppy"),
		"5991bb8c6514148a29db676a14ac506cd2cd5775ace63c30a4fe457715e9ac84",
	},
	{
		"foo", false, text("foo", "bar", "food", "bass"),
		"17beaa1648bafa633cda809c90c04af50fc8aed3cb40d16efbddee6fdf63c4c3",
	},
	{
		"small values", false, text("be", "e", "dog", "puppy", "bed", "d"),
		"3f67c7a47520f79faa29255d2d3c084a7a6df0453116ed7232ff10277a8be68b",
	},
	{
		"dogs, hashed keys", true, text("doe", "reindeer", "dog", "puppy", "dogglesworth", "cat"),
		"d4cd937e4a4368d7931a9cf51686b7e10abb3dce38a39000fd7902a092b64585",
	},
	{
		"puppy, hashed keys", true, text("do", "verb", "horse", "stallion", "doge", "coin", "dog", "puppy"),
		"29b235a58c3c25ab83010c327d5932bcf05324b7d6b1185e650798034783ca9d",
	},
	{
		"foo, hashed keys", true, text("foo", "bar", "food", "bass"),
		"1385f23a33021025d9e87cca5c66c00de06178807b96a9acc92b7d651ccde842",
	},
}

func text(s ...string) (pairs []Pair) {
	for i := 0; i < len(s); i += 2 {
		pairs = append(pairs, Pair{[]byte(s[i]), []byte(s[i+1])})
	}
	return pairs
}

func TestRoot(t *testing.T) {
	for _, v := range vectors {
		sum := Root
		if v.secure {
			sum = SecureRoot
		}
		for turn := range max(1, len(v.pairs)) { // the order of the pairs must not matter
			pairs := append(slices.Clone(v.pairs[turn:]), v.pairs[:turn]...)
			if root := sum(pairs); hex.EncodeToString(root[:]) != v.root {
				t.Errorf("%s, turn %d: root %x, want %s", v.name, turn, root, v.root)
			}
		}
	}
}
