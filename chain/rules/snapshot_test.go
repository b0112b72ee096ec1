// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// A league is signers named by letters, whose blocks follow each other.
type league struct {
	t     *testing.T
	chain *params.Chain
	keys  map[byte]*ecc.PrivateKey
	last  types.Header
	snap  *Snapshot
}

func (l *league) key(name byte) *ecc.PrivateKey {
	if l.keys[name] == nil {
		k, err := ecc.ParsePrivateKey([]byte{0: 1, 31: name})
		if err != nil {
			l.t.Fatal(err)
		}
		l.keys[name] = k
	}
	return l.keys[name]
}

func (l *league) address(name byte) types.Address { return types.AddressOf(l.key(name).Public()) }

// extra is the extra data of a checkpoint with these signers, before its seal.
func (l *league) extra(names string) []byte {
	var all []types.Address
	for i := range len(names) {
		all = append(all, l.address(names[i]))
	}
	slices.SortFunc(all, compareAddresses)
	extra := make([]byte, vanityBytes)
	for _, a := range all {
		extra = append(extra, a[:]...)
	}
	return append(extra, make([]byte, sealBytes)...)
}

func newLeague(t *testing.T, epoch uint64, names string) *league {
	t.Helper()
	l := &league{t: t, keys: map[byte]*ecc.PrivateKey{}, chain: &params.Chain{Clique: &params.Clique{Period: 1, Epoch: epoch}}}
	l.last = types.Header{Time: 1000, GasLimit: 1e7, Extra: l.extra(names), UncleHash: types.EmptyUncleHash, Difficulty: *uint256.NewInt(1)}
	var err error
	if l.snap, err = NewSnapshot(*l.chain.Clique, &l.last); err != nil {
		t.Fatal(err)
	}
	return l
}

// next is the next block as a script says it: "A" signs, "A+B" votes to add B, "A-B" to drop it,
// "A=AB" signs a checkpoint that lists A and B.
func (l *league) next(script string) types.Header {
	signer := script[0]
	h := types.Header{
		ParentHash: l.last.Hash(), Number: l.last.Number + 1, Time: l.last.Time + 1, GasLimit: l.last.GasLimit,
		UncleHash: types.EmptyUncleHash, Extra: l.extra(""), Difficulty: *uint256.NewInt(outOfTurn),
	}
	if l.snap.InTurn(h.Number, l.address(signer)) {
		h.Difficulty.SetUint64(inTurn)
	}
	switch {
	case len(script) == 1:
	case script[1] == '=':
		h.Extra = l.extra(script[2:])
	default:
		h.Coinbase = l.address(script[2])
		if script[1] == '+' {
			h.Nonce = voteAdd
		}
	}
	l.seal(signer, &h)
	return h
}

func (l *league) seal(signer byte, h *types.Header) {
	seal := l.key(signer).Sign(CliqueSealHash(h))
	copy(h.Extra[len(h.Extra)-sealBytes:], seal[:])
}

// add checks a block and goes on from it.
func (l *league) add(h types.Header) error {
	if err := Check(l.chain, &l.last, &h); err != nil {
		return err
	}
	next, _, err := l.snap.Apply(&h)
	if err == nil {
		l.last, l.snap = h, next
	}
	return err
}

func (l *league) signers() string {
	var names []byte
	for _, a := range l.snap.Signers() {
		for name := range l.keys {
			if l.address(name) == a {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return string(names)
}

// TestVotes: the scenarios of EIP-225.
func TestVotes(t *testing.T) {
	for _, tt := range []struct {
		name    string
		epoch   uint64
		signers string
		blocks  string
		want    string // the signers at the end
		broken  Rule   // by the last block
	}{
		{"no vote", 0, "A", "A", "A", ""},
		{"the second addition needs two", 0, "A", "A+B B A+C", "AB", ""},
		{"the third needs three", 0, "AB", "A+C B+C A+D B+D C A+E B+E", "ABCD", ""},
		{"one drops itself", 0, "A", "A-A", "", ""},
		{"one of two drops none", 0, "AB", "A-B", "AB", ""},
		{"two of two drop one", 0, "AB", "A-B B-B", "A", ""},
		{"two of three drop one", 0, "ABC", "A-C B-C", "AB", ""},
		{"two of four drop none", 0, "ABCD", "A-C B-C", "ABCD", ""},
		{"three of four drop one", 0, "ABCD", "A-D B-D C-D", "ABC", ""},
		{"an addition counts once a signer", 0, "AB", "A+C B A+C B A+C", "AB", ""},
		{"additions at the same time", 0, "AB", "A+C B A+D B A B+D A B+C", "ABCD", ""},
		{"a drop counts once a signer", 0, "AB", "A-B B A-B B A-B", "AB", ""},
		{"drops at the same time", 0, "ABCD", "A-C B C A-D B C A B-D C-D A B-C", "AB", ""},
		{"a dropped signer's drops go", 0, "ABC", "C-B A-C B-C A-B", "AB", ""},
		{"a dropped signer's additions go", 0, "ABC", "C+D A-C B-C A+D", "AB", ""},
		{"a drop causes no other", 0, "ABCD", "A-C B C A-D B-C C A B-D C-D", "ABC", ""},
		{"what became enough happens on touch", 0, "ABCD", "A-C B C A-D B-C C A B-D C-D A C+C", "AB", ""},
		{"or is taken back on touch", 0, "ABCD", "A-C B C A-D B-C C A B-D C-D A B+C", "ABC", ""},
		{"votes end when what they are about changes", 0, "ABCDE", "A+F B+F C+F D-F E-F B-F C-F D+F E+F B-A C-A D-A B+F", "BCDEF", ""},
		{"a checkpoint ends votes", 3, "AB", "A+C B A=AB B+C", "AB", ""},
		{"a stranger", 0, "A", "B", "A", Signer},
		{"twice in a row", 0, "AB", "A A", "AB", Signer},
		{"twice in a row over a checkpoint", 3, "ABC", "A B A=ABC A", "ABC", Signer},
		{"a checkpoint with one too few", 3, "ABC", "A B C=AB", "ABC", Checkpoint},
		{"a checkpoint with another", 3, "ABC", "A B C=ABD", "ABC", Checkpoint},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.epoch == 0 {
				tt.epoch = 30_000
			}
			l := newLeague(t, tt.epoch, tt.signers)
			blocks := strings.Fields(tt.blocks)
			for i, b := range blocks {
				err := l.add(l.next(b))
				if i == len(blocks)-1 && tt.broken != "" {
					refused(t, b, err, tt.broken)
				} else if err != nil {
					t.Fatalf("block %d, %s: %v", i+1, b, err)
				}
			}
			if got := l.signers(); got != tt.want {
				t.Errorf("signers %q, want %q", got, tt.want)
			}
		})
	}
}

// TestCliqueForm: what a clique header may not have, and that one change breaks one rule.
func TestCliqueForm(t *testing.T) {
	const plain, checkpoint = "C", "C=ABC"
	for _, tt := range []struct {
		name, block string
		change      func(l *league, h *types.Header)
		rule        Rule
	}{
		{"too early", plain, func(l *league, h *types.Header) { h.Time = l.last.Time }, Time},
		{"earlier than its parent", plain, func(l *league, h *types.Header) { h.Time = l.last.Time - 1 }, Time},
		{"a mix digest", plain, func(_ *league, h *types.Header) { h.MixDigest[0] = 1 }, MixDigest},
		{"uncles", plain, func(_ *league, h *types.Header) { h.UncleHash[0]++ }, Uncles},
		{"no difficulty", plain, func(_ *league, h *types.Header) { h.Difficulty.Clear() }, Difficulty},
		{"difficulty 3", plain, func(_ *league, h *types.Header) { h.Difficulty.SetUint64(3) }, Difficulty},
		{"a huge difficulty", plain, func(_ *league, h *types.Header) { h.Difficulty.Lsh(uint256.NewInt(1), 64) }, Difficulty},
		{"another's turn", plain, func(_ *league, h *types.Header) { h.Difficulty.SetUint64(3 - h.Difficulty.Uint64()) }, Difficulty},
		{"a nonce that is no vote", plain, func(_ *league, h *types.Header) { h.Nonce[0] = 1 }, Nonce},
		{"signers in between", plain, func(l *league, h *types.Header) { h.Extra = l.extra("A") }, ExtraData},
		{"no room for a seal", plain, func(_ *league, h *types.Header) { h.Extra = h.Extra[:sealBytes+vanityBytes-1] }, ExtraData},
		{"no seal", plain, func(_ *league, h *types.Header) { clear(h.Extra) }, Signer},
		{"a checkpoint's coinbase", checkpoint, func(_ *league, h *types.Header) { h.Coinbase[0] = 1 }, Coinbase},
		{"a checkpoint's vote", checkpoint, func(_ *league, h *types.Header) { h.Nonce = voteAdd }, Nonce},
		{"half a signer", checkpoint, func(_ *league, h *types.Header) { h.Extra = append(h.Extra, make([]byte, 10)...) }, ExtraData},
		{"a checkpoint without room", checkpoint, func(_ *league, h *types.Header) { h.Extra = h.Extra[:10] }, ExtraData},
	} {
		l := newLeague(t, 3, "ABC")
		for _, b := range []string{"A", "B"} {
			if err := l.add(l.next(b)); err != nil {
				t.Fatal(err)
			}
		}
		if tt.block == plain { // as the third block, where no checkpoint is
			l.chain.Clique.Epoch, l.snap.clique.Epoch = 4, 4
		}
		h := l.next(tt.block)
		tt.change(l, &h)
		if tt.name != "no seal" && len(h.Extra) >= vanityBytes+sealBytes {
			l.seal('C', &h)
		}
		refused(t, tt.name, l.add(h), tt.rule)
		if err := l.add(l.next(tt.block)); err != nil {
			t.Errorf("%s: and then the right block: %v", tt.name, err)
		}
	}
}

// TestSnapshotsAreValues: branches that part after one snapshot do not see each other's votes.
func TestSnapshotsAreValues(t *testing.T) {
	l := newLeague(t, 30_000, "AB")
	if err := l.add(l.next("A+C")); err != nil {
		t.Fatal(err)
	}
	fork := *l
	yes, no := l.next("B+C"), l.next("B")
	if err := l.add(yes); err != nil {
		t.Fatal(err)
	}
	if err := fork.add(no); err != nil {
		t.Fatal(err)
	}
	if l.signers() != "ABC" || fork.signers() != "AB" {
		t.Errorf("signers %q and %q, want ABC and AB", l.signers(), fork.signers())
	}
	if next, ok := fork.snap.Expected(); !ok || next != fork.snap.Signers()[1] {
		t.Errorf("block 3 is the turn of %v", next)
	}
	if _, _, err := l.snap.Apply(&no); err == nil {
		t.Error("a block of another branch was applied")
	}
}

func TestLastSignerGone(t *testing.T) {
	l := newLeague(t, 30_000, "A")
	if err := l.add(l.next("A-A")); err != nil {
		t.Fatal(err)
	}
	if _, ok := l.snap.Expected(); ok || l.snap.InTurn(2, l.address('A')) {
		t.Error("a turn, where nothing may sign")
	}
	refused(t, "a block of the signer that is gone", l.add(l.next("A")), Signer)
}

func TestNewSnapshot(t *testing.T) {
	l := newLeague(t, 3, "AB")
	h := l.last
	h.Number = 2
	_, err := NewSnapshot(*l.chain.Clique, &h)
	refused(t, "between checkpoints", err, Checkpoint)
	for _, extra := range [][]byte{nil, make([]byte, vanityBytes+sealBytes), make([]byte, vanityBytes+sealBytes+19)} {
		h.Number, h.Extra = 3, extra
		_, err = NewSnapshot(*l.chain.Clique, &h)
		refused(t, "without signers", err, Checkpoint)
	}
	signers := l.snap.Signers()
	clear(signers)
	if bytes.Equal(l.snap.Signers()[0][:], signers[0][:]) {
		t.Error("the caller's slice is the snapshot's")
	}
}
