// SPDX-License-Identifier: Apache-2.0

package pebble_test

import (
	"fmt"
	"os"

	"github.com/ethpeer/ethpeer/nodedb/pebble"
)

// What one run writes, the next one loads. nodedb.New takes such a disk.
func Example() {
	dir, err := os.MkdirTemp("", "nodes-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	trouble := func(what string) { fmt.Println(what) }

	disk, err := pebble.Open(dir, trouble)
	if err != nil {
		panic(err)
	}
	fmt.Println(disk.Write(map[string][]byte{"key": []byte("value")}, nil), disk.Close())

	if disk, err = pebble.Open(dir, trouble); err != nil {
		panic(err)
	}
	err = disk.Load(func(key, value []byte) { fmt.Printf("%s = %s\n", key, value) })
	fmt.Println(err, disk.Close())
	// Output:
	// <nil> <nil>
	// key = value
	// <nil> <nil>
}
