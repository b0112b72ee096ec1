// SPDX-License-Identifier: Apache-2.0

package said

// Told says that the rest is no news, on a leash.
type Told struct {
	blockNews int
}

func restOf(n int) int { return n }

func local() int {
	rest, news, claim := 1, 2, 3
	return restOf(rest + news + claim)
}
