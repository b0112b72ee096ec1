// SPDX-License-Identifier: Apache-2.0

package params

import (
	"cmp"
	"slices"
	"strings"
)

// Blobs are the limits of blobs from one fork on, and how their price moves
// (https://eips.ethereum.org/EIPS/eip-7840).
type Blobs struct {
	Fork           string // its key in a genesis file: "cancunTime", "bpo1Time"
	Target         uint64 // blobs in a block at which the price stays
	Max            uint64 // blobs in a block
	UpdateFraction uint64 // how slowly the price moves; never 0
}

// The blobs of mainnet. Those of cancunTime and pragueTime count where a genesis file has
// the fork and no blobSchedule for it, as older files do.
var mainnetBlobs = []Blobs{
	{"cancunTime", 3, 6, 3_338_477},
	{"pragueTime", 6, 9, 5_007_716},
	{"bpo1Time", 10, 15, 8_346_193},
	{"bpo2Time", 14, 21, 11_684_671},
}

// Blobs returns the limits of blobs in a block of this number and time. It is false before
// Cancun, or where the chain has none.
func (c *Chain) Blobs(number, time uint64) (b Blobs, ok bool) {
	if !c.Forks.Passed("londonBlock", number, time) {
		return b, false
	}
	for _, next := range c.BlobSchedule {
		if c.Forks.Passed(next.Fork, number, time) {
			b, ok = next, true
		}
	}
	return b, ok
}

// readBlobs reads config.blobSchedule: the limits of each fork, by the fork's name without
// Time. Forks that the chain never has are left out.
func readBlobs(c *Chain, config object) error {
	var list []entry
	if raw, ok := config.get("blobSchedule"); ok {
		var err error
		if list, err = entries(config.at("blobSchedule"), raw); err != nil {
			return err
		}
	}
	all, err := newObject(config.at("blobSchedule"), list)
	if err != nil {
		return err
	}
	for _, e := range list {
		if isNull(e.value) {
			continue
		}
		b, err := readBlobsOf(c, all.at(e.key), e)
		if err != nil {
			return err
		}
		if _, ok := c.Forks.At(b.Fork); ok {
			c.BlobSchedule = append(c.BlobSchedule, b)
		}
	}
	for _, name := range []string{"cancunTime", "pragueTime", "bpo1Time", "bpo2Time", "bpo3Time", "bpo4Time", "bpo5Time"} {
		if _, ok := c.Forks.At(name); ok && !slices.ContainsFunc(c.BlobSchedule, func(b Blobs) bool { return b.Fork == name }) {
			c.lackBlobs(name, all.at(strings.TrimSuffix(name, "Time")))
		}
	}
	sortBlobs(c)
	return nil
}

// sortBlobs puts the limits in the order in which the chain passes their forks.
func sortBlobs(c *Chain) {
	at := func(b Blobs) uint64 { at, _ := c.Forks.At(b.Fork); return at }
	place := func(b Blobs) int { return slices.Index(inOrder, b.Fork) }
	slices.SortFunc(c.BlobSchedule, func(a, b Blobs) int {
		return cmp.Or(cmp.Compare(at(a), at(b)), cmp.Compare(place(a), place(b)))
	})
}

func readBlobsOf(c *Chain, field string, e entry) (b Blobs, err error) {
	i := slices.IndexFunc(inOrder, func(name string) bool { return strings.EqualFold(name, e.key+"Time") })
	if i < 0 {
		c.warn(field, "is no fork that ethpeer knows; its blobs are left out")
	} else {
		b.Fork = inOrder[i]
	}
	o, err := readObject(field, e.value)
	if err != nil {
		return b, err
	}
	for _, f := range []struct {
		key string
		to  *uint64
	}{
		{"target", &b.Target},
		{"max", &b.Max},
		{"baseFeeUpdateFraction", &b.UpdateFraction},
	} {
		if _, ok := o.get(f.key); !ok {
			return b, wrong(o.at(f.key), "is missing; add it")
		}
		if err := o.number64(f.key, f.to); err != nil {
			return b, err
		}
	}
	switch {
	case b.UpdateFraction == 0:
		return b, wrong(o.at("baseFeeUpdateFraction"), "is 0; mainnet's first was 3338477")
	case b.Target > b.Max:
		c.warn(field, "has a target of %d blobs, more than the most that a block may have, %d", b.Target, b.Max)
	}
	return b, nil
}

// lackBlobs fills in the limits of a fork that the file has none for.
func (c *Chain) lackBlobs(fork, field string) {
	i := slices.IndexFunc(mainnetBlobs[:2], func(b Blobs) bool { return b.Fork == fork })
	if i < 0 {
		c.warn(field, "is missing while %s is set: geth does not start with this file; the limits of the fork before are used", fork)
		return
	}
	b := mainnetBlobs[i]
	c.BlobSchedule = append(c.BlobSchedule, b)
	c.warn(field, "is missing while %s is set: new clients do not start with this file; mainnet's limits are used, %d and %d", fork, b.Target, b.Max)
}
