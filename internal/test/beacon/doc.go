// SPDX-License-Identifier: Apache-2.0

// Package beacon is a beacon chain in memory whose keys are known, for tests: it answers what a beacon node's light client
// API answers, for any slot, in the shapes of Altair to Gloas.
//
// It shares no code with chain/light: it has its own hashing, tables and signing.
package beacon
