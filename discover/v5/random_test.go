// SPDX-License-Identifier: Apache-2.0

package v5

import (
	"math/rand/v2"
	"testing"
)

// TestDialoguesAtRandom runs FuzzDialogue on random inputs in an ordinary test run.
func TestDialoguesAtRandom(t *testing.T) {
	random := rand.NewChaCha8([32]byte{1})
	for range 10 {
		script := make([]byte, 100)
		random.Read(script)
		play(t, script)
	}
}
