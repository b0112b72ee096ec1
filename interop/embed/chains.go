// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/archive"
	"github.com/ethpeer/ethpeer/chain/pebble"
	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/chain/seals"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

var stores = []part{
	{"chain/pebble and chain/seals", useStore},
	{"chain/archive", useArchive},
}

// useStore keeps a chain in a directory, and checks proofs of work.
func useStore(context.Context) error {
	dir, err := os.MkdirTemp("", "chain-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	sepolia, _ := params.ByName("sepolia")
	work := seals.New(seals.Config{Params: sepolia, Test: true})
	defer work.Close()
	trouble := ""
	c, err := pebble.OpenChain(dir, chain.Config{Params: sepolia, Seals: work}, func(what string) { trouble = what })
	if err != nil {
		return err
	}
	cur := c.Follow()
	defer cur.Close()
	genesis, err := types.DecodeHeader(c.HeaderAt(0))
	if err != nil {
		return err
	}
	child := types.Header{ParentHash: genesis.Hash(), Number: 1, Time: genesis.Time}
	_, err = c.InsertHeaders(time.Now(), [][]byte{child.Append(nil)})
	broken, ok := errors.AsType[*rules.Error](err)
	return errors.Join(
		want(ok && broken.Rule == rules.Time, "a block of the parent's time: %v", err),
		want(c.Head().Number == 0 && trouble == "", "head %d, trouble %q", c.Head().Number, trouble), c.Close())
}

// useArchive writes a chain to a file in RLP, and reads it.
func useArchive(ctx context.Context) error {
	sepolia, _ := params.ByName("sepolia")
	c, err := chain.Open(chain.Config{Params: sepolia})
	if err != nil {
		return err
	}
	var file bytes.Buffer
	if _, err := archive.ExportRLP(ctx, c, &file, 0, 0, archive.Options{}); err != nil {
		return err
	}
	done, err := archive.Import(ctx, c, bytes.NewReader(file.Bytes()), archive.Options{})
	return errors.Join(err, want(done.Blocks == 1, "imported %d blocks", done.Blocks), c.Close())
}
