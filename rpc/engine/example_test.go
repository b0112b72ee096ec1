// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/ethpeer/ethpeer/rpc/engine"
)

// A node listens for its consensus client before it opens its chain.
func Example() {
	dir, err := os.MkdirTemp("", "engine")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	secret, created, err := engine.LoadSecret(filepath.Join(dir, "jwt.hex"))
	if err != nil {
		panic(err)
	}
	s, err := engine.New(engine.Config{Listen: "127.0.0.1:0", Secret: secret, ChainID: 11155111, NetworkID: 11155111})
	if err != nil {
		panic(err)
	}
	_, err = s.Listen()
	fmt.Println("secret made:", created, "error:", err)
	s.Attach(engine.Backend{}) // when the chain is open; Run serves until its context ends
	// Output: secret made: true error: <nil>
}
