// SPDX-License-Identifier: Apache-2.0

package ethash

import "github.com/ethpeer/ethpeer/internal/keccak"

// Sizes of caches and datasets, in bytes.
const (
	cacheStart    = 1 << 24
	cacheGrowth   = 1 << 17
	datasetStart  = 1 << 30
	datasetGrowth = 1 << 23
	hashBytes     = 64  // a row of a cache
	mixBytes      = 128 // a row of a dataset
)

// Lengths of epochs, in blocks.
const (
	mainnetEpoch = 30_000
	thanosEpoch  = 60_000 // ECIP-1099
)

// MaxEpoch is the last epoch that has a cache here: mainnet ended in epoch 517, Classic reaches
// this one in 2,048 × 60,000 blocks, of which it has a sixth. A cache then takes 272 MiB.
const MaxEpoch = 2047

// An Epoch is a range of blocks that share a cache. Two are equal if their caches are.
type Epoch struct {
	Number uint64 // which sizes follow from

	seeds uint64 // how many times the seed was hashed
	test  bool
}

// Mainnet returns the epoch of a block of a chain with epochs of 30,000 blocks.
func Mainnet(number uint64) Epoch {
	n := number / mainnetEpoch
	return Epoch{Number: n, seeds: n}
}

// Classic returns the epoch of a block of a chain with epochs of 60,000 blocks from a block on
// (https://ecips.ethereumclassic.org/ECIPs/ecip-1099).
func Classic(number, thanos uint64) Epoch {
	if number < thanos {
		return Mainnet(number)
	}
	n := number / thanosEpoch
	return Epoch{Number: n, seeds: n * (thanosEpoch / mainnetEpoch)}
}

// Test returns the epoch of a block in go-ethereum's test mode: a cache of 1 KiB.
func Test(number uint64) Epoch {
	e := Mainnet(number)
	e.test = true
	return e
}

// seed returns what the first row of the cache is made of.
func (e Epoch) seed() []byte {
	var s [32]byte
	for range e.seeds {
		s = keccak.Sum256(s[:])
	}
	return s[:]
}

// CacheBytes returns the size of the epoch's cache.
func (e Epoch) CacheBytes() uint64 {
	if e.test {
		return 1024
	}
	return primeRows(cacheStart+cacheGrowth*e.Number, hashBytes)
}

// datasetBytes returns the size of the epoch's dataset, which is never made here.
func (e Epoch) datasetBytes() uint64 {
	if e.test {
		return 32 * 1024
	}
	return primeRows(datasetStart+datasetGrowth*e.Number, mixBytes)
}

// primeRows returns the largest size below limit that is a prime number of rows.
func primeRows(limit, row uint64) uint64 {
	rows := limit/row - 1
	for !isPrime(rows) {
		rows -= 2
	}
	return rows * row
}

func isPrime(n uint64) bool {
	for d := uint64(3); d*d <= n; d += 2 {
		if n%d == 0 {
			return false
		}
	}
	return n%2 == 1
}
