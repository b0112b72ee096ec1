// SPDX-License-Identifier: Apache-2.0

package event

// KindLoss is the kind of Loss.
const KindLoss Kind = "loss"

// Loss reports that something was dropped because a bound was reached.
type Loss struct {
	At
	Where string // the site: which queue or set, a stable name such as "output"
	Of    Kind   // the kind of the dropped events, where events were dropped; "" = something else, or several kinds
	Count uint64 // since the last report of the same site and kind
}

// Kind returns KindLoss.
func (Loss) Kind() Kind { return KindLoss }

// Visit hands the fields to f.
func (e Loss) Visit(f Fields) {
	f.Text("where", e.Where, true)
	f.Text("of", string(e.Of), e.Of != "")
	f.Uint("count", e.Count, true)
}
