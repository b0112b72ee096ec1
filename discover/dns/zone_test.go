// SPDX-License-Identifier: Apache-2.0

package dns

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/ethpeer/ethpeer/discover/dnstree"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
)

var errNoName = errors.New("no such name")

// zones is a DNS: texts by name.
type zones map[string][]string

func (z zones) lookUp(name string) ([]string, error) {
	if texts, ok := z[name]; ok {
		return texts, nil
	}
	return nil, errNoName
}

// publish puts a list into the DNS, or a new state of it.
func (z zones) publish(t testing.TB, domain string, seq uint64, nodes []*enr.Record, links ...string) {
	t.Helper()
	urls := make([]dnstree.URL, len(links))
	for i, link := range links {
		urls[i] = listURL(t, link)
	}
	_, texts := dnstree.Build(seq, nodes, urls).Publish(listKey(t, domain), domain)
	maps.DeleteFunc(z, func(name string, _ []string) bool { return name == domain || strings.HasSuffix(name, "."+domain) })
	for name, text := range texts {
		z[name] = []string{"v=spf1 -all", text}
	}
}

// put puts entries that Build would not make below a root.
func (z zones) put(t testing.TB, domain string, seq uint64, nodes, links string, more ...string) {
	t.Helper()
	for _, text := range append(more, nodes, links) {
		z[dnstree.HashOf(text).Name(domain)] = []string{text}
	}
	root := dnstree.Root{Nodes: dnstree.HashOf(nodes), Links: dnstree.HashOf(links), Seq: seq}
	z[domain] = []string{root.Sign(listKey(t, domain))}
}

// listKey returns the key of the list at a domain, of which the first 8 bytes matter.
func listKey(t testing.TB, domain string) *ecc.PrivateKey {
	t.Helper()
	var b [32]byte
	copy(b[8:16], domain)
	b[31] = 1
	return parseKey(t, b)
}

func listURL(t testing.TB, domain string) dnstree.URL {
	return dnstree.URL{Key: listKey(t, domain).Public(), Domain: domain}
}

func parseKey(t testing.TB, b [32]byte) *ecc.PrivateKey {
	t.Helper()
	key, err := ecc.ParsePrivateKey(b[:])
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// nodes returns records whose TCP ports are from, …, to.
func nodes(t testing.TB, from, to int) []*enr.Record {
	t.Helper()
	var all []*enr.Record
	for port := from; port <= to; port++ {
		var b [32]byte
		binary.BigEndian.PutUint32(b[28:], uint32(port))
		var builder enr.Builder
		builder.SetTCP(uint16(port))
		r, err := builder.Sign(parseKey(t, b), 1)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

func portOf(r *enr.Record) uint16 {
	port, _ := r.TCP()
	return port
}

// checkInvariants says what no step may leave behind.
func (m *machine) checkInvariants() error {
	if n := len(m.lists); n > maxLists || n < min(len(m.roots), 1) {
		return fmt.Errorf("%d lists", n)
	}
	if n := m.entries.Len(); n > cached {
		return fmt.Errorf("%d entries cached", n)
	}
	for _, l := range m.lists {
		if !l.read {
			continue
		}
		for _, t := range []*treeSync{l.links, l.nodes} {
			if t.seen.Len() > maxNodes || len(t.missing) > t.seen.Len() {
				return fmt.Errorf("%s: %d missing of %d", l.url.Domain, len(t.missing), t.seen.Len())
			}
			once := make(map[dnstree.Hash]bool)
			for _, p := range t.missing {
				if once[p.hash] || !t.seen.Has(p.hash) || p.failures >= tries {
					return fmt.Errorf("%s: wrong place %+v", l.url.Domain, p)
				}
				once[p.hash] = true
			}
		}
		if len(l.found) > maxLinks || len(l.linked) > maxLinks {
			return fmt.Errorf("%s: %d and %d links", l.url.Domain, len(l.found), len(l.linked))
		}
	}
	return nil
}

func findEntry(z zones, h dnstree.Hash, domain string) (dnstree.Entry, error) {
	texts, err := z.lookUp(h.Name(domain))
	if err != nil {
		return nil, err
	}
	return dnstree.FindEntry(texts, h)
}

// branch returns the text of a branch over texts.
func branch(texts ...string) string {
	var b dnstree.Branch
	for _, text := range texts {
		b = append(b, dnstree.HashOf(text))
	}
	return b.String()
}
