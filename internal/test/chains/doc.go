// SPDX-License-Identifier: Apache-2.0

// Package chains makes blockchains for tests: headers that keep all rules of package chain/rules, with bodies and
// receipts that fit them. Nothing is executed, and no work is done.
//
//	w := chains.Mined()
//	trunk := w.Genesis().Grow(100, chains.Step{Seconds: 13, Txs: 2})
//	branch := trunk[:50].Grow(60, chains.Step{Seconds: 13, Mark: 1})
//
// For tests only.
package chains
