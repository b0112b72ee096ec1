// SPDX-License-Identifier: Apache-2.0

package oracle

import (
	"bytes"
	"crypto/rand"
	"math/big"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	gethtypes "github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/crypto/kzg4844"
	gethrlp "github.com/ethereum/go-ethereum/rlp"
	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/types"
)

// TestRealTxs: 422 transactions of mainnet, 93 of Sepolia.
func TestRealTxs(t *testing.T) {
	var txs gethtypes.Transactions
	for _, b := range mainnet(t) {
		txs = append(txs, b.Transactions()...)
	}
	for _, raw := range sepoliaBodies(t) {
		var b gethtypes.Body
		if err := gethrlp.DecodeBytes(raw, &b); err != nil {
			t.Fatal(err)
		}
		txs = append(txs, b.Transactions...)
	}
	kinds := map[uint8]int{}
	txs = append(txs, madeTxs(t)...)
	for _, tx := range append(txs, madeBlobTxs(t)...) {
		item, err := gethrlp.EncodeToBytes(tx)
		if err != nil {
			t.Fatal(err)
		}
		binary, err := tx.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if !sameTx(t, item, true) || !sameTx(t, binary, false) {
			t.Fatalf("geth refuses its own transaction %s", tx.Hash())
		}
		kinds[tx.Type()]++
	}
	t.Logf("%d transactions, by type: %v", len(txs), kinds)
}

// madeTxs are transactions of all types, signed by a fresh key: recipients and contract
// creations, lists of both kinds, a blob transaction without its sidecar.
func madeTxs(t testing.TB) gethtypes.Transactions {
	t.Helper()
	key, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	chain := big.NewInt(1)
	signer := gethtypes.LatestSignerForChainID(chain)
	to := common.Address{1, 2, 3}
	access := gethtypes.AccessList{{Address: to, StorageKeys: []common.Hash{{1}, {2}}}, {Address: to}}
	auth, err := gethtypes.SignSetCode(key, gethtypes.SetCodeAuthorization{ChainID: *uint256.NewInt(1), Address: to, Nonce: 9})
	if err != nil {
		t.Fatal(err)
	}
	var txs gethtypes.Transactions
	add := func(s gethtypes.Signer, data gethtypes.TxData) {
		txs = append(txs, gethtypes.MustSignNewTx(key, s, data))
	}
	for _, to := range []*common.Address{&to, nil} {
		legacy := &gethtypes.LegacyTx{Nonce: 1, GasPrice: big.NewInt(1e9), Gas: 21000, To: to, Value: big.NewInt(1e18), Data: []byte{1}}
		add(gethtypes.HomesteadSigner{}, legacy)
		add(signer, legacy)
		add(signer, &gethtypes.AccessListTx{ChainID: chain, Nonce: 1 << 40, GasPrice: new(big.Int), Gas: 1, To: to, Value: new(big.Int), AccessList: access})
		add(signer, &gethtypes.DynamicFeeTx{ChainID: chain, GasTipCap: big.NewInt(1), GasFeeCap: big.NewInt(2), Gas: 3, To: to, Value: big.NewInt(4), Data: make([]byte, 300)})
	}
	add(signer, &gethtypes.SetCodeTx{ChainID: uint256.NewInt(1), GasTipCap: uint256.NewInt(1), GasFeeCap: uint256.NewInt(2), To: to, Value: new(uint256.Int), AccessList: access, AuthList: []gethtypes.SetCodeAuthorization{auth, {}}})
	add(signer, blobTx(nil))
	return txs
}

func blobTx(sidecar *gethtypes.BlobTxSidecar) *gethtypes.BlobTx {
	tx := &gethtypes.BlobTx{ChainID: uint256.NewInt(1), GasTipCap: uint256.NewInt(1), GasFeeCap: uint256.NewInt(2), Value: new(uint256.Int), BlobFeeCap: uint256.NewInt(3), BlobHashes: []common.Hash{{1}, {2}}, Sidecar: sidecar}
	if sidecar != nil {
		tx.BlobHashes = sidecar.BlobHashes()
	}
	return tx
}

// madeBlobTxs are blob transactions with both kinds of sidecars, and one whose sidecar is
// another's.
func madeBlobTxs(t *testing.T) gethtypes.Transactions {
	t.Helper()
	key, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	var txs gethtypes.Transactions
	for _, version := range []byte{gethtypes.BlobSidecarVersion0, gethtypes.BlobSidecarVersion1} {
		data := blobTx(madeSidecar(t, version))
		txs = append(txs, gethtypes.MustSignNewTx(key, gethtypes.LatestSignerForChainID(big.NewInt(1)), data))
	}
	wrong := blobTx(madeSidecar(t, gethtypes.BlobSidecarVersion0))
	wrong.BlobHashes[1][7]++
	return append(txs, gethtypes.MustSignNewTx(key, gethtypes.LatestSignerForChainID(big.NewInt(1)), wrong))
}

func madeSidecar(t testing.TB, version byte) *gethtypes.BlobTxSidecar {
	t.Helper()
	var blobs []kzg4844.Blob
	var commitments []kzg4844.Commitment
	var proofs []kzg4844.Proof
	for range 2 {
		var blob kzg4844.Blob
		rand.Read(blob[1:32]) //nolint:errcheck // it never fails
		c, err := kzg4844.BlobToCommitment(&blob)
		if err != nil {
			t.Fatal(err)
		}
		some := make([]kzg4844.Proof, 1)
		if some[0], err = kzg4844.ComputeBlobProof(&blob, c); version == gethtypes.BlobSidecarVersion1 {
			some, err = kzg4844.ComputeCellProofs(&blob)
		}
		if err != nil {
			t.Fatal(err)
		}
		blobs, commitments, proofs = append(blobs, blob), append(commitments, c), append(proofs, some...)
	}
	return gethtypes.NewBlobTxSidecar(version, blobs, commitments, proofs)
}

// FuzzTxItem and FuzzTxBinary: both accept the same transactions, in the form of lists and
// in that of hashes, with the same hash, size, fields and sender.
func FuzzTxItem(f *testing.F) {
	for _, tx := range madeTxs(f) {
		item, _ := gethrlp.EncodeToBytes(tx)
		f.Add(item)
	}
	f.Fuzz(func(t *testing.T, b []byte) { sameTx(t, b, true) })
}

func FuzzTxBinary(f *testing.F) {
	for _, tx := range madeTxs(f) {
		b, _ := tx.MarshalBinary()
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) { sameTx(t, b, false) })
}

// sameTx compares what both make of b, and reports whether geth accepts it.
func sameTx(t *testing.T, b []byte, item bool) bool {
	t.Helper()
	var ours types.Tx
	var theirs gethtypes.Transaction
	var err, gethErr error
	if item {
		ours, err = types.DecodeTx(b)
		gethErr = gethrlp.DecodeBytes(b, &theirs)
	} else {
		ours, err = types.DecodeTxBinary(b)
		gethErr = theirs.UnmarshalBinary(b)
	}
	switch {
	case gethErr != nil:
		if err == nil && ours.Known {
			t.Errorf("only we accept %x: geth says %v", b, gethErr)
		}
		return false // types of later forks are kept by us, refused by geth
	case tooLarge(&theirs):
		if err == nil {
			t.Errorf("we accept a number above 256 bits: %x", b)
		}
	case badParity(&theirs):
		if err == nil {
			t.Errorf("we accept a y parity that is none: %x", b)
		}
	case err != nil:
		if theirs.BlobTxSidecar() == nil { // we check the counts of its lists at once, geth later
			t.Errorf("only geth accepts %x: %v", b, err)
		}
	default:
		compareTx(t, &ours, &theirs)
	}
	return true
}

// tooLarge reports whether a number is beyond what the EVM has: geth's decoder takes it,
// its pool does not.
func tooLarge(tx *gethtypes.Transaction) bool {
	v, r, s := tx.RawSignatureValues()
	for _, n := range []*big.Int{tx.ChainId(), tx.Value(), tx.GasTipCap(), tx.GasFeeCap(), v, r, s} {
		if n.BitLen() > 256 {
			return true
		}
	}
	return false
}

// badParity reports whether a typed transaction has another parity than 0 and 1, which geth
// refuses only when it recovers the sender.
func badParity(tx *gethtypes.Transaction) bool {
	v, _, _ := tx.RawSignatureValues()
	return tx.Type() != gethtypes.LegacyTxType && v.BitLen() > 1
}

func compareTx(t *testing.T, ours *types.Tx, theirs *gethtypes.Transaction) {
	t.Helper()
	v, r, s := theirs.RawSignatureValues()
	binary, err := theirs.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	item, err := gethrlp.EncodeToBytes(theirs)
	if err != nil {
		t.Fatal(err)
	}
	to := theirs.To()
	plausible := theirs.Type() != 0 || v.Cmp(big.NewInt(35)) >= 0 || v.Cmp(big.NewInt(27)) == 0 || v.Cmp(big.NewInt(28)) == 0 // else no signature
	same := func(a uint256.Int, b *big.Int) bool { return a.ToBig().Cmp(b) == 0 }
	for _, c := range []struct {
		field string
		same  bool
	}{
		{"type", ours.Known && ours.Type == theirs.Type()},
		{"hash", ours.Hash() == types.Hash(theirs.Hash())},
		{"size", ours.Size() == theirs.Size()},
		{"binary", bytes.Equal(ours.Binary(), binary)},
		{"item", bytes.Equal(ours.AppendItem(nil), item)},
		{"protected", !plausible || ours.Protected() == theirs.Protected()},
		{"chain", !plausible || !ours.Protected() || same(ours.ChainID, theirs.ChainId())},
		{"nonce", ours.Nonce == theirs.Nonce()},
		{"gas", ours.Gas == theirs.Gas()},
		{"tip", same(ours.Tip, theirs.GasTipCap())},
		{"fee cap", same(ours.FeeCap, theirs.GasFeeCap())},
		{"value", same(ours.Value, theirs.Value())},
		{"to", ours.Create == (to == nil) && (to == nil || ours.To == types.Address(*to))},
		{"data", bytes.Equal(ours.Data, theirs.Data())},
		{"v", same(ours.V, v)},
		{"r", same(ours.R, r)},
		{"s", same(ours.S, s)},
		{"blobs", ours.BlobCount() == len(theirs.BlobHashes())},
		{"sidecar", ours.Sidecar.Present() == (theirs.BlobTxSidecar() != nil)},
	} {
		if !c.same {
			t.Errorf("%s differs: we have %+v of %x", c.field, ours, binary)
		}
	}
	compareLists(t, ours, theirs)
	compareSender(t, ours, theirs)
}

// compareLists compares what we keep as contents of lists with what geth writes.
func compareLists(t *testing.T, ours *types.Tx, theirs *gethtypes.Transaction) {
	t.Helper()
	content := func(list any) []byte {
		b, err := gethrlp.EncodeToBytes(list)
		if err != nil {
			t.Fatal(err)
		}
		inside, _, err := gethrlp.SplitList(b)
		if err != nil {
			t.Fatal(err)
		}
		return inside
	}
	if theirs.Type() >= gethtypes.AccessListTxType && !bytes.Equal(ours.AccessList, content(theirs.AccessList())) {
		t.Errorf("access list of %s differs", theirs.Hash())
	}
	if theirs.Type() == gethtypes.BlobTxType && !bytes.Equal(ours.BlobHashes, content(theirs.BlobHashes())) {
		t.Errorf("blob hashes of %s differ", theirs.Hash())
	}
	if theirs.Type() == gethtypes.SetCodeTxType && !bytes.Equal(ours.AuthList, content(theirs.SetCodeAuthorizations())) {
		t.Errorf("authorizations of %s differ", theirs.Hash())
	}
	if sc := theirs.BlobTxSidecar(); sc != nil {
		s := &ours.Sidecar
		if s.Version != sc.Version || s.Count != len(sc.Blobs) || !bytes.Equal(s.Commitments, content(sc.Commitments)) || !bytes.Equal(s.Proofs, content(sc.Proofs)) {
			t.Errorf("sidecar of %s differs", theirs.Hash())
		}
		if have, want := ours.CheckSidecar(), sc.ValidateBlobCommitmentHashes(theirs.BlobHashes()); (have == nil) != (want == nil) {
			t.Errorf("sidecar of %s: we say %v, geth %v", theirs.Hash(), have, want)
		}
	}
}

func compareSender(t *testing.T, ours *types.Tx, theirs *gethtypes.Transaction) {
	t.Helper()
	var signer gethtypes.Signer = gethtypes.HomesteadSigner{}
	if theirs.Protected() {
		if !ours.Protected() || theirs.ChainId().Sign() <= 0 {
			return // no signature, or chain 0, for which geth has no signer
		}
		signer = gethtypes.LatestSignerForChainID(theirs.ChainId())
	}
	from, err := ours.Sender()
	want, gethErr := gethtypes.Sender(signer, theirs)
	if (err == nil) != (gethErr == nil) || err == nil && from != types.Address(want) {
		t.Errorf("%s is from %s (%v), geth says %s (%v)", theirs.Hash(), from, err, want, gethErr)
	}
}
