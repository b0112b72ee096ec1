// SPDX-License-Identifier: Apache-2.0

// Package vectors reads the test vectors of specifications from testdata:
//
//	# who speaks
//	initiator.key = 49a7b37aa6f6645917e7b807e9d1c00d4fa71f18343b0d4122a4d2df64dd6fee
//	packet = 01b304ab7578555167be8154d5cc456f567d5ba302662433674222360f08d5f1
//	  534499d3678b513b
//
// An indented line continues the value above it; one that begins with # is the reader's.
//
// For tests only.
package vectors
