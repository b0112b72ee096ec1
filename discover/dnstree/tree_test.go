// SPDX-License-Identifier: Apache-2.0

package dnstree

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/keccak"
)

func testKey(t testing.TB, n uint32) *ecc.PrivateKey {
	t.Helper()
	var b [32]byte
	binary.BigEndian.PutUint32(b[28:], n+1)
	key, err := ecc.ParsePrivateKey(b[:])
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func testRecords(t testing.TB, n int) []*enr.Record {
	t.Helper()
	records := make([]*enr.Record, n)
	for i := range records {
		var b enr.Builder
		b.SetTCP(uint16(i + 1))
		r, err := b.Sign(testKey(t, uint32(i)), 1)
		if err != nil {
			t.Fatal(err)
		}
		records[i] = r
	}
	return records
}

// Checklist row 75. What can be wrong with a root.
func TestRoots(t *testing.T) {
	key, other := testKey(t, 1), testKey(t, 2)
	root := Root{Nodes: HashOf("nodes"), Links: HashOf("links"), Seq: 5}
	good := root.Sign(key)
	resigned := func(old, new string) string {
		content, _, _ := strings.Cut(strings.Replace(good, old, new, 1), " sig=")
		sig := key.Sign(keccak.Sum256([]byte(content)))
		return content + " sig=" + base64.RawURLEncoding.EncodeToString(sig[:])
	}
	content, sig, _ := strings.Cut(good, " sig=")
	raw, _ := base64.RawURLEncoding.DecodeString(sig)
	raw[64] = 77
	anyRecovery := content + " sig=" + base64.RawURLEncoding.EncodeToString(raw)

	for _, test := range []struct {
		name, text string
		err        error
	}{
		{"good", good, nil},
		{"another recovery byte", anyRecovery, nil},
		{"by another key", root.Sign(other), ErrSignature},
		{"of another sequence number", strings.Replace(good, "seq=5", "seq=6", 1), ErrSignature},
		{"signature cut", good[:len(good)-1], ErrSignature},
		{"signature with more", good + "A", ErrSignature},
		{"signature padded", good + "=", ErrSignature},
		{"signature with a line break", good + "\n", ErrSignature},
		{"signature of another alphabet", content + " sig=" + strings.Repeat("+", 87), ErrSignature},
		{"no signature", content, ErrRoot},
		{"empty", "", ErrRoot},
		{"prefix alone", "enrtree-root:v1", ErrRoot},
		{"another version", resigned(":v1", ":v2"), ErrRoot},
		{"two spaces", resigned(" l=", "  l="), ErrRoot},
		{"other order", resigned(" e=", " l="), ErrRoot},
		{"no links", resigned(" l="+root.Links.String(), ""), ErrRoot},
		{"short hash", resigned(root.Nodes.String(), "AAAA"), ErrRoot},
		{"small letters", resigned(root.Links.String(), strings.ToLower(root.Links.String())), ErrRoot},
		{"negative", resigned("seq=5", "seq=-5"), ErrRoot},
		{"signed", resigned("seq=5", "seq=+5"), ErrRoot},
		{"over 64 bits", resigned("seq=5", "seq=18446744073709551616"), ErrRoot},
		{"not a number", resigned("seq=5", "seq=five"), ErrRoot},
		{"huge", good + strings.Repeat(" ", MaxText), ErrTextTooLarge},
	} {
		got, err := ParseRoot(test.text, key.Public())
		if !errors.Is(err, test.err) || (err == nil) != (got == root) {
			t.Errorf("%s: %+v, %v, want %v", test.name, got, err, test.err)
		}
	}
	for n := range len(good) {
		if _, err := ParseRoot(good[:n], key.Public()); err == nil {
			t.Errorf("a root cut to %d bytes was accepted", n)
		}
	}
}

func TestFindRoot(t *testing.T) {
	key := testKey(t, 1)
	at := func(seq uint64) string { return Root{HashOf("nodes"), HashOf("links"), seq}.Sign(key) }
	forged := Root{HashOf("nodes"), HashOf("links"), 9}.Sign(testKey(t, 2))
	many := slices.Repeat([]string{""}, MaxTexts)
	for _, test := range []struct {
		name  string
		texts []string
		seq   uint64
		err   error
	}{
		{"none", nil, 0, ErrNoRoot},
		{"another's", []string{"v=spf1", "enrtree-root:v2 x", "enrtree-root:v11"}, 0, ErrNoRoot},
		{"highest", []string{at(2), at(3), at(1)}, 3, nil},
		{"sequence 0", []string{at(0)}, 0, nil},
		{"beside a forgery", []string{forged, at(2), forged}, 2, nil},
		{"forgery", []string{"x", forged, "enrtree-root:v1"}, 0, ErrSignature},
		{"huge", []string{"enrtree-root:v1 " + strings.Repeat("x", 1<<20)}, 0, ErrTextTooLarge},
		{"beyond the limit of strings", append(many, at(1)), 0, ErrNoRoot},
	} {
		root, err := FindRoot(test.texts, key.Public())
		if !errors.Is(err, test.err) || root.Seq != test.seq {
			t.Errorf("%s: %d, %v, want %d, %v", test.name, root.Seq, err, test.seq, test.err)
		}
	}
}

func TestBadEntries(t *testing.T) {
	hash := func(n int) string { return encoding.EncodeToString(make([]byte, n)) }
	branch := func(n int) string { return "enrtree-branch:" + strings.Join(slices.Repeat([]string{hash(16)}, n), ",") }
	key, _, _ := strings.Cut(strings.TrimPrefix(specURL, "enrtree://"), "@")
	link := "enrtree://" + key + "@"
	record := specEntries["2XS2367YHAXJFGLZHVAWLQD4ZY"]
	for _, test := range []struct {
		text string
		err  error
	}{
		{"enrtree-branch:", nil},
		{branch(18), nil},
		{branch(19), ErrBranch},
		{"enrtree-branch:" + hash(12), nil},
		{"enrtree-branch:" + hash(32), nil},
		{"enrtree-branch:" + hash(11), ErrBranch},
		{"enrtree-branch:" + hash(33), ErrBranch},
		{"enrtree-branch:,", ErrBranch},
		{"enrtree-branch:" + hash(16) + ",", ErrBranch},
		{"enrtree-branch:" + strings.ToLower(hash(16)), ErrBranch},
		{"enrtree-branch:" + hash(16)[1:] + "B", ErrBranch}, // bits beyond the last byte
		{"enrtree-branch:" + hash(16) + "\n", ErrBranch},
		{"enrtree-branch:" + hash(16) + "======", ErrBranch},
		{"enrtree-branch:" + strings.Repeat(",", MaxText), ErrTextTooLarge},
		{record, nil},
		{record[:len(record)-1], ErrNode},
		{record + "A", ErrNode},
		{"enr:", ErrNode},
		{link + "example.org", nil},
		{link + "Example.ORG.", nil},
		{link + "_nodes.example-1.org", nil},
		{link + strings.Repeat("a.", 99) + "aa", nil},
		{link + strings.Repeat("a.", 100) + "a", ErrDomain},
		{link + strings.Repeat("a", 64), ErrDomain},
		{link + strings.Repeat("a", 63) + ".az09-_.org", nil},
		{link, ErrDomain},
		{link + ".", ErrDomain},
		{link + "a..b", ErrDomain},
		{link + "example.org:53", ErrDomain},
		{link + "exämple.org", ErrDomain},
		{link + "a@b", ErrDomain},
		{"enrtree://example.org", ErrURL},
		{"enrtree://@example.org", ErrKey},
		{"enrtree://" + key[1:] + "@example.org", ErrKey},
		{"enrtree://" + strings.ToLower(key) + "@example.org", ErrKey},
		{"enrtree://" + key[:52] + "3@example.org", ErrKey}, // a bit beyond the last byte
		{"enrtree://" + strings.Repeat("A", 53) + "@example.org", ErrKey},
		{"", ErrUnknown},
		{"enrtree:", ErrUnknown},
		{"ENR:" + record[4:], ErrUnknown},
		{specRoot, ErrUnknown},
	} {
		_, err := ParseEntry(test.text)
		if !errors.Is(err, test.err) || strings.HasPrefix(test.text, "enrtree://") && err != nil && !errors.Is(err, ErrLink) {
			t.Errorf("%.100s: %v, want %v", test.text, err, test.err)
		}
	}
}

// Every tree can be walked from its root to all its leaves, and no text is too long for a
// small DNS answer.
func TestBuild(t *testing.T) {
	records := testRecords(t, 200)
	key := testKey(t, 1)
	for _, n := range []int{0, 1, 2, 12, 13, 14, 26, 27, 169, 170, 171, 200} {
		var links []URL
		for i := range n / 10 {
			links = append(links, URL{key.Public(), fmt.Sprintf("list%d.example.org", i)})
		}
		tree := Build(uint64(n), records[:n], links)
		url, zone := tree.Publish(key, "nodes.example.org")
		root, err := FindRoot([]string{zone[url.Domain]}, url.Key)
		if err != nil || root != tree.Root() || root.Seq != uint64(n) {
			t.Fatalf("%d: root %+v, %v", n, root, err)
		}
		nodes, urls := leaves(t, zone, url.Domain, root.Nodes), leaves(t, zone, url.Domain, root.Links)
		if len(nodes) != n || len(urls) != len(links) {
			t.Errorf("%d nodes and %d links: walked to %d and %d", n, len(links), len(nodes), len(urls))
		}
		for _, text := range zone {
			if len(text) > 400 {
				t.Errorf("%d: a text has %d bytes", n, len(text))
			}
		}
		slices.Reverse(records[:n])
		if again := Build(uint64(n), append(records[:n:n], records[:n]...), links); again.Root() != root {
			t.Errorf("%d: order or repetition changes the tree", n)
		}
	}
}

func leaves(t *testing.T, zone map[string]string, domain string, h Hash) []string {
	t.Helper()
	entry, err := FindEntry([]string{zone[h.Name(domain)]}, h)
	if err != nil {
		t.Fatal(err)
	}
	branch, ok := entry.(Branch)
	if !ok {
		return []string{textOf(entry)}
	}
	var all []string
	for _, child := range branch {
		all = append(all, leaves(t, zone, domain, child)...)
	}
	return all
}

func FuzzParseEntry(f *testing.F) {
	for _, text := range specEntries {
		f.Add(text)
	}
	f.Add("enrtree-branch:")
	f.Add(specURL)
	f.Fuzz(func(t *testing.T, text string) {
		entry, err := ParseEntry(text)
		if err != nil {
			return
		}
		again, err := ParseEntry(textOf(entry))
		if err != nil || textOf(again) != textOf(entry) {
			t.Fatalf("%q reads back as %v, %v", text, again, err)
		}
		if found, err := FindEntry([]string{text}, HashOf(text)); err != nil || textOf(found) != textOf(entry) {
			t.Fatalf("%q is not found: %v, %v", text, found, err)
		}
	})
}

func FuzzParseRoot(f *testing.F) {
	key := testKey(f, 1)
	f.Add(specRoot)
	f.Add(Root{HashOf("nodes"), HashOf("links"), 1 << 63}.Sign(key))
	f.Fuzz(func(t *testing.T, text string) {
		if root, err := ParseRoot(text, key.Public()); err == nil {
			if again, err := ParseRoot(root.Sign(key), key.Public()); err != nil || again != root {
				t.Fatalf("%+v reads back as %+v, %v", root, again, err)
			}
		}
		content, _, _ := strings.Cut(text, " sig=")
		root, err := parseContent(content)
		if err != nil {
			return
		}
		if again, err := ParseRoot(root.Sign(key), key.Public()); err != nil || again != root {
			t.Fatalf("%+v reads back as %+v, %v", root, again, err)
		}
	})
}
