// SPDX-License-Identifier: Apache-2.0

package oracle

import (
	"bytes"
	"testing"

	gethtypes "github.com/ethereum/go-ethereum/core/types"
	gethrlp "github.com/ethereum/go-ethereum/rlp"
	"github.com/ethereum/go-ethereum/trie"

	"github.com/ethpeer/ethpeer/types"
)

// sepoliaBodies are the bodies of the second era file, from which the fuzzers start, too.
func sepoliaBodies(t testing.TB) [][]byte {
	t.Helper()
	var raws [][]byte
	for _, b := range eras(t)[1].bodies {
		raws = append(raws, b.bytes(t))
	}
	return raws
}

// TestRealBlocks: every body belongs to its header, and to no other; every block that geth
// writes is the one that we write.
func TestRealBlocks(t *testing.T) {
	uncles := 0
	for _, e := range eras(t) {
		var last types.Header
		for i := range e.headers {
			h, err := types.DecodeHeader(e.headers[i].bytes(t))
			if err != nil {
				t.Fatal(err)
			}
			raw := e.bodies[i].bytes(t)
			b, err := types.DecodeBody(raw)
			if err != nil {
				t.Fatalf("body %d: %v", h.Number, err)
			}
			if err := b.CheckTxs(); err != nil {
				t.Fatalf("body %d: %v", h.Number, err)
			}
			if !b.Matches(&h) || i > 0 && b.Matches(&last) && (h.TxRoot != last.TxRoot || h.UncleHash != last.UncleHash) {
				t.Fatalf("body %d does not match its header, or the one before", h.Number)
			}
			if !bytes.Equal(b.Append(nil), raw) {
				t.Fatalf("body %d is not written as it was read", h.Number)
			}
			var theirs gethtypes.Body
			if err := gethrlp.DecodeBytes(raw, &theirs); err != nil {
				t.Fatal(err)
			}
			uncles += len(theirs.Uncles)
			last = h
		}
	}
	t.Logf("%d uncles", uncles)
	for _, block := range mainnet(t) {
		raw, err := gethrlp.EncodeToBytes(block)
		if err != nil {
			t.Fatal(err)
		}
		b, err := types.DecodeBlock(raw)
		if err != nil {
			t.Fatal(err)
		}
		if b.Header.Hash() != types.Hash(block.Hash()) || !b.Body.Matches(&b.Header) || b.Body.TxCount() != len(block.Transactions()) || !b.Body.HasWithdrawals {
			t.Errorf("block %d is %s with %d transactions", block.Number(), b.Header.Hash(), b.Body.TxCount())
		}
		if !bytes.Equal(types.AppendBlock(nil, &b.Header, &b.Body), raw) {
			t.Errorf("block %d is not written as it was read", block.Number())
		}
	}
}

// FuzzBlock: both accept the same blocks, with the same roots, except for headers and
// transactions where they may differ for the reasons that FuzzHeader and FuzzTxItem give.
func FuzzBlock(f *testing.F) {
	e := eras(f)[1]
	for i := 0; i < len(e.bodies); i += 512 {
		body := e.bodies[i].bytes(f)
		content, _, err := gethrlp.SplitList(body)
		if err != nil {
			f.Fatal(err)
		}
		if len(content) > 2 && len(content) < 3000 {
			f.Add(e.headers[i].bytes(f), content)
		}
	}
	withdrawals, _ := gethrlp.EncodeToBytes(gethtypes.Withdrawals{{Index: 1, Validator: 2, Amount: 3}})
	f.Add(e.headers[0].bytes(f), append([]byte{0xc0, 0xc0}, withdrawals...))
	f.Fuzz(func(t *testing.T, header, content []byte) {
		raw, err := gethrlp.EncodeToBytes([]gethrlp.RawValue{header, content})
		if err != nil {
			t.Skip()
		}
		ours, err := types.DecodeBlock(raw)
		if err == nil {
			err = ours.Body.CheckTxs()
		}
		var theirs gethtypes.Block
		gethErr := gethrlp.DecodeBytes(raw, &theirs)
		switch {
		case err != nil && gethErr != nil, err == nil && gethErr == nil:
		case gethErr != nil && knownOnly(&ours):
			t.Fatalf("only we accept %x: geth says %v", raw, gethErr)
		case err != nil && ordinary(&theirs):
			t.Fatalf("only geth accepts %x: %v", raw, err)
		}
		if err != nil || gethErr != nil {
			return
		}
		if have, want := ours.Body.TxRoot(), gethtypes.DeriveSha(theirs.Transactions(), trie.NewStackTrie(nil)); have != types.Hash(want) {
			t.Errorf("root of transactions is %s, geth says %s: %x", have, want, raw)
		}
		if have, want := ours.Body.UncleHash(), gethtypes.CalcUncleHash(theirs.Uncles()); have != types.Hash(want) {
			t.Errorf("hash of uncles is %s, geth says %s: %x", have, want, raw)
		}
		if ours.Body.HasWithdrawals != (theirs.Withdrawals() != nil) {
			t.Errorf("has withdrawals: %v: %x", ours.Body.HasWithdrawals, raw)
		} else if have, want := ours.Body.WithdrawalsRoot(), gethtypes.DeriveSha(theirs.Withdrawals(), trie.NewStackTrie(nil)); ours.Body.HasWithdrawals && have != types.Hash(want) {
			t.Errorf("root of withdrawals is %s, geth says %s: %x", have, want, raw)
		}
	})
}

// knownOnly reports whether a block of ours has nothing that only later forks have.
func knownOnly(b *types.Block) bool {
	if len(b.Header.Rest) > 0 {
		return false
	}
	var uncles types.Scan
	if err := uncles.Headers(b.Body.Uncles, 1<<20); err != nil {
		return true
	}
	for i := range uncles.Len() {
		if h, err := types.DecodeHeader(uncles.Item(i)); err == nil && len(h.Rest) > 0 {
			return false
		}
	}
	var txs types.Scan
	if err := txs.Txs(b.Body.Txs, 1<<20); err != nil {
		return true
	}
	for i := range txs.Len() {
		if tx, err := types.DecodeTx(txs.Item(i)); err == nil && !tx.Known {
			return false
		}
	}
	return true
}

// ordinary reports whether a block of geth's has only numbers of ordinary size, no sidecars, and no
// more uncles than a block of any chain: geth counts them later.
func ordinary(b *gethtypes.Block) bool {
	if len(b.Uncles()) > 2 {
		return false
	}
	for _, h := range append([]*gethtypes.Header{b.Header()}, b.Uncles()...) {
		if h.Number.BitLen() > 64 || h.Difficulty.BitLen() > 256 || h.BaseFee != nil && h.BaseFee.BitLen() > 256 {
			return false
		}
	}
	for _, tx := range b.Transactions() {
		if tooLarge(tx) || badParity(tx) || tx.BlobTxSidecar() != nil {
			return false
		}
	}
	return true
}
