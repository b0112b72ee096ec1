// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// TestSnapshotBytes: a snapshot that is written and read continues like the original. A snapshot with missing
// bytes is an error.
func TestSnapshotBytes(t *testing.T) {
	l := newLeague(t, 30, "ABCDE")
	for _, script := range []string{"A", "B+F", "C", "D+F", "E-A"} {
		if err := l.add(l.next(script)); err != nil {
			t.Fatal(script, err)
		}
	}
	raw := l.snap.Append(nil)
	got, err := DecodeSnapshot(*l.chain.Clique, raw)
	if err != nil || !reflect.DeepEqual(got, l.snap) {
		t.Fatalf("%+v, %v, not %+v", got, err, l.snap)
	}
	for n := range raw {
		if _, err := DecodeSnapshot(*l.chain.Clique, raw[:n]); err == nil {
			t.Errorf("%d bytes of %d are a snapshot", n, len(raw))
		}
	}
	l.snap = got
	for _, script := range []string{"A+F", "B"} { // the third vote of five makes F a signer
		if err := l.add(l.next(script)); err != nil {
			t.Fatal(script, err)
		}
	}
	if l.signers() != "ABCDEF" {
		t.Errorf("the signers are %s", l.signers())
	}
}

// FuzzDecodeSnapshot: what can be read is what is written.
func FuzzDecodeSnapshot(f *testing.F) {
	f.Add((&Snapshot{}).Append(nil))
	f.Add((&Snapshot{number: 7, recents: []recent{{6, [20]byte{1}}}, votes: []vote{{}}, signers: make([]types.Address, 2)}).Append(nil))
	f.Fuzz(func(t *testing.T, in []byte) {
		if s, err := DecodeSnapshot(params.Clique{Epoch: 30}, in); err == nil && !bytes.Equal(s.Append(nil), in) {
			t.Errorf("%x became %x", in, s.Append(nil))
		}
	})
}
