// SPDX-License-Identifier: Apache-2.0

package archive_test

import (
	"bytes"
	"context"
	"fmt"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/archive"
	"github.com/ethpeer/ethpeer/params"
)

// A chain is written to a file and read from it.
func Example() {
	sepolia, _ := params.ByName("sepolia")
	c, err := chain.Open(chain.Config{Params: sepolia})
	if err != nil {
		panic(err)
	}
	var file bytes.Buffer
	_, err = archive.ExportRLP(context.Background(), c, &file, 0, c.Head().Number, archive.Options{})
	if err != nil {
		panic(err)
	}
	done, err := archive.Import(context.Background(), c, bytes.NewReader(file.Bytes()), archive.Options{})
	fmt.Println(done.Blocks, done.Number, err)

	mainnet, _ := params.ByName("mainnet")
	other, err := chain.Open(chain.Config{Params: mainnet})
	if err != nil {
		panic(err)
	}
	_, err = archive.Import(context.Background(), other, bytes.NewReader(file.Bytes()), archive.Options{})
	fmt.Println(err)
	// Output:
	// 1 0 <nil>
	// block 0, at byte 0: is the genesis block 0x25a5cc106eea7138acab33231d7160d69cb777ee0c2c553fcddf5138993e6dd9 of another chain; that of mainnet is 0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3
}
