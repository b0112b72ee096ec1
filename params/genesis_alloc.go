// SPDX-License-Identifier: Apache-2.0

package params

import (
	"encoding/hex"
	"encoding/json"

	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/internal/mpt"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// stateRoot computes the root of the state that the "alloc" object of a genesis file
// describes. Accounts are in it even where they are empty.
func stateRoot(raw json.RawMessage) (types.Hash, error) {
	list, err := entries("alloc", raw)
	if err != nil {
		return types.Hash{}, err
	}
	accounts := make([]mpt.Pair, 0, len(list))
	seen := make(map[types.Address]bool, len(list))
	for _, e := range list {
		field := "alloc." + shown(e.key)
		b, err := hex.DecodeString(trim0x(e.key))
		if err != nil || len(b) != len(types.Address{}) {
			return types.Hash{}, wrong(field, "is no address; write 40 hexadecimal digits, with or without 0x")
		}
		a := types.Address(b)
		if seen[a] {
			return types.Hash{}, wrong(field, "is there twice; remove one")
		}
		seen[a] = true
		value, err := account(field, e.value)
		if err != nil {
			return types.Hash{}, err
		}
		accounts = append(accounts, mpt.Pair{Key: a[:], Value: value})
	}
	return mpt.SecureRoot(accounts), nil
}

// account returns the RLP of an account, [nonce, balance, storage root, code hash].
func account(field string, raw json.RawMessage) ([]byte, error) {
	o, err := readObject(field, raw)
	if err != nil {
		return nil, err
	}
	rawBalance, ok := o.get("balance")
	if !ok {
		return nil, wrong(o.at("balance"), "is missing; add it, \"0x0\" for none")
	}
	balance, err := number(o.at("balance"), rawBalance)
	if err != nil {
		return nil, err
	}
	var nonce uint64
	if raw, ok := o.get("nonce"); ok {
		if nonce, err = number64(o.at("nonce"), raw); err != nil {
			return nil, err
		}
	}
	var code []byte
	if raw, ok := o.get("code"); ok {
		if code, err = bytesOf(o.at("code"), raw); err != nil {
			return nil, err
		}
	}
	storage := [32]byte(emptyRoot)
	if raw, ok := o.get("storage"); ok {
		if storage, err = storageRoot(o.at("storage"), raw); err != nil {
			return nil, err
		}
	}
	wei, codeHash := balance.Bytes32(), keccak.Sum256(code)
	dst, list := rlp.OpenList(nil)
	dst = rlp.AppendUint64(dst, nonce)
	dst = rlp.AppendInteger(dst, wei[:])
	dst = rlp.AppendBytes(dst, storage[:])
	dst = rlp.AppendBytes(dst, codeHash[:])
	return rlp.CloseList(dst, list), nil
}

// storageRoot computes the root of an account's storage. A slot that holds zero is not in
// it.
func storageRoot(field string, raw json.RawMessage) (root [32]byte, err error) {
	list, err := entries(field, raw)
	if err != nil {
		return root, err
	}
	slots := make([]mpt.Pair, 0, len(list))
	seen := make(map[types.Hash]bool, len(list))
	for _, e := range list {
		at := field + "." + shown(e.key)
		key, err := slot(at, e.key)
		if err != nil {
			return root, err
		}
		if seen[key] {
			return root, wrong(at, "is there twice; remove one")
		}
		seen[key] = true
		s, err := text(at, e.value)
		if err != nil {
			return root, err
		}
		value, err := slot(at, s)
		if err != nil {
			return root, err
		}
		if !value.IsZero() {
			slots = append(slots, mpt.Pair{Key: key[:], Value: rlp.AppendInteger(nil, value[:])})
		}
	}
	return mpt.SecureRoot(slots), nil
}

// slot reads a storage key or value: up to 64 digits, to be filled up on the left.
func slot(field, s string) (h types.Hash, err error) {
	digits := trim0x(s)
	b, err := hex.DecodeString(digits)
	if err != nil || len(b) > len(h) {
		return h, wrong(field, "\"%s\" is no storage slot or value; write up to 64 hexadecimal digits, an even number", shown(s))
	}
	copy(h[len(h)-len(b):], b)
	return h, nil
}

// trim0x removes 0x where it is there: keys of a genesis file need not have it.
func trim0x(s string) string {
	rest, _ := cutPrefix0x(s)
	return rest
}
