// SPDX-License-Identifier: Apache-2.0

package pebble

import (
	"fmt"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
)

// TestFullDisk: the first write that does not fit says so, and all later ones, and what was
// written before is there at the next start.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	var full atomic.Bool
	d, err := open(dir, errorfs.Wrap(vfs.Default, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if full.Load() && op.Kind.ReadOrWrite() == errorfs.OpIsWrite {
			return syscall.ENOSPC
		}
		return nil
	})))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 6 {
		full.Store(i >= 3)
		err := d.Write(map[string][]byte{fmt.Sprint(i): make([]byte, 1000)}, nil)
		if full := i >= 3; full != (err != nil) || full && (!strings.Contains(err.Error(), "no space left on device") || !strings.Contains(err.Error(), "make room")) {
			t.Errorf("write %d: %v", i, err)
		}
	}
	full.Store(false) // a Disk stays as it is: its log has a gap
	if err := d.Write(map[string][]byte{"late": {1}}, nil); err == nil {
		t.Error("a dead store writes")
	}
	_ = d.Close() // fails as the writes did
	again, err := open(dir, vfs.Default)
	if err != nil {
		t.Fatal(err)
	}
	defer mustClose(t, again)
	keys := ""
	if err := again.Load(func(key, _ []byte) { keys += string(key) }); err != nil || keys != "012" {
		t.Errorf("%q is left, %v", keys, err)
	}
}
