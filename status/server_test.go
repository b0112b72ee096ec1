// SPDX-License-Identifier: Apache-2.0

package status

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serving runs a server for a test.
func serving(t *testing.T, b Backend) (path string, stop func()) {
	t.Helper()
	path = filepath.Join(shortDir(t), SocketName)
	s, err := Listen(path, b)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		s.Run(ctx)
		close(ended)
	}()
	stop = func() {
		cancel()
		<-ended
	}
	t.Cleanup(stop)
	return path, stop
}

// shortDir returns a directory in which there is room for a socket's name.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "status")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func TestReport(t *testing.T) {
	b := newBackend(t)
	path, stop := serving(t, b)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket: %v, %v", info, err)
	}
	got, err := Fetch(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	want := Collect(got.Time, b)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the report (-collected +fetched):\n%s", diff)
	}
	stop()
	if _, err := Fetch(t.Context(), path); !errors.Is(err, ErrNotRunning) {
		t.Errorf("after the end: %v", err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// TestSocketOfAKilledProcess: it is told apart from none, and replaced.
func TestSocketOfAKilledProcess(t *testing.T) {
	path := filepath.Join(shortDir(t), SocketName)
	for _, name := range []string{path, filepath.Join(filepath.Dir(path), ".sock")} {
		l, err := net.ListenUnix("unix", &net.UnixAddr{Name: name, Net: "unix"})
		if err != nil {
			t.Fatal(err)
		}
		l.SetUnlinkOnClose(false)
		l.Close()
	}
	if _, err := Fetch(t.Context(), path); !errors.Is(err, ErrStale) {
		t.Errorf("of a killed process: %v", err)
	}
	s, err := Listen(path, newBackend(t))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.Run(ctx)
}

// TestWhatIsNoSocketStays: a file of the user's is not replaced.
func TestWhatIsNoSocketStays(t *testing.T) {
	path := filepath.Join(shortDir(t), SocketName)
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(path, newBackend(t)); err == nil || !strings.Contains(err.Error(), "no socket") {
		t.Errorf("a file: %v", err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "mine" {
		t.Errorf("the file is %q, %v", b, err)
	}
}

func TestPathThatIsTooLong(t *testing.T) {
	path := filepath.Join("/", strings.Repeat("x", MaxPath-1), SocketName)
	_, listened := Listen(path, newBackend(t))
	_, fetched := Fetch(t.Context(), path)
	for _, err := range []error{listened, fetched} {
		if err == nil || !strings.Contains(err.Error(), "at most 107") {
			t.Errorf("%v", err)
		}
	}
	if _, err := Listen("/none/at/all/"+SocketName, newBackend(t)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("in a directory that does not exist: %v", err)
	}
}

// TestClientsAreBounded: those that read nothing cost no more than their number, and the others are turned away.
func TestClientsAreBounded(t *testing.T) {
	b := newBackend(t)
	b.block = make(chan struct{})
	path, _ := serving(t, b)
	var held []net.Conn
	for range maxClients {
		c, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, c)
		<-b.asked
	}
	if _, err := Fetch(t.Context(), path); err == nil || !strings.Contains(err.Error(), "without a report") {
		t.Errorf("one too many: %v", err)
	}
	close(b.block)
	for _, c := range held {
		if text, err := io.ReadAll(c); err != nil || len(text) == 0 {
			t.Errorf("%d bytes, %v", len(text), err)
		}
		c.Close()
	}
}
