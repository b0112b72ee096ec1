// SPDX-License-Identifier: Apache-2.0

package crawl

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/params"
)

// A Report counts what a crawl found.
type Report struct {
	Known, Visited, Answered, Reached int
	Beyond                            uint64 // nodes heard of beyond 100,000

	Clients  map[string]int // by name and release, of the nodes that sent Hello
	Eth      map[string]int // by the versions that they offer
	Forks    map[string]int // by the fork ID of their records
	Networks map[string]int // by the network and genesis of their Status
	Reach    map[string]int // by how far the visit came
}

func newReport() *Report {
	return &Report{
		Clients: map[string]int{}, Eth: map[string]int{}, Forks: map[string]int{}, Networks: map[string]int{}, Reach: map[string]int{},
	}
}

func (r *Report) add(v *Visit) {
	r.Visited++
	if v.Answered {
		r.Answered++
	}
	r.Forks[ForkOf(v.Node.Record)]++
	r.Reach[Reach(v)]++
	a := v.Probe
	if a == nil {
		return
	}
	if a.Reachable() {
		r.Reached++
	}
	if a.Client != "" {
		r.Clients[Release(a.Client)]++
		r.Eth[ethVersions(v)]++
	}
	if a.Status != nil {
		r.Networks[NetworkOf(a.Status.NetworkID, a.Status.Genesis)]++
	}
}

// Release shortens a client name to the client and the first two numbers of its version, for counting.
func Release(client string) string {
	name, rest, _ := strings.Cut(client, "/")
	for part := range strings.SplitSeq(rest, "/") {
		if len(part) > 1 && part[0] == 'v' && part[1] >= '0' && part[1] <= '9' {
			major, minor, ok := strings.Cut(part, ".")
			if minor, _, _ = strings.Cut(minor, "."); ok {
				minor, _, _ = strings.Cut(minor, "-")
				return name + " " + major + "." + minor
			}
			major, _, _ = strings.Cut(major, "-")
			return name + " " + major
		}
	}
	return name
}

func ethVersions(v *Visit) string {
	var versions []uint
	for _, c := range v.Probe.Caps {
		if c.Name == "eth" && !slices.Contains(versions, c.Version) {
			versions = append(versions, c.Version)
		}
	}
	if len(versions) == 0 {
		return "no eth"
	}
	slices.SortFunc(versions, func(a, b uint) int { return cmp.Compare(b, a) })
	return strings.Trim(fmt.Sprint(versions), "[]")
}

// Reach says in a few words how far a visit came.
func Reach(v *Visit) string {
	a := v.Probe
	switch {
	case a == nil && v.Answered:
		return "answers discovery"
	case a == nil:
		return "silent"
	case a.Status != nil:
		return "says its Status"
	case a.Reason != "":
		return "sends us away: " + a.Reason
	case a.Client != "":
		return "says Hello"
	case a.Reachable():
		return "shakes hands"
	case a.Took.Dial > 0:
		return "accepts TCP"
	case v.Answered:
		return "answers discovery only"
	}
	return "silent"
}

// ForkOf names the fork ID of a record (devp2p/enr-entries/eth.md), with the chain if it is a
// known one's.
func ForkOf(r *enr.Record) string {
	if r == nil {
		return "no record"
	}
	hash, next, ok := r.Eth()
	if !ok {
		return "no eth entry"
	}
	text := fmt.Sprintf("%x/%d", hash, next)
	for _, name := range params.Names() {
		c, _ := params.ByName(name)
		if fork, ok := c.NameFork(hash); ok {
			return text + " " + name + " " + fork
		}
	}
	return text
}

// NetworkOf names a network, with the chain if it is a known one.
func NetworkOf[H fmt.Stringer](id uint64, genesis H) string {
	for _, name := range params.Names() {
		if c, _ := params.ByName(name); c.GenesisHash.String() == genesis.String() {
			return fmt.Sprintf("%d %s", id, name)
		}
	}
	return fmt.Sprintf("%d %.10s…", id, genesis.String())
}

// Sorted returns the keys of a count, most first.
func Sorted(count map[string]int) []string {
	keys := make([]string, 0, len(count))
	for k := range count {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b)) })
	return keys
}
