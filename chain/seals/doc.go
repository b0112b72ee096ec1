// SPDX-License-Identifier: Apache-2.0

// Package seals checks the proofs of work of a chain's headers, with the caches that this takes.
//
// In: headers of any number. Out: nil, or a *rules.Error. A cache belongs to an epoch of 30,000 or 60,000 blocks, takes
// 16 to 100 MiB, and a second or more to make, which a goroutine of its own does, one cache at a time; checks of headers of
// that epoch wait for it. In the last quarter of an epoch the cache of the next one is made ahead. [Caches] are kept, the
// least recently used goes first.
//
//	s := seals.New(seals.Config{Params: params})
//	defer s.Close()
//	c, err := chain.Open(chain.Config{Params: params, Seals: s})
//
// Epochs are those of Ethash and, from Thanos on, of Etchash (ECIP-1099); or go-ethereum's test sizes.
package seals
