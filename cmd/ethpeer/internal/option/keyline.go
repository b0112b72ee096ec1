// SPDX-License-Identifier: Apache-2.0

package option

import (
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// A keyLine is the position of a key in a file.
type keyLine struct {
	name string // with its tables, joined by dots
	line int
}

// keyLines lists the keys of a document in their order: keys alone, with dots, and in tables ([discovery] and
// v4 is discovery.v4). It lists a table without keys too, because its name may be wrong. toml.Unmarshal must
// have accepted the document.
func keyLines(b []byte) (lines []keyLine) {
	var p unstable.Parser
	p.Reset(b)
	table, empty := "", false
	header := keyLine{}
	end := func() {
		if empty {
			lines = append(lines, header)
		}
	}
	for p.NextExpression() {
		e := p.Expression()
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			end()
			name, at := keyOf(e)
			table, header, empty = name+".", keyLine{name, lineAt(b, at)}, true
		case unstable.KeyValue:
			empty = false
			lines = addKeys(lines, b, table, e)
		}
	}
	end()
	return lines
}

// addKeys adds the key of one value, or those of an inline table such as {v4 = false}.
func addKeys(lines []keyLine, b []byte, table string, e *unstable.Node) []keyLine {
	name, at := keyOf(e)
	value := e.Value()
	if value.Kind != unstable.InlineTable {
		return append(lines, keyLine{table + name, lineAt(b, at)})
	}
	before := len(lines)
	for it := value.Children(); it.Next(); {
		lines = addKeys(lines, b, table+name+".", it.Node())
	}
	if len(lines) == before { // {}
		lines = append(lines, keyLine{table + name, lineAt(b, at)})
	}
	return lines
}

// keyOf returns the key of an expression, and the offset of its first byte.
func keyOf(e *unstable.Node) (name string, at int) {
	var parts []string
	for it := e.Key(); it.Next(); {
		if len(parts) == 0 {
			at = int(it.Node().Raw.Offset)
		}
		parts = append(parts, string(it.Node().Data))
	}
	return strings.Join(parts, "."), at
}
