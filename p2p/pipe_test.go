// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"errors"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

func pipeWrite(t Transport, payload ...byte) chan error {
	done := make(chan error, 1)
	go func() {
		if err := t.Queue(&Out{Code: 1, Raw: payload}); err != nil {
			done <- err
			return
		}
		done <- t.Flush(time.Now().Add(time.Hour))
	}()
	return done
}

func returned(done chan error) (error, bool) {
	synctest.Wait()
	select {
	case err := <-done:
		return err, true
	default:
		return nil, false
	}
}

// Checklist row 54.
func TestPipeWriteWaitsForConsumption(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		a, b := Pipe()
		done := pipeWrite(a, 1, 2, 3)
		if _, ok := returned(done); ok {
			t.Fatal("the write returned before anybody read")
		}
		if code, payload, err := b.Read(time.Now().Add(time.Minute)); err != nil || code != 1 || len(payload) != 3 {
			t.Fatalf("read %d %x %v", code, payload, err)
		}
		if _, ok := returned(done); ok {
			t.Fatal("the write returned while the reader still has the payload")
		}
		if _, _, err := b.Read(time.Now().Add(time.Second)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("second read: %v", err)
		}
		if err, ok := returned(done); !ok || err != nil {
			t.Fatalf("after consumption: returned %v, %v", ok, err)
		}
		// Nothing to consume: the handover is enough.
		done = pipeWrite(a)
		if _, _, err := b.Read(time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if err, ok := returned(done); !ok || err != nil {
			t.Fatalf("without a payload: returned %v, %v", ok, err)
		}
	})
}

// Checklist row 55.
func TestPipeClose(t *testing.T) {
	cases := map[string]func(t *testing.T){
		"during the write": func(t *testing.T) {
			a, b := Pipe()
			done := pipeWrite(a, 1)
			synctest.Wait()
			b.Close()
			if err := <-done; !errors.Is(err, ErrPipeClosed) {
				t.Errorf("got %v", err)
			}
		},
		"after the handover": func(t *testing.T) {
			a, b := Pipe()
			done := pipeWrite(a, 1)
			if _, _, err := b.Read(time.Now().Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
			a.Close()
			if err := <-done; err != nil {
				t.Errorf("a message that was handed over counts: %v", err)
			}
		},
		"before": func(t *testing.T) {
			a, b := Pipe()
			a.Close()
			a.Close() // again
			if err := <-pipeWrite(b, 1); !errors.Is(err, ErrPipeClosed) {
				t.Errorf("write: %v", err)
			}
			for _, end := range []Transport{a, b} {
				if _, _, err := end.Read(time.Now().Add(time.Minute)); !errors.Is(err, ErrPipeClosed) {
					t.Errorf("read: %v", err)
				}
			}
		},
		"during the read": func(t *testing.T) {
			a, b := Pipe()
			done := make(chan error)
			go func() {
				_, _, err := a.Read(time.Now().Add(time.Hour))
				done <- err
			}()
			synctest.Wait()
			b.Close()
			if err := <-done; !errors.Is(err, ErrPipeClosed) {
				t.Errorf("got %v", err)
			}
		},
	}
	for name, run := range cases {
		t.Run(name, func(t *testing.T) { bubble.Test(t, run) })
	}
}
