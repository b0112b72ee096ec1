// SPDX-License-Identifier: Apache-2.0

package light

import (
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

// A recording is one file of testdata: what a beacon node answered, and what a client must be told beforehand.
type recording struct {
	Name       string
	Network    json.RawMessage
	Bootstrap  json.RawMessage
	Updates    json.RawMessage
	Finality   json.RawMessage `json:"finality_update"`
	Optimistic json.RawMessage `json:"optimistic_update"`
	Header     *struct {
		Hash string `json:"block_hash"`
		RLP  string `json:"header_rlp"`
	} `json:"el_header"`
	Boundary []json.RawMessage

	network    Network
	checkpoint Root
	want       struct {
		Finalized uint64 `json:"finalized_slot"`
		Head      uint64 `json:"head_slot"`
		Hash      string `json:"head_execution_hash"`
	}
}

func load(t testing.TB, name string) *recording {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name+".json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	r := &recording{Name: name}
	if err := json.NewDecoder(in).Decode(r); err != nil {
		t.Fatal(err)
	}
	var told struct {
		Checkpoint Root `json:"checkpoint_root"`
		Want       any
	}
	raw := []byte(r.Network)
	if strings.HasPrefix(name, "synthetic-") { // gen.mjs has these in its code
		raw = []byte(strings.Replace(string(raw), "{", `{"genesis_time":1700000000,"seconds_per_slot":12,`, 1))
	}
	if r.network, err = ParseNetwork(raw); err != nil {
		t.Fatal(err)
	}
	told.Want = &r.want
	if err := json.Unmarshal(raw, &told); err != nil {
		t.Fatal(err)
	}
	r.checkpoint = told.Checkpoint
	return r
}

func (r *recording) start(t testing.TB) *Client {
	t.Helper()
	b, err := ParseBootstrap(r.Bootstrap)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Start(&r.network, r.checkpoint, b)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// updates returns all that the recording says after the bootstrap, in order.
func (r *recording) updates(t testing.TB) (all []*Update) {
	t.Helper()
	if r.Updates != nil {
		list, err := ParseUpdates(r.Updates, 16)
		if err != nil {
			t.Fatal(err)
		}
		all = list
	}
	for _, raw := range append([]json.RawMessage{r.Finality, r.Optimistic}, r.Boundary...) {
		if raw != nil {
			all = append(all, parse(t, raw))
		}
	}
	return all
}

func parse(t testing.TB, raw []byte) *Update {
	t.Helper()
	u, err := ParseUpdate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

const later = 1 << 40 // a slot after all

// recordings lists the files of testdata, with the slot and the finalized slot that they lead to.
var recordings = map[string]struct {
	head, finalized uint64
	hash            string
}{
	"lodestar-capella-minimal":           {473, 456, "0x8f2fe50219ffbb4c8423406f0ef00afcbca39438002ef5e2f482d9fa1793da0b"},
	"lodestar-bellatrix-capella-minimal": {},
	"lodestar-fork-mainnet":              {33, 16, "0x9ecdf3f7c4f9c65d30bf30b560d82131ad06314133e2697fbe54caff26545541"},
	"synthetic-deneb-minimal":            {},
	"synthetic-electra-minimal":          {},
	"synthetic-electra-mainnet":          {},
	"synthetic-fulu-minimal":             {},
	"synthetic-gloas-minimal":            {},
}

// TestRecordings: a real beacon node's chain, and synthetic ones of later forks, lead to the head that is wanted.
func TestRecordings(t *testing.T) {
	for name, want := range recordings {
		t.Run(name, func(t *testing.T) {
			if bubble.Race && strings.HasSuffix(name, "mainnet") {
				t.Skip("512 keys a committee; nothing here is concurrent")
			}
			r := load(t, name)
			c := r.start(t)
			for i, u := range r.updates(t) {
				if _, err := c.Apply(u, later); err != nil {
					t.Fatalf("update %d, slot %d: %v", i, u.Attested.Beacon.Slot, err)
				}
			}
			head, finalized := c.Head(), c.Finalized()
			t.Logf("head %d %v number %d, votes %d, finalized %d", head.Slot, head.Hash, head.Number, head.Votes, finalized.Slot)
			switch {
			case r.Header != nil:
				raw, err := hex.DecodeString(strings.TrimPrefix(r.Header.RLP, "0x"))
				if err != nil {
					t.Fatal(err)
				}
				if hash := keccak.Sum256(raw); hash != head.Hash {
					t.Errorf("geth's header hashes to %x, and %v is proved", hash, head.Hash)
				}
			case r.want.Head != 0:
				want.head, want.finalized, want.hash = r.want.Head, r.want.Finalized, r.want.Hash
			}
			if want.head != 0 && (head.Slot != want.head || finalized.Slot != want.finalized || head.Hash.String() != want.hash) {
				t.Errorf("want head %d %s, finalized %d", want.head, want.hash, want.finalized)
			}
			if head.Votes*3 < r.network.Preset.CommitteeSize*2 {
				t.Errorf("%d votes", head.Votes)
			}
		})
	}
}

// TestForkBoundary: a block of the last slot before a fork is signed in the first slot after it, with the old
// version. If the fork epoch is one too early or too late, a signature or a header is invalid.
func TestForkBoundary(t *testing.T) {
	if bubble.Race {
		t.Skip("512 keys a committee; nothing here is concurrent")
	}
	for shift, want := range map[uint64]Reason{0: "", ^uint64(0): Malformed, 1: Malformed, 2: Malformed} {
		r := load(t, "lodestar-fork-mainnet")
		capella := &r.network.Forks[len(r.network.Forks)-1]
		if capella.Name != "capella" || capella.Epoch != 1 {
			t.Fatalf("%+v", capella)
		}
		capella.Epoch += shift
		b, err := ParseBootstrap(r.Bootstrap)
		if err != nil {
			t.Fatal(err)
		}
		c, first := Start(&r.network, r.checkpoint, b)
		if first != nil {
			if reason(first) != want {
				t.Errorf("Capella %d epochs late: %v, want %s", shift, first, want)
			}
			continue
		}
		slots := ""
		for _, u := range r.updates(t) {
			slots += text(u.SignatureSlot) + " "
			if _, err := c.Apply(u, later); first == nil {
				first = err
			}
		}
		if slots != "31 32 33 34 " {
			t.Fatalf("signatures of slots %s", slots)
		}
		if reason(first) != want {
			t.Errorf("Capella %d epochs late: %v, want %s", shift, first, want)
		}
	}
	// Signature 32 of slot 31 with the version of slot 32.
	r := load(t, "lodestar-fork-mainnet")
	c := r.start(t)
	r.network.Forks[len(r.network.Forks)-2].Version = r.network.Forks[len(r.network.Forks)-1].Version
	c.network = r.network
	if _, err := c.Apply(r.updates(t)[1], later); reason(err) != BadVotes {
		t.Errorf("the new version for the last slot before the fork: %v", err)
	}
}

func reason(err error) Reason {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Why
	}
	if err != nil {
		return Reason(err.Error())
	}
	return ""
}
