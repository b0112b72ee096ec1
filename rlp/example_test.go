// SPDX-License-Identifier: Apache-2.0

package rlp_test

import (
	"errors"
	"fmt"

	"github.com/ethpeer/ethpeer/rlp"
)

// Write a list of two integers, and read it back.
func Example() {
	dst, list := rlp.OpenList(nil)
	dst = rlp.AppendUint64(dst, 5)
	dst = rlp.AppendUint64(dst, 1024)
	payload := rlp.CloseList(dst, list)
	fmt.Printf("%x\n", payload)

	c := rlp.Read(payload)
	c.List("range")
	earliest, latest := c.Uint64("earliest"), c.Uint64("latest")
	c.End()
	fmt.Println(earliest, latest, c.Done())
	// Output:
	// c405820400
	// 5 1024 <nil>
}

// The first error sticks and names the field and the byte, so one look at the end suffices.
func ExampleCursor_Done() {
	c := rlp.Read([]byte{0xc3, 0x05, 0x82, 0x00})
	c.List("range")
	_, latest := c.Uint64("earliest"), c.Uint64("latest")
	c.End()
	err := c.Done()
	fmt.Println(latest, err, errors.Is(err, rlp.ErrTruncated))
	// Output:
	// 0 rlp: range.latest: item is longer than the input (byte 2) true
}
