// SPDX-License-Identifier: Apache-2.0

package params

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// What a fork ID can say against its sender (EIP-2124, validation rules). Match with
// errors.Is.
var (
	// ErrRemoteStale: the peer is behind us and does not know the fork that comes next
	// for it. It needs an update.
	ErrRemoteStale = errors.New("remote needs update")

	// ErrLocalIncompatibleOrStale: the peer follows another chain, or forks of ours that
	// we do not know.
	ErrLocalIncompatibleOrStale = errors.New("local incompatible or needs update")
)

// A ForkID names the rules that a node follows on its chain, in the words of EIP-2124:
// the CRC-32 of the genesis hash and of all forks that it has passed, and where the next
// fork is.
type ForkID struct {
	Hash [4]byte
	Next uint64 // block number or Unix seconds of the next fork; 0: none known
}

// String returns the form in which operators see it: "0x07c9462e/0".
func (id ForkID) String() string { return fmt.Sprintf("0x%x/%d", id.Hash, id.Next) }

// ForkID returns the fork ID of a node whose head has this number and time (Unix
// seconds). A head exactly on a fork has passed it.
func (c *Chain) ForkID(number, time uint64) ForkID {
	at, blocks := c.Forks.points(c.GenesisTime)
	sum := crc32.ChecksumIEEE(c.GenesisHash[:])
	for i, fork := range at {
		if !passed(fork, i < blocks, number, time) {
			return ForkID{Hash: sumBytes(sum), Next: fork}
		}
		sum = addFork(sum, fork)
	}
	return ForkID{Hash: sumBytes(sum)}
}

// timesBegin is the time of mainnet's genesis block. A FORK_NEXT beyond it is taken for a
// time even while our own next fork is one by number.
const timesBegin = 1438269973

// CheckForkID says whether a peer that announces this fork ID can be on our chain, given
// the number and time of our head. It returns nil, [ErrRemoteStale] or
// [ErrLocalIncompatibleOrStale]. As in [Chain.ForkID] a head exactly on a fork has passed
// it, so that two nodes of one chain never disagree about a peer because of the block
// they happen to be at.
func (c *Chain) CheckForkID(remote ForkID, number, time uint64) error {
	at, blocks := c.Forks.points(c.GenesisTime)
	done := 0 // forks that we have passed
	for done < len(at) && passed(at[done], done < blocks, number, time) {
		done++
	}
	sum := crc32.ChecksumIEEE(c.GenesisHash[:])
	for i := 0; ; i++ {
		switch {
		case sumBytes(sum) != remote.Hash:
		case i < done && at[i] != remote.Next: // rule 2, not met
			return ErrRemoteStale
		case i == done: // rule 1
			byTime := done >= blocks && blocks < len(at)
			return checkNext(remote.Next, byTime, number, time)
		default: // rule 2: the peer syncs; rule 3: we do
			return nil
		}
		if i == len(at) {
			return ErrLocalIncompatibleOrStale // rule 4
		}
		sum = addFork(sum, at[i])
	}
}

// checkNext is rule 1 of EIP-2124: we are where the peer is, but if we have passed a fork
// that it has yet to pass, then we did not notice, and the chains have parted.
func checkNext(next uint64, byTime bool, number, time uint64) error {
	head := number
	switch {
	case byTime:
		head = time
	case next > timesBegin:
		head = max(number, time)
	}
	if next > 0 && head >= next {
		return ErrLocalIncompatibleOrStale
	}
	return nil
}

func passed(fork uint64, byNumber bool, number, time uint64) bool {
	if byNumber {
		return fork <= number
	}
	return fork <= time
}

func addFork(sum uint32, fork uint64) uint32 {
	return crc32.Update(sum, crc32.IEEETable, binary.BigEndian.AppendUint64(nil, fork))
}

func sumBytes(sum uint32) (b [4]byte) {
	binary.BigEndian.PutUint32(b[:], sum)
	return b
}
