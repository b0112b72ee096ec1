// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"net/netip"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/chain/light"
	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/chain/rules/ethash"
	"github.com/ethpeer/ethpeer/discover/dnstree"
	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/discover/self"
	"github.com/ethpeer/ethpeer/discover/v4wire"
	"github.com/ethpeer/ethpeer/discover/v5wire"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/rlpx"
	"github.com/ethpeer/ethpeer/types"
)

var codecs = []part{
	{"rlpx", useRLPx},
	{"eth/wire", useWire},
	{"discover/v4wire", useV4Wire},
	{"discover/v5wire", useV5Wire},
	{"discover/dnstree", useTree},
	{"discover/kad", useTable},
	{"discover/self", useSelf},
	{"chain/light", useLight},
	{"chain/rules", useRules},
	{"chain/rules/ethash", useEthash},
}

// useLight starts at a checkpoint with the block of another one.
func useLight(context.Context) error {
	mainnet, ok := light.ByName("mainnet")
	if !ok {
		return want(ok, "mainnet is not known")
	}
	b, err := light.ParseBootstrap([]byte(`{"data":{"header":{"beacon":{"slot":"12000000"}}}}`))
	if err != nil {
		return err
	}
	_, err = light.Start(&mainnet, light.Root{1}, b)
	refused, ok := errors.AsType[*light.Error](err)
	return want(ok && refused.Why == light.BadBranch && refused.Proof(), "another block than the checkpoint: %v", err)
}

// useRules checks a header that a consensus layer did not make.
func useRules(context.Context) error {
	sepolia, ok := params.ByName("sepolia")
	if !ok {
		return want(ok, "sepolia is not known")
	}
	genesis, err := types.DecodeHeader(sepolia.Genesis)
	if err != nil {
		return err
	}
	h := genesis
	h.Raw, h.Number, h.ParentHash = nil, 1, genesis.Hash()
	broken, ok := errors.AsType[*rules.Error](rules.Check(sepolia, &genesis, &h))
	return want(ok && broken.Rule == rules.Time, "a block with its parent's time: %v", broken)
}

// useEthash checks a header without work.
func useEthash(context.Context) error {
	cache, err := ethash.NewCache(ethash.Test(1))
	if err != nil {
		return err
	}
	h := types.Header{Number: 1, Difficulty: *uint256.NewInt(1)}
	return want(cache.Check(&h) != nil, "a header without work is accepted")
}

func useRLPx(context.Context) error {
	alice, err := ecc.NewPrivateKey(rand.Reader)
	if err != nil {
		return err
	}
	bob, err := ecc.NewPrivateKey(rand.Reader)
	if err != nil {
		return err
	}
	initiator, auth, err := rlpx.StartInitiator(rand.Reader, alice, bob.Public())
	if err != nil {
		return err
	}
	who, ack, keys, err := rlpx.AnswerAuth(rand.Reader, bob, auth)
	if err != nil {
		return err
	}
	own, err := initiator.Finish(ack)
	if err != nil {
		return err
	}
	frame, err := rlpx.NewSealer(own).Seal(nil, rlpx.Message{Code: 5, Raw: []byte("hello")})
	if err != nil {
		return err
	}
	opener := rlpx.NewOpener(keys)
	rest, err := opener.Header(frame[:32])
	if err != nil {
		return err
	}
	body, err := opener.Body(frame[32 : 32+rest])
	if err != nil {
		return err
	}
	code, payload, err := opener.Message(body)
	if err != nil {
		return err
	}
	return want(who == alice.Public() && code == 5 && string(payload) == "hello", "%d %q", code, payload)
}

func useWire(context.Context) error {
	payload := wire.AppendNewBlockHashes(nil, []wire.BlockName{{Hash: types.Hash{1}, Number: 7}})
	var storage wire.Storage
	m, err := storage.Decode(68, 0x01, payload)
	if err != nil {
		return err
	}
	return want(m.Kind() == wire.KindNewBlockHashes, "%v", m.Kind())
}

func useV4Wire(context.Context) error {
	key, err := ecc.NewPrivateKey(rand.Reader)
	if err != nil {
		return err
	}
	datagram, _, err := v4wire.Append(nil, key, &v4wire.Ping{Version: v4wire.Version, Expiration: time.Now().Unix() + 20, ENRSeq: 3})
	if err != nil {
		return err
	}
	p, err := v4wire.Decode(datagram)
	if err != nil {
		return err
	}
	ping, ok := p.Message.(*v4wire.Ping)
	return want(ok && ping.ENRSeq == 3 && p.Sender == key.Public(), "%v", p)
}

func useV5Wire(context.Context) error {
	key, record, err := newNode("127.0.0.1", 9001)
	if err != nil {
		return err
	}
	otherKey, otherRecord, err := newNode("127.0.0.1", 9002)
	if err != nil {
		return err
	}
	at, otherAt, now := netip.MustParseAddrPort("127.0.0.1:9001"), netip.MustParseAddrPort("127.0.0.1:9002"), time.Now()
	ours, others := v5wire.NewCodec(rand.Reader, key, record), v5wire.NewCodec(rand.Reader, otherKey, otherRecord)
	ping := &v5wire.Ping{ENRSeq: 1}

	out, _, err := ours.AppendMessage(nil, otherRecord.ID(), otherAt, ping)
	if err != nil {
		return err
	}
	p, err := others.Decode(now, at, out) // cannot be read: there is no session yet
	if err != nil {
		return err
	}
	if out, err = others.AppendWhoareyou(nil, now, p.From, at, p.Nonce, nil); err != nil {
		return err
	}
	if p, err = ours.Decode(now, otherAt, out); err != nil {
		return err
	}
	if out, _, err = ours.AppendHandshake(nil, otherRecord.Node(), otherAt, p.Challenge, ping); err != nil {
		return err
	}
	if p, err = others.Decode(now, at, out); err != nil {
		return err
	}
	_, ok := p.Message.(*v5wire.Ping)
	return want(ok && p.From == record.ID(), "%+v", p)
}

func useTree(context.Context) error {
	key, record, err := newNode("203.0.113.5", 30303)
	if err != nil {
		return err
	}
	url, texts := dnstree.Build(1, []*enr.Record{record}, nil).Publish(key, "nodes.example.org")
	root, err := dnstree.FindRoot([]string{texts["nodes.example.org"]}, url.Key)
	if err != nil {
		return err
	}
	again, err := dnstree.ParseURL(url.String())
	if err != nil {
		return err
	}
	return want(root.Seq == 1 && again == url, "%v %v", root, again)
}

func useTable(context.Context) error {
	_, us, err := newNode("203.0.113.4", 30303)
	if err != nil {
		return err
	}
	_, them, err := newNode("34.1.2.3", 30303)
	if err != nil {
		return err
	}
	now := time.Now()
	table := kad.New(now, kad.Config{Self: us.ID(), Choose: func(int) int { return 0 }})
	c := kad.NewContact(them.Node())
	table.OnHeard(now, c)
	table.OnAlive(now, c)
	near := table.Closest(them.ID())
	return want(len(near) == 1 && near[0].ID == them.ID(), "%v", near)
}

func useSelf(context.Context) error {
	key, err := ecc.NewPrivateKey(rand.Reader)
	if err != nil {
		return err
	}
	record := self.New(self.Config{Key: key, Start: time.Now()})
	record.SetTCP(30303)
	record.SetExternal(netip.MustParseAddr("34.1.2.3"), 30303, 30303)
	return want(record.Node().IP.String() == "34.1.2.3" && record.Record().ID() == record.Node().ID(), "%v", record.Node())
}
