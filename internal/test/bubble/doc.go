// SPDX-License-Identifier: Apache-2.0

// Package bubble runs tests under the fake clock of testing/synctest, one thread at a time
// when the race detector watches.
//
// A bubble's timers share one context in the race detector. In Go 1.26, goroutines that
// receive from timers which are due enter it as they come, and two of them at once crash the
// process (https://github.com/golang/go/issues/78156). With one thread they cannot, and
// races are found all the same: the detector looks at what orders accesses, not at when
// they happen. Without the detector nothing is different.
package bubble
