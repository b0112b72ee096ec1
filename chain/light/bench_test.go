// SPDX-License-Identifier: Apache-2.0

package light

import "testing"

func BenchmarkApply512(b *testing.B) {
	r := load(b, "synthetic-electra-mainnet")
	c := r.start(b)
	all := r.updates(b)
	for _, u := range all[:len(all)-1] {
		if _, err := c.Apply(u, later); err != nil {
			b.Fatal(err)
		}
	}
	last := all[len(all)-1]
	before := *c
	for b.Loop() {
		*c = before
		if ch, err := c.Apply(last, later); err != nil || !ch.Head {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseAndApply512(b *testing.B) {
	r := load(b, "synthetic-electra-mainnet")
	c := r.start(b)
	for _, u := range r.updates(b)[:2] {
		if _, err := c.Apply(u, later); err != nil {
			b.Fatal(err)
		}
	}
	before := *c
	for b.Loop() {
		*c = before
		if ch, err := c.Apply(parse(b, r.Optimistic), later); err != nil || !ch.Head {
			b.Fatal(err)
		}
	}
}

func BenchmarkStart512(b *testing.B) {
	r := load(b, "synthetic-electra-mainnet")
	boot, err := ParseBootstrap(r.Bootstrap)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Start(&r.network, r.checkpoint, boot); err != nil {
			b.Fatal(err)
		}
	}
}
