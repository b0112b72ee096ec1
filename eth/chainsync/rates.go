// SPDX-License-Identifier: Apache-2.0

// in: how long replies took, and how much they held · out: how much to ask for, and for how long to wait · owner: the loop

package chainsync

import (
	"slices"
	"time"
)

// A work is a kind of what is asked for. A peer has one request of each in flight at most.
type work uint8

const (
	headers work = iota
	bodies
	receipts
	accessLists
	works
)

var workNames = [works]string{"headers", "bodies", "receipts", "access lists"}

// String returns the plural of what is asked for.
func (w work) String() string { return workNames[w] }

// The most items of one request (devp2p/caps/eth.md). Clients of eth/65 and before give 192 headers.
var maxItems = [works]int{headers: 512, bodies: 128, receipts: 256, accessLists: 128}

// How requests are sized and timed. A round trip is measured by whole replies, so it has much of their transfer in it.
const (
	minRTT     = 2 * time.Second
	maxRTT     = 20 * time.Second
	startRTT   = 6 * time.Second // before a reply has come
	maxTTL     = time.Minute
	ttlScaling = 3
	rttTarget  = 0.9 // what part of the round trip is aimed at
	impact     = 0.1 // of one measurement
	minTrust   = 0.1
	settled    = 10 // peers from which on a newcomer lowers the confidence no more
)

// A rate is what one peer's replies show.
type rate struct {
	rtt        time.Duration
	throughput [works]float64 // items per second
}

// A pace is the estimate for all peers together.
type pace struct {
	rtt        time.Duration
	confidence float64 // 0.1 to 1: low while many peers are new
	tuned      time.Time
}

func newPace() pace { return pace{rtt: startRTT, confidence: 1} }

// ttl returns how long a reply is waited for.
func (p *pace) ttl() time.Duration {
	return min(maxTTL, time.Duration(ttlScaling*float64(p.rtt)/p.confidence))
}

// capacity returns how many items the peer is likely to give within nine tenths of a round trip. It is always one more than
// what was measured, so that the measurement grows.
func (p *pace) capacity(r *rate, w work) int {
	fits := r.throughput[w] * rttTarget * p.rtt.Seconds()
	return int(min(1+max(1, fits), float64(maxItems[w])))
}

// measured notes a reply. One without items says that the peer has nothing to give for now.
func (r *rate) measured(w work, items int, took time.Duration) {
	if items == 0 {
		r.throughput[w] = 0
		return
	}
	took = max(took, time.Millisecond)
	r.throughput[w] += impact * (float64(items)/took.Seconds() - r.throughput[w])
	r.rtt += time.Duration(impact * float64(took-r.rtt))
}

// inherit gives a newcomer the mean throughput and the median round trip of the others.
func inherit(others []*rate) (r rate) {
	r.rtt = median(others)
	for w := range r.throughput {
		for _, o := range others {
			r.throughput[w] += o.throughput[w] / float64(len(others))
		}
	}
	return r
}

// joined lowers the confidence: the estimate knows nothing of the newcomer.
func (p *pace) joined(peers int) {
	switch {
	case peers == 1:
		p.confidence = 1
	case peers < settled:
		p.confidence = max(minTrust, p.confidence*float64(peers-1)/float64(peers))
	}
}

// tune moves the estimate towards the median of the peers, once in each round trip.
func (p *pace) tune(now time.Time, all []*rate) {
	if now.Sub(p.tuned) < p.rtt || len(all) == 0 {
		return
	}
	p.tuned = now
	p.rtt += time.Duration(impact * float64(median(all)-p.rtt))
	p.confidence += (1 - p.confidence) / 2
}

// median returns the median round trip, within its bounds.
func median(all []*rate) time.Duration {
	if len(all) == 0 {
		return startRTT
	}
	rtts := make([]time.Duration, len(all))
	for i, r := range all {
		rtts[i] = r.rtt
	}
	slices.Sort(rtts)
	return min(maxRTT, max(minRTT, rtts[len(rtts)/2]))
}
