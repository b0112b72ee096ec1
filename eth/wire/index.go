// SPDX-License-Identifier: Apache-2.0

package wire

const (
	versions = Last - First + 1
	codes    = 0x16 // one more than the largest code of any version
)

// index is the table turned over, so that a lookup is an array access. It never changes.
var index = buildIndex()

type tableIndex struct {
	kinds   [Kinds]*Row
	codes   [versions][codes]*Row
	lengths [versions]uint
}

func buildIndex() *tableIndex {
	x := new(tableIndex)
	for i := range table {
		row := &table[i]
		x.kinds[row.Kind] = row
		for v := row.From; v <= row.To; v++ {
			x.codes[v-First][row.Code] = row
			x.lengths[v-First] = max(x.lengths[v-First], uint(row.Code)+1)
		}
	}
	for i := range table {
		if row := &table[i]; row.IsRequest() {
			x.kinds[row.Reply].answers = row.Kind
		}
	}
	return x
}
