// SPDX-License-Identifier: Apache-2.0

package beacon

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/chain/light"
	"github.com/ethpeer/ethpeer/internal/test/beacon"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

// TestOldCheckpoint: a checkpoint, or a stored state, that is older than two weeks is refused with its age
// and what to do, unless the operator insists.
func TestOldCheckpoint(t *testing.T) {
	inWorld(t, "a", func(w *world) {
		w.config.Genesis -= 15 * 24 * 3600
		w.config.EpochsPerPeriod = 1 << 15 // so that there are few periods
		w.config.Finalized = func(uint64) (uint64, bool) { return 0, false }
		w.cfg.Network = factsOf(w.config)
		w.cfg.Checkpoint = light.Root(beacon.New(w.config).At(32).Root)
		w.down("a")
		w.add("a", w.config)
		w.cfg.Store = File(filepath.Join(t.TempDir(), "light"))
		refused := func(what, days string) {
			t.Helper()
			f, err := New(w.cfg)
			if err != nil {
				t.Fatal(err)
			}
			err = f.Run(w.t.Context(), func(head.Believed) {})
			old, ok := errors.AsType[*TooOldError](err)
			if !ok {
				t.Fatal(err)
			}
			for _, part := range []string{what, days + " days ago, more than 14", "two sources", "finalized", "--checkpoint-any-age"} {
				if !strings.Contains(old.Error(), part) {
					t.Errorf("%q is not in %v", part, err)
				}
			}
		}
		refused("the checkpoint is of slot 32", "15.0")
		w.cfg.AnyAge = true
		w.run()
		w.wait(3)
		w.current("any age")
		w.stop()
		w.cfg.AnyAge = false
		time.Sleep(15 * 24 * time.Hour) // in a bubble
		refused("the checkpoint is of slot 32", "30.0")
		w.cfg.Checkpoint = light.Root{}
		refused("the state of the last run is of slot ", "15.0")
	})
}

// TestStates: what is stored and cannot be used is an error, unless there is a checkpoint.
func TestStates(t *testing.T) {
	inWorld(t, "a", func(w *world) {
		file := File(filepath.Join(t.TempDir(), "light"))
		w.cfg.Store = file
		w.run()
		w.wait(1)
		w.stop()
		state, err := file.Load()
		if err != nil || len(state) == 0 {
			t.Fatal(err)
		}
		state[100] ^= 1
		if err := file.Save(state); err != nil {
			t.Fatal(err)
		}
		checkpoint := w.cfg.Checkpoint
		w.cfg.Checkpoint = light.Root{}
		f, err := New(w.cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Run(w.t.Context(), func(head.Believed) {}); !errors.Is(err, light.ErrState) || !errors.Is(err, ErrNoCheckpoint) {
			t.Error(err)
		}
		w.cfg.Checkpoint = checkpoint
		w.run()
		w.wait(1)
		w.current("from the checkpoint")
		w.stop()
		if again, err := file.Load(); err != nil || string(again) == string(state) {
			t.Errorf("the state was not replaced: %v", err)
		}
	})
}

// TestStoreThatFails: a state that cannot be written is told, and following goes on.
func TestStoreThatFails(t *testing.T) {
	inWorld(t, "a", func(w *world) {
		w.cfg.Store = File(filepath.Join(t.TempDir(), "no", "such", "folder"))
		w.run()
		w.wait(3)
		w.current("without a store")
		if said := w.said(); len(said) == 0 || !strings.Contains(said[0], "cannot be kept") {
			t.Errorf("%q", said)
		}
	})
}

func TestFile(t *testing.T) {
	f := File(filepath.Join(t.TempDir(), "light"))
	if b, err := f.Load(); b != nil || err != nil {
		t.Errorf("%q, %v", b, err)
	}
	for _, text := range []string{"one", "another one"} {
		if err := f.Save([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if b, err := f.Load(); string(b) != text || err != nil {
			t.Errorf("%q, %v", b, err)
		}
	}
	if all, err := os.ReadDir(filepath.Dir(string(f))); err != nil || len(all) != 1 {
		t.Errorf("%v, %v", all, err)
	}
	if err := os.WriteFile(string(f), make([]byte, maxFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Load(); err == nil {
		t.Error("a large file is read")
	}
	if _, err := File(filepath.Dir(string(f))).Load(); err == nil {
		t.Error("a folder is read")
	}
}

// TestConfig: all that is wrong is said at once, and a URL's key is not.
func TestConfig(t *testing.T) {
	_, err := New(Config{
		URLs:    []string{"ftp://a", "http://", "https://key@b/?token=1", "::", "http://1", "http://2", "http://3", "http://4", "http://5"},
		Network: light.Network{Name: "empty", Forks: []light.Fork{{}}},
	})
	for _, part := range []string{"9 beacon nodes, more than 8", `"ftp://a"`, `"http://"`, `"::"`, "no genesis validators root", "--checkpoint ROOT"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in %v", part, err)
		}
	}
	if _, err := New(Config{Checkpoint: light.Root{1}}); err == nil || !strings.Contains(err.Error(), "--beacon URL") {
		t.Error(err)
	}
	inWorld(t, "a", func(w *world) {
		w.cfg.URLs = []string{"http://user:secret@a/secret/"}
		w.run()
		w.wait(10)
		for _, line := range w.said() {
			if strings.Contains(line, "secret") {
				t.Errorf("%q", line)
			}
		}
		if s := w.follower.Status(); strings.Contains(s.Node, "secret") {
			t.Errorf("%+v", s)
		}
	})
}

// TestToldNetwork: the parameters of the network come from the first node that states them. A node that
// states a wrong one costs time and leads to no head; then those of the next node are taken.
func TestToldNetwork(t *testing.T) {
	lies := map[string][2]string{
		"nothing":         {"", ""},
		"validators root": {`_root":"0x`, `_root":"0x5a`}, // and two digits less at the end
		"genesis time":    {`"genesis_time":"9`, `"genesis_time":"8`},
		"slot time":       {`"SECONDS_PER_SLOT":"12"`, `"SECONDS_PER_SLOT":"11"`},
		"fork version":    {`"ELECTRA_FORK_VERSION":"0x05`, `"ELECTRA_FORK_VERSION":"0x06`},
		"fork":            {`ELECTRA_`, `GLOAS_`},
		"older fork":      {`ELECTRA_`, `DENEB_`},
		"unknown fork":    {`ELECTRA_`, `HEZE_`},
		"committee size":  {`"SYNC_COMMITTEE_SIZE":"8"`, `"SYNC_COMMITTEE_SIZE":"16"`},
		"no JSON":         {`{`, `[`},
		"period":          {`"EPOCHS_PER_SYNC_COMMITTEE_PERIOD":"4"`, `"EPOCHS_PER_SYNC_COMMITTEE_PERIOD":"400"`},
	}
	for name, lie := range lies {
		t.Run(name, func(t *testing.T) {
			if bubble.Race && name != "fork version" {
				t.Skip("one kind is enough with the race detector")
			}
			inWorld(t, "ab", func(w *world) {
				w.cfg.Network = light.Network{}
				w.fault("a", func(rw http.ResponseWriter, r *http.Request, body []byte) bool {
					if strings.Contains(r.URL.Path, "light_client") || strings.HasSuffix(r.URL.Path, "/events") {
						return false
					}
					text := strings.Replace(string(body), lie[0], lie[1], 1)
					if i := strings.Index(text, `_root":"0x5a`); i > 0 {
						i += len(`_root":"0x`)
						text = text[:i+64] + text[i+66:]
					}
					rw.Write([]byte(text))
					return true
				})
				w.run()
				w.wait(12)
				w.current("told by the second node")
				if s := w.follower.Status(); name != "nothing" && s.Dropped != 0 {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

// TestToldNetworkRestart: a stored state is used with the facts that a node tells, if it is of that network.
func TestToldNetworkRestart(t *testing.T) {
	inWorld(t, "a", func(w *world) {
		w.cfg.Network, w.cfg.Store = light.Network{}, File(filepath.Join(t.TempDir(), "light"))
		w.run()
		w.wait(2)
		w.stop()
		w.cfg.Checkpoint = light.Root{}
		w.fault("a", func(rw http.ResponseWriter, r *http.Request, body []byte) bool {
			i := strings.Index(string(body), `signature":"0x`) + 40
			if !strings.HasSuffix(r.URL.Path, "_update") || i < 40 {
				return false
			}
			body[i] ^= 1 // digits become others
			rw.Write(body)
			return true
		})
		w.run()
		w.wait(3)
		before := w.last()
		w.fault("a", nil)
		w.wait(3)
		w.current("after a restart with bad answers")
		if w.last() == before {
			t.Error("no head")
		}
	})
}
