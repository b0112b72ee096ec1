// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

const docsFile = "../../docs/wire.md"

var update = flag.Bool("update", false, "write docs/wire.md anew")

// docs/wire.md is the table, the shapes that the messages' comments give for each version,
// and what else the comments say.
func TestDocs(t *testing.T) {
	want := writeDocs(t)
	if *update {
		if err := os.WriteFile(docsFile, want, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(docsFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("docs/wire.md is stale: go test ./eth/wire -run Docs -update")
	}
}

func writeDocs(t *testing.T) []byte {
	t.Helper()
	pages := readPages(t)
	b := new(bytes.Buffer)
	fmt.Fprintf(b, `# The messages of eth/%d to eth/%d

Written by a test from the table in [eth/wire/table.go](../eth/wire/table.go) and the comments of the messages. Change
those, then run `+"`go test ./eth/wire -run Docs -update`"+`.

A payload is RLP: `+"`[…]`"+` is a list. From eth/%d on requests and replies begin with an ID, which the reply repeats.
*Takes* is the most that a received message may have; a larger one ends the connection, except that the hashes of a
request are cut there. *Sends* is the most that we send, because other clients serve no more or punish more; the last
item of a reply may exceed the bytes. Waiting messages are sent in the order of their lanes: replies, requests, blocks,
announcements, transactions.

On chains without a consensus layer NewBlockHashes and NewBlock are received and sent in every version.

`, First, Last, requestIDs)
	writeChart(b)
	writeVersions(b, pages)
	for _, p := range pages {
		p.write(b)
	}
	return b.Bytes()
}

func writeChart(b *bytes.Buffer) {
	b.WriteString("| code | message | eth | reply | takes | sends | lane |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	for row := range Rows() {
		answer := ""
		if row.IsRequest() {
			answer = row.Reply.String()
		}
		fmt.Fprintf(b, "| `0x%02x` | [%s](#0x%02x-%s) | %s | %s | %s | %s | %v |\n", row.Code, row.Name, row.Code,
			strings.ToLower(row.Name), span(row.From, row.To), answer,
			limits(row.Items, row.Bytes), limits(row.SendItems, row.SendBytes), row.Lane)
	}
}

func limits(items, size int) string {
	var all []string
	if items > 0 {
		all = append(all, fmt.Sprintf("%d items", items))
	}
	switch {
	case size >= 1<<20:
		all = append(all, fmt.Sprintf("%d MiB", size>>20))
	case size > 0:
		all = append(all, fmt.Sprintf("%d KiB", size>>10))
	}
	return strings.Join(all, ", ")
}

// writeVersions tells what each version changed.
func writeVersions(b *bytes.Buffer, pages []page) {
	b.WriteString("\n## Versions\n\n| eth | codes | offered unless told otherwise | new | of another shape | gone |\n| --- | --- | --- | --- | --- | --- |\n")
	for v := First; v <= Last; v++ {
		var added, changed, gone []string
		for _, p := range pages {
			begins := func(s payloadShape) bool { return s.from == v }
			switch {
			case v == First:
			case p.row.From == v:
				added = append(added, p.row.Name)
			case p.row.To == v-1:
				gone = append(gone, p.row.Name)
			case slices.ContainsFunc(p.shapes, begins):
				changed = append(changed, p.row.Name)
			}
		}
		offered := "no"
		if slices.Contains(Supported(), v) {
			offered = "yes"
		}
		fmt.Fprintf(b, "| %d | %d | %s | %s | %s | %s |\n", v, v.Length(), offered,
			strings.Join(added, ", "), strings.Join(changed, ", "), strings.Join(gone, ", "))
	}
}

func (p *page) write(b *bytes.Buffer) {
	fmt.Fprintf(b, "\n## `0x%02x` %s\n\n%s\n\n| eth | payload |\n| --- | --- |\n", p.row.Code, p.row.Name, p.before)
	for _, s := range p.shapes {
		fmt.Fprintf(b, "| %s | `%s` |\n", span(s.from, s.to), s.text)
	}
	if p.after != "" {
		fmt.Fprintf(b, "\n%s\n", p.after)
	}
}

func span(from, to Version) string {
	if from == to {
		return fmt.Sprint(uint(from))
	}
	return fmt.Sprintf("%d–%d", from, to)
}
