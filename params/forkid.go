// SPDX-License-Identifier: Apache-2.0

package params

// A ForkID names the rules that a node follows on its chain, in the words of EIP-2124:
// the CRC-32 of the genesis hash and of all forks that it has passed, and where the next
// fork is.
type ForkID struct {
	Hash [4]byte
	Next uint64 // block number or Unix seconds of the next fork; 0: none known
}
