// SPDX-License-Identifier: Apache-2.0

// Package ethash verifies proofs of work without the dataset that miners need ("light"
// verification, https://ethereum.org/en/developers/docs/consensus-mechanisms/pow/mining/mining-algorithms/ethash/).
//
// In: a header, and the [Cache] of its epoch. Out: nil, or a *rules.Error.
//
//	cache := ethash.NewCache(ethash.Mainnet(header.Number))
//	err := cache.Check(&header)
//
// A Cache takes 16 MiB in the first epoch and 128 KiB more in each that follows, and takes a
// second or more to make; a check takes some milliseconds. So caches are to be kept, bounded in
// number, and made where nothing waits. A Cache never changes, and goroutines may share it.
//
// Classic's epochs are twice as long from Thanos on (ECIP-1099): [Classic]. [Test] is the small
// epoch that go-ethereum's test mode mines with.
package ethash
