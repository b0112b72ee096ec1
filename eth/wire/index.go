// SPDX-License-Identifier: Apache-2.0

package wire

const (
	versions = Last - First + 1
	codes    = 0x16 // one more than the largest code of any version
)

// index is the table by dialect, version and code. It never changes.
var index = buildIndex()

type tableIndex struct {
	kinds   [Kinds]*Row
	codes   [dialects][versions][codes]*Row
	lengths [versions]uint
}

func buildIndex() *tableIndex {
	x := new(tableIndex)
	for i := range table {
		row := &table[i]
		x.kinds[row.Kind] = row
		for d := range dialects {
			x.add(d, row, row.From, row.To)
		}
	}
	for _, e := range extras {
		x.add(e.dialect, x.kinds[e.kind], e.from, e.to)
	}
	for i := range table {
		if row := &table[i]; row.IsRequest() {
			x.kinds[row.Reply].answers = row.Kind
		}
	}
	return x
}

// add adds a message to the versions of a dialect. All dialects have the same lengths, because the
// codes of other protocols on a connection depend on them.
func (x *tableIndex) add(d Dialect, row *Row, from, to Version) {
	for v := from; v <= to; v++ {
		x.codes[d][v-First][row.Code] = row
		x.lengths[v-First] = max(x.lengths[v-First], uint(row.Code)+1)
	}
}
