// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/script"
	"github.com/ethpeer/ethpeer/types"
)

var (
	secret = []byte("secretsecretsecretsecretsecretse")
	noon   = time.Unix(1_800_000_000, 0)
)

// TestDialogues plays testdata/*.txt: a consensus client, and what it hears. Block N has the hash 0x…N where a
// script says "#N"; names of hashes stand in the answers, too.
//
//	attach                        the node has a chain of the blocks that came as payloads
//	call METHOD [PARAMS]          a JSON-RPC call
//	raw BODY                      an HTTP body
//	payload V N FORK [MEMBER=JSON…] newPayload of block N, with members changed; "MEMBER=" leaves it out
//	later SECONDS                 the clock moves
func TestDialogues(t *testing.T) {
	script.Run(t, "testdata/*.txt", func(t *testing.T) func([]string) string {
		return newPlayer(t).run
	})
}

type player struct {
	t      *testing.T
	s      *Server
	now    time.Time
	out    strings.Builder
	names  map[string]string // of hashes
	bodies map[types.Hash][]byte
	lists  map[types.Hash][]byte
	byNum  map[uint64]types.Hash
}

func newPlayer(t *testing.T) *player {
	p := &player{
		t: t, now: noon, names: map[string]string{}, bodies: map[types.Hash][]byte{}, lists: map[types.Hash][]byte{}, byNum: map[uint64]types.Hash{},
	}
	p.s = newServer(t, func(e event.Event) {
		switch e := e.(type) {
		case event.Trouble:
			fmt.Fprintf(&p.out, "trouble %s: %s over %v\n", e.Where, e.Err, e.Over)
		case event.Loss:
			fmt.Fprintf(&p.out, "loss %s %d\n", e.Where, e.Count)
		}
	})
	p.s.now = func() time.Time { return p.now }
	believe := func(b head.Believed) {
		fmt.Fprintf(&p.out, "believe %d %v safe %d %v finalized %d %v by %s proved %v header %v\n",
			b.Number, b.Hash, b.Safe.Number, b.Safe.Hash, b.Finalized.Number, b.Finalized.Hash, b.By, b.Proved, b.Header != nil)
	}
	p.s.believe.Store(&believe)
	return p
}

func newServer(t testing.TB, record event.Recorder) *Server {
	t.Helper()
	s, err := New(Config{Secret: secret, ChainID: 11155111, NetworkID: 5, Version: "v0.0.1", Commit: [4]byte{1, 2, 3, 4}, Record: record})
	if err != nil {
		t.Fatal(err)
	}
	s.now = func() time.Time { return noon }
	return s
}

func tokenAt(at time.Time) string {
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{IssuedAt: jwt.NewNumericDate(at)}).SignedString(secret)
	if err != nil {
		panic(err)
	}
	return "Bearer " + token
}

// post sends a body and returns the answer.
func post(s *Server, token, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Authorization", token)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func (p *player) run(words []string) string {
	p.out.Reset()
	args := words[1:]
	switch words[0] {
	case "attach":
		p.attach()
	case "later":
		seconds, err := strconv.Atoi(args[0])
		if err != nil {
			p.t.Fatal(err)
		}
		p.now = p.now.Add(time.Duration(seconds) * time.Second)
	case "raw":
		p.post(strings.Join(args, " "))
	case "call":
		params := "[]"
		if len(args) > 1 {
			params = p.expand(strings.Join(args[1:], " "))
		}
		p.post(fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":%q,"params":%s}`, args[0], params))
	case "payload":
		p.payload(args)
	default:
		p.t.Fatalf("unknown command %q", words[0])
	}
	return p.shorten(p.out.String())
}

func (p *player) payload(args []string) {
	number, err := strconv.ParseUint(args[1], 10, 64)
	if err != nil {
		p.t.Fatal(err)
	}
	b, set := blockOf(args[2], number), map[string]any{}
	for _, word := range args[3:] {
		name, value, _ := strings.Cut(word, "=")
		set[name] = nil
		if value != "" {
			set[name] = rawJSON(value)
		}
	}
	p.names[b.header.Hash().String()] = "#" + args[1]
	p.post(`{"jsonrpc":"2.0","id":1,"method":"engine_newPayload` + args[0] + `","params":` + b.params(set) + `}`)
}

type rawJSON string

func (r rawJSON) MarshalJSON() ([]byte, error) { return []byte(r), nil }

func (p *player) post(body string) {
	w := post(p.s, tokenAt(p.now), body)
	text := w.Body.String()
	if short, ok := strings.CutPrefix(text, `{"jsonrpc":"2.0","id":1,`); ok {
		text = strings.TrimSuffix(short, "}")
	}
	if w.Code != http.StatusOK {
		text = strconv.Itoa(w.Code) + " " + text
	}
	p.out.WriteString(text + "\n")
}

// attach gives the server a chain that keeps what it is given.
func (p *player) attach() {
	p.s.Attach(Backend{
		Head: func() chain.Ref {
			top := slices.Max(append(slices.Collect(maps.Keys(p.byNum)), 0))
			return chain.Ref{Number: top, Hash: p.byNum[top]}
		},
		Canonical:  func(n uint64) (types.Hash, bool) { h, ok := p.byNum[n]; return h, ok },
		Header:     func(types.Hash) []byte { return nil },
		Body:       func(h types.Hash) []byte { return p.bodies[h] },
		AccessList: func(h types.Hash) []byte { return p.lists[h] },
		AddBlock: func(header, body, list []byte) error {
			h, err := types.DecodeHeader(header)
			if err != nil {
				return err
			}
			b, err := types.DecodeBody(body)
			if err != nil {
				return err
			}
			fmt.Fprintf(&p.out, "block %d %v body matches %v\n", h.Number, h.Hash(), b.Matches(&h))
			p.bodies[h.Hash()], p.lists[h.Hash()], p.byNum[h.Number] = body, list, h.Hash()
			return nil
		},
	})
}

// expand writes hashes for the names of blocks, and 32 bytes for "@x".
func (p *player) expand(text string) string {
	for hash, name := range p.names {
		text = strings.ReplaceAll(text, `"`+name+`"`, `"`+hash+`"`)
	}
	return regexp.MustCompile(`"@([0-9a-f]*)"`).ReplaceAllStringFunc(text, func(at string) string {
		digits := strings.Trim(at, `"@`)
		return `"0x` + digits + strings.Repeat("0", 64-len(digits)) + `"`
	})
}

// shorten writes names for hashes.
func (p *player) shorten(text string) string {
	for hash, name := range p.names {
		text = strings.ReplaceAll(text, hash, name)
	}
	return regexp.MustCompile(`0x[0-9a-f]{64}`).ReplaceAllStringFunc(text, func(h string) string {
		return "@" + strings.TrimRight(strings.TrimPrefix(h, "0x"), "0")
	})
}
