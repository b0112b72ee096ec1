// SPDX-License-Identifier: Apache-2.0

//go:build interop && soak

package runs

import "testing"

// TestSoakProofOfWork has two miners compete for a minute, under each kind of proof of work.
func TestSoakProofOfWork(t *testing.T) { proofOfWork(t, minute) }
