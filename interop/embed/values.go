// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/rand"
	"net/netip"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

var values = []part{
	{"rlp", useRLP},
	{"ecc", useECC},
	{"enr", useENR},
	{"types", useTypes},
	{"params", useParams},
	{"event", useEvent},
}

func useRLP(context.Context) error {
	out, list := rlp.OpenList(nil)
	out = rlp.AppendString(out, "cat")
	out = rlp.AppendUint64(out, 5)
	out = rlp.CloseList(out, list)
	in := rlp.Read(out)
	in.List("animal")
	name, legs := in.Bytes("name"), in.Uint64("legs")
	in.End()
	if err := in.Done(); err != nil {
		return err
	}
	return want(string(name) == "cat" && legs == 5, "%s %d", name, legs)
}

func useECC(context.Context) error {
	key, err := ecc.NewPrivateKey(rand.Reader)
	if err != nil {
		return err
	}
	digest := [32]byte{1}
	sig := key.Sign(digest)
	signer, err := ecc.Recover(digest, sig[:])
	if err != nil {
		return err
	}
	return want(signer == key.Public() && signer.Verify(digest, sig[:64]), "another signer")
}

// newNode is a node with a signed record.
func newNode(ip string, port uint16) (*ecc.PrivateKey, *enr.Record, error) {
	key, err := ecc.NewPrivateKey(rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	var b enr.Builder
	b.SetIP(netip.MustParseAddr(ip))
	b.SetTCP(port)
	b.SetUDP(port)
	record, err := b.Sign(key, 1)
	return key, record, err
}

func useENR(context.Context) error {
	key, record, err := newNode("203.0.113.5", 30303)
	if err != nil {
		return err
	}
	again, err := enr.ParseText(record.Text())
	if err != nil {
		return err
	}
	node, err := enr.ParseNode(again.Node().URL())
	if err != nil {
		return err
	}
	return want(node.ID() == record.ID() && node.Key == key.Public() && node.TCP == 30303, "%v", node)
}

func useTypes(context.Context) error {
	key, err := ecc.NewPrivateKey(rand.Reader)
	if err != nil {
		return err
	}
	tx, err := types.Sign(types.Tx{
		Type: 2, ChainID: *uint256.NewInt(1), Gas: 21_000, FeeCap: *uint256.NewInt(30_000_000_000), Value: *uint256.NewInt(1),
	}, key)
	if err != nil {
		return err
	}
	again, err := types.DecodeTx(tx.Raw)
	if err != nil {
		return err
	}
	return want(again.Hash() == tx.Hash() && again.Nonce == 0 && again.Gas == 21_000, "%v", again)
}

func useParams(context.Context) error {
	chain, ok := params.ByName("sepolia")
	if !ok {
		return want(false, "no sepolia")
	}
	custom, err := params.ParseGenesis([]byte(`{"config": {"chainId": 7}, "difficulty": "1", "gasLimit": "1", "alloc": {}}`))
	if err != nil {
		return err
	}
	ours := chain.ForkID(9_000_000, 1760427360)
	return want(chain.CheckForkID(ours, 9_000_000, 1760427360) == nil && chain.Rules(9_000_000, 1760427360).Osaka && custom.NetworkID == 7, "%s", ours)
}

func useEvent(context.Context) error {
	var seen event.Event
	record := event.Recorder(func(e event.Event) { seen = e })
	record.Record(event.Loss{Count: 3})
	loss, ok := seen.(event.Loss)
	return want(ok && loss.Kind() == event.KindLoss && loss.Count == 3, "%v", seen)
}
