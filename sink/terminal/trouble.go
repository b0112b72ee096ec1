// SPDX-License-Identifier: Apache-2.0

package terminal

import (
	"slices"
	"strings"

	"github.com/ethpeer/ethpeer/event"
)

// maxTroubles is how many troubles are kept at a time; a further one is shown each time
// that it is recorded.
const maxTroubles = 16

// troubles are those that have begun and not ended, in the order in which they began.
type troubles []event.Trouble

// onTrouble takes one and reports whether it is worth a line: it begins, it ends, or its
// words have changed.
func (t *troubles) onTrouble(e event.Trouble) bool {
	i := slices.IndexFunc(*t, func(known event.Trouble) bool { return known.Where == e.Where })
	switch {
	case e.Over && i >= 0:
		*t = slices.Delete(*t, i, i+1)
	case e.Over:
		return false
	case i >= 0 && (*t)[i].Err == e.Err:
		return false
	case i >= 0:
		(*t)[i] = e
	case len(*t) < maxTroubles:
		*t = append(*t, e)
	}
	return true
}

// names lists them for the status line.
func (t troubles) names() string {
	var all []string
	for i := range t {
		all = append(all, string(appendText(nil, t[i].Where, maxName)))
	}
	return strings.Join(all, ", ")
}

// appendTrouble paints the whole line, so that it stands out.
func (f *Format) appendTrouble(b []byte, t *event.Trouble) []byte {
	color, mark := alarm, "!!!"
	if t.Over {
		color, mark = green, "over"
	}
	b = f.begin(b, t.At, color, mark)
	site := string(appendText(nil, t.Where, maxName)) + ": "
	text := appendText([]byte(site), strings.TrimPrefix(t.Err, t.Where+": "), maxCause)
	return f.paint(b, color, string(text))
}
