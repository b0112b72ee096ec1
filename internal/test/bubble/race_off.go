// SPDX-License-Identifier: Apache-2.0

//go:build !race

package bubble

// Race reports whether the race detector is on, which makes everything several times
// slower: tests then do less.
const Race = false
