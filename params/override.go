// SPDX-License-Identifier: Apache-2.0

package params

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// An Override sets a fork that a chain does not have, or moves one that is still to come: the value of --fork.
type Override struct {
	Name string // as in Fork: "amsterdamTime", "londonBlock"
	At   uint64 // block number, or Unix seconds

	// Blobs are the limits of blobs from the fork on; nil = as before. Blobs.Fork is set by Override.
	Blobs *Blobs
}

// ParseOverride reads NAME=NUMBER, such as amsterdam=1791294816. NAME is a fork's key in a genesis file, with or
// without Time or Block, in any case; NUMBER is decimal.
func (c *Chain) ParseOverride(s string) (o Override, err error) {
	name, at, ok := strings.Cut(s, "=")
	if !ok {
		return o, fmt.Errorf("fork %.60q: write NAME=TIME or NAME=BLOCK, such as amsterdam=1791294816", s)
	}
	if o.Name, ok = c.forkNamed(name); !ok {
		return o, fmt.Errorf("fork %.60q is not known to ethpeer: it knows %s", name, strings.Join(c.settable(), ", "))
	}
	if o.At, err = strconv.ParseUint(at, 10, 64); err != nil {
		return o, fmt.Errorf("fork %s: %.60q is no block number and no time in seconds since 1970", name, at)
	}
	return o, nil
}

// forkNamed returns the key of a fork of the chain, or of one that it could have.
func (c *Chain) forkNamed(name string) (key string, ok bool) {
	for _, key := range slices.Concat(inOrder, names(c.Forks.Blocks), names(c.Forks.Times)) {
		if strings.EqualFold(name, key) || strings.EqualFold(name, short(key)) {
			return key, true
		}
	}
	return "", false
}

// settable lists the forks that can still be set: those that do not count from the genesis block on.
func (c *Chain) settable() (all []string) {
	for _, key := range inOrder {
		if !c.begins(key) && (!isBlock(key) || len(c.Forks.Times) == 0) {
			all = append(all, short(key))
		}
	}
	return all
}

// short returns a fork's key without Time or Block.
func short(key string) string { return strings.TrimSuffix(strings.TrimSuffix(key, "Block"), "Time") }

func names(forks []Fork) (all []string) {
	for _, f := range forks {
		all = append(all, f.Name)
	}
	return all
}

// begins reports whether the genesis block is under a fork.
func (c *Chain) begins(key string) bool {
	at, ok := c.Forks.At(key)
	return ok && (isBlock(key) && at == 0 || !isBlock(key) && at <= c.GenesisTime)
}

// Override changes the schedule of forks. A fork of the genesis block cannot be moved, no fork can be moved to it, and the
// forks must stay in the order in which clients pass them. After an error the chain is as before.
func (c *Chain) Override(forks ...Override) error {
	changed := *c
	changed.Forks = ForkSchedule{Blocks: slices.Clone(c.Forks.Blocks), Times: slices.Clone(c.Forks.Times)}
	changed.BlobSchedule, changed.Warnings = slices.Clone(c.BlobSchedule), slices.Clone(c.Warnings)
	for _, o := range forks {
		if err := changed.set(o); err != nil {
			return err
		}
	}
	changed.Forks.sort()
	if err := checkOrder(&changed); err != nil {
		return fmt.Errorf("forks: %w", err)
	}
	sortBlobs(&changed)
	changed.Warnings = slices.Clone(c.Warnings) // those of a genesis file
	*c = changed
	return nil
}

func (c *Chain) set(o Override) error {
	genesis := uint64(0)
	if !isBlock(o.Name) {
		genesis = c.GenesisTime
	}
	switch {
	case c.begins(o.Name):
		return fmt.Errorf("fork %s: it is in force from the genesis block on, which cannot be changed", short(o.Name))
	case o.At <= genesis:
		return fmt.Errorf("fork %s at %d: the genesis block is at %d: the fork would change it", short(o.Name), o.At, genesis)
	}
	forks := &c.Forks.Times
	if isBlock(o.Name) {
		forks = &c.Forks.Blocks
	}
	if i := slices.IndexFunc(*forks, func(f Fork) bool { return f.Name == o.Name }); i >= 0 {
		(*forks)[i].At = o.At
	} else {
		*forks = append(*forks, Fork{o.Name, o.At})
	}
	if o.Blobs == nil {
		return nil
	}
	b := *o.Blobs
	b.Fork = o.Name
	c.BlobSchedule = slices.DeleteFunc(c.BlobSchedule, func(old Blobs) bool { return old.Fork == o.Name })
	c.BlobSchedule = append(c.BlobSchedule, b)
	return nil
}
