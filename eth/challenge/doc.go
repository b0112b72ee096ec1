// SPDX-License-Identifier: Apache-2.0

// Package challenge is the role that drops peers whose chain lacks a known block.
//
// In: sessions, and the headers with which their peers answer. Out: a request for one header for each required
// block and for the checkpoint, as a session opens; the end of the session if the answer is wrong.
//
// A required block (--required-block, params.Chain.Required) tells two chains apart that share a genesis block and a
// fork ID. A checkpoint tells whether a peer is worth a fast sync.
//
//	                              required block    checkpoint
//	the header has the hash       stays             stays
//	another header                dropped           dropped
//	no header                     stays             dropped while Config.FastSyncing
//	no reply within 15 s          dropped           dropped
//
// Up to eth/65 a peer that does not answer for a required block stays, as in geth 1.9.25: there, a reply names
// no request.
//
// The role takes no messages and has no state: each request has its outcome in a callback.
package challenge
