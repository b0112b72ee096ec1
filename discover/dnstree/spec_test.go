// SPDX-License-Identifier: Apache-2.0

package dnstree

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/params"
)

// The example of https://eips.ethereum.org/EIPS/eip-1459#dns-record-structure.
const (
	specURL  = "enrtree://AM5FCQLWIZX2QFPNJAP7VUERCCRNGRHWZG3YYHIUV7BVDQ5FDPRT2@nodes.example.org"
	specKey  = "9f88229042fef9200246f49f94d9b77c4e954721442714e85850cb6d9e5daf2d880ea0e53cb3ac1a75f9923c2726a4f941f7d326781baa6380754a360de5c2b6"
	specRoot = "enrtree-root:v1 e=JWXYDBPXYWG6FX3GMDIBFA6CJ4 l=C7HRFPF3BLGF3YR4DY5KX3SMBE seq=1 sig=o908WmNp7LibOfPsr4btQwatZJ5URBr2ZAuxvK4UWHlsB9sUOTJQaGAlLPVAhM__XJesCHxLISo94z5Z2a463gA"
)

var specEntries = map[string]string{
	"C7HRFPF3BLGF3YR4DY5KX3SMBE": "enrtree://AM5FCQLWIZX2QFPNJAP7VUERCCRNGRHWZG3YYHIUV7BVDQ5FDPRT2@morenodes.example.org",
	"JWXYDBPXYWG6FX3GMDIBFA6CJ4": "enrtree-branch:2XS2367YHAXJFGLZHVAWLQD4ZY,H4FHT4B454P6UXFD7JCYQ5PWDY,MHTDO6TMUBRIA2XWG5LUDACK24",
	"2XS2367YHAXJFGLZHVAWLQD4ZY": "enr:-HW4QOFzoVLaFJnNhbgMoDXPnOvcdVuj7pDpqRvh6BRDO68aVi5ZcjB3vzQRZH2IcLBGHzo8uUN3snqmgTiE56CH3AMBgmlkgnY0iXNlY3AyNTZrMaECC2_24YYkYHEgdzxlSNKQEnHhuNAbNlMlWJxrJxbAFvA",
	"H4FHT4B454P6UXFD7JCYQ5PWDY": "enr:-HW4QAggRauloj2SDLtIHN1XBkvhFZ1vtf1raYQp9TBW2RD5EEawDzbtSmlXUfnaHcvwOizhVYLtr7e6vw7NAf6mTuoCgmlkgnY0iXNlY3AyNTZrMaECjrXI8TLNXU0f8cthpAMxEshUyQlK-AM0PW2wfrnacNI",
	"MHTDO6TMUBRIA2XWG5LUDACK24": "enr:-HW4QLAYqmrwllBEnzWWs7I5Ev2IAs7x_dZlbYdRdMUx5EyKHDXp7AV5CkuPGUPdvbv1_Ms1CPfhcGCvSElSosZmyoqAgmlkgnY0iXNlY3AyNTZrMaECriawHKWdDRk2xeZkrOXBQ0dfMFLHY4eENZwdufn1S1o",
}

func specList(t testing.TB) URL {
	t.Helper()
	url, err := ParseURL(specURL)
	if err != nil {
		t.Fatal(err)
	}
	return url
}

func TestSpecURL(t *testing.T) {
	url := specList(t)
	if url.Domain != "nodes.example.org" || url.String() != specURL {
		t.Errorf("%s, written as %v", url.Domain, url)
	}
}

// The example's root is signed with the key that the EIP gives as the URL's. The URL itself
// has another key, for which the root must not pass.
func TestSpecRoot(t *testing.T) {
	xy, _ := hex.DecodeString(specKey)
	key, err := ecc.ParsePublicKey(xy)
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{"v=spf1 -all", specRoot}
	root, err := FindRoot(texts, key)
	if err != nil {
		t.Fatal(err)
	}
	if root.Nodes.String() != "JWXYDBPXYWG6FX3GMDIBFA6CJ4" || root.Links.String() != "C7HRFPF3BLGF3YR4DY5KX3SMBE" || root.Seq != 1 {
		t.Errorf("%+v", root)
	}
	if _, err := FindRoot(texts, specList(t).Key); !errors.Is(err, ErrSignature) {
		t.Errorf("with another key: %v", err)
	}
}

func TestSpecEntries(t *testing.T) {
	for name, text := range specEntries {
		h, err := ParseHash(name)
		if err != nil || HashOf(text) != h || h.String() != name {
			t.Fatalf("%s: %v, %v, the text has %v", name, h, err, HashOf(text))
		}
		entry, err := FindEntry([]string{"v=spf1 -all", text}, h)
		if err != nil || textOf(entry) != text {
			t.Errorf("%s is %v, %v", name, entry, err)
		}
		for other := range specEntries {
			h, _ := ParseHash(other)
			if _, err := FindEntry([]string{text}, h); other != name && !errors.Is(err, ErrHash) {
				t.Errorf("%s passes for %s: %v", name, other, err)
			}
		}
	}
}

// Build's tree over the example's nodes and link has the example's names for the leaves.
func TestSpecBuild(t *testing.T) {
	tree := Build(1, nil, []URL{entryOf(t, "C7HRFPF3BLGF3YR4DY5KX3SMBE").(URL)})
	if got := tree.Root().Links.String(); got != "C7HRFPF3BLGF3YR4DY5KX3SMBE" {
		t.Errorf("the link is at %s", got)
	}
	node := entryOf(t, "2XS2367YHAXJFGLZHVAWLQD4ZY").(Node)
	tree = Build(1, []*enr.Record{node.Record, node.Record}, nil)
	if got := tree.Root().Nodes.String(); got != "2XS2367YHAXJFGLZHVAWLQD4ZY" {
		t.Errorf("the node is at %s", got)
	}
}

// The lists that chains are built with can be read.
func TestKnownLists(t *testing.T) {
	for _, name := range params.Names() {
		chain, _ := params.ByName(name)
		for _, text := range chain.DNS {
			if url, err := ParseURL(text); err != nil || url.String() != text {
				t.Errorf("%s: %s is %v, %v", name, text, url, err)
			}
		}
	}
}

func entryOf(t *testing.T, name string) Entry {
	t.Helper()
	entry, err := ParseEntry(specEntries[name])
	if err != nil {
		t.Fatal(err)
	}
	return entry
}

func textOf(e Entry) string {
	switch e := e.(type) {
	case Branch:
		return e.String()
	case Node:
		return e.String()
	case URL:
		return e.String()
	}
	return ""
}

func TestSkipsOtherStrings(t *testing.T) {
	want, _ := ParseHash("2XS2367YHAXJFGLZHVAWLQD4ZY")
	text := specEntries["2XS2367YHAXJFGLZHVAWLQD4ZY"]
	other := specEntries["H4FHT4B454P6UXFD7JCYQ5PWDY"]
	huge := strings.Repeat("x", 1<<20)
	many := strings.Split(strings.Repeat("x,", MaxTexts), ",")
	for _, test := range []struct {
		name  string
		texts []string
		err   error
	}{
		{"none", nil, ErrNoEntry},
		{"another's", []string{"v=spf1 -all", ""}, ErrNoEntry},
		{"among others", []string{"v=spf1 -all", "", huge, text}, nil},
		{"after one with another hash", []string{other, text}, nil},
		{"another hash", []string{other}, ErrHash},
		{"changed", []string{text[:len(text)-1] + "B"}, ErrHash},
		{"huge", []string{"enr:" + huge}, ErrTextTooLarge},
		{"huge, of no kind", []string{huge}, ErrNoEntry},
		{"beyond the limit of strings", append(many[:MaxTexts:MaxTexts], text), ErrNoEntry},
		{"at the limit of strings", append(many[:MaxTexts-1:MaxTexts-1], text), nil},
	} {
		if _, err := FindEntry(test.texts, want); !errors.Is(err, test.err) {
			t.Errorf("%s: %v, want %v", test.name, err, test.err)
		}
	}
}
