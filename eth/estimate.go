// SPDX-License-Identifier: Apache-2.0

package eth

import "time"

// An estimate bounds the time for a peer's reply from its earlier ones: the mean and four mean
// deviations (RFC 6298, section 2), between 5 s and 20 s. A late reply counts, so that a slow peer
// gets more time for the next one.
type estimate struct {
	mean, deviation time.Duration
}

func (e *estimate) add(took time.Duration) {
	took = max(0, took)
	if e.mean == 0 {
		e.mean, e.deviation = took, took/2
		return
	}
	off := took - e.mean
	e.deviation += (max(off, -off) - e.deviation) / 4
	e.mean += off / 8
}

func (e *estimate) timeout() time.Duration {
	return min(maxTimeout, max(requestTimeout, e.mean+4*e.deviation))
}
