// SPDX-License-Identifier: Apache-2.0

package memnet

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

func TestBytesArriveInOrder(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		a, b := Pipe()
		want := bytes.Repeat([]byte("0123456789"), 100)
		go func() {
			_, _ = a.Write(want[:333])
			_, _ = a.Write(want[333:])
			a.Close()
		}()
		if got, err := io.ReadAll(b); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
		if _, err := b.Write([]byte{1}); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("writing to one who left: %v", err)
		}
		if _, err := a.Read(make([]byte, 1)); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("reading after Close: %v", err)
		}
	})
}

func TestDeadlines(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		a, b := Pipe()
		began := time.Now()
		_ = a.SetDeadline(began.Add(3 * time.Second))
		if _, err := a.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(began) != 3*time.Second {
			t.Errorf("read: %v after %v", err, time.Since(began))
		}
		if _, err := a.Write([]byte{1}); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("write: %v", err)
		}
		_ = a.SetDeadline(time.Time{})
		done := make(chan error)
		go func() {
			_, err := a.Write([]byte{1})
			done <- err
		}()
		synctest.Wait()
		_ = a.SetWriteDeadline(time.Now().Add(-1)) // wakes a waiting write
		if err := <-done; !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("a deadline in the past: %v", err)
		}
		b.Close()
		if _, err := a.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("read from one who left: %v", err)
		}
	})
}
