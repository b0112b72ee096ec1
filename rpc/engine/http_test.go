// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/p2p"
)

const chainIDCall = `{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}`

func sign(t *testing.T, method jwt.SigningMethod, key any, content jwt.MapClaims) string {
	t.Helper()
	token, err := jwt.NewWithClaims(method, content).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return "Bearer " + token
}

func TestTokens(t *testing.T) {
	at := func(d time.Duration) jwt.MapClaims { return jwt.MapClaims{"iat": noon.Add(d).Unix()} }
	with := func(name string, value any) jwt.MapClaims { return jwt.MapClaims{"iat": noon.Unix(), name: value} }
	hs := jwt.SigningMethodHS256
	wrong := []byte("anothersecretanothersecretanothe")
	good := sign(t, hs, secret, at(0))
	for _, test := range []struct {
		name, token string
		want        int
	}{
		{"good", good, 200},
		{"59 s old", sign(t, hs, secret, at(-60*time.Second)), 200},
		{"60 s ahead", sign(t, hs, secret, at(60*time.Second)), 200},
		{"with an ID and a client's version", sign(t, hs, secret, with("clv", "Lighthouse")), 200},
		{"expires later", sign(t, hs, secret, with("exp", noon.Add(time.Hour).Unix())), 200},
		{"expired", sign(t, hs, secret, with("exp", noon.Add(-time.Second).Unix())), 401},
		{"stale", sign(t, hs, secret, at(-61*time.Second)), 401},
		{"ahead", sign(t, hs, secret, at(61*time.Second)), 401},
		{"far ahead", sign(t, hs, secret, jwt.MapClaims{"iat": 1e300}), 401},
		{"far behind", sign(t, hs, secret, jwt.MapClaims{"iat": -1e300}), 401},
		{"iat is a string", sign(t, hs, secret, jwt.MapClaims{"iat": "now"}), 401},
		{"no iat", sign(t, hs, secret, jwt.MapClaims{"exp": noon.Add(time.Hour).Unix()}), 401},
		{"wrong key", sign(t, hs, wrong, at(0)), 401},
		{"empty key", sign(t, hs, []byte{}, at(0)), 401},
		{"HS512", sign(t, jwt.SigningMethodHS512, secret, at(0)), 401},
		{"none", sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, at(0)), 401},
		{"without signature", good[:strings.LastIndex(good, ".")+1], 401},
		{"no token", "", 401},
		{"Basic", "Basic dXNlcjpwYXNz", 401},
		{"no Bearer", strings.TrimPrefix(good, "Bearer "), 401},
		{"not base64", "Bearer a.b.c", 401},
		{"long", "Bearer " + strings.Repeat("a.", 5000), 401},
	} {
		s := newServer(t, nil)
		if w := post(s, test.token, chainIDCall); w.Code != test.want {
			t.Errorf("%s: status %d, want %d: %s", test.name, w.Code, test.want, w.Body)
		}
	}
	for i := len("Bearer "); i < len(good); i++ { // a flipped bit anywhere
		flipped := []byte(good)
		flipped[i] ^= 4
		if i == len(good)-1 {
			flipped[i] = '!' // the last digit has bits that do not count
		}
		if w := post(newServer(t, nil), string(flipped), chainIDCall); w.Code != http.StatusUnauthorized {
			t.Fatalf("digit %d of the token changed: status %d", i, w.Code)
		}
	}
}

// A wrong secret is told once, and its end is.
func TestWrongSecretIsToldOnce(t *testing.T) {
	var told []string
	s := newServer(t, func(e event.Event) {
		told = append(told, fmt.Sprintf("%s %v", e.(event.Trouble).Where, e.(event.Trouble).Over))
	})
	for range 3 {
		post(s, "", chainIDCall)
	}
	for range 3 {
		post(s, tokenAt(noon), chainIDCall)
	}
	post(s, "", chainIDCall)
	if got := strings.Join(told, " "); got != "token false token true token false" {
		t.Errorf("told %s", got)
	}
}

func TestMethodsOfHTTP(t *testing.T) {
	s := newServer(t, nil)
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete, http.MethodOptions} {
		r := httptest.NewRequest(method, "/", nil)
		w := httptest.NewRecorder()
		if s.ServeHTTP(w, r); w.Code != http.StatusUnauthorized {
			t.Errorf("%s without a token: %d", method, w.Code)
		}
		r.Header.Set("Authorization", tokenAt(noon))
		w = httptest.NewRecorder()
		if s.ServeHTTP(w, r); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "POST" {
			t.Errorf("%s: %d, allow %q", method, w.Code, w.Header().Get("Allow"))
		}
	}
}

// zeros is a body of many bytes that takes no memory.
type zeros struct{ left, read int64 }

func (z *zeros) Read(b []byte) (int, error) {
	if z.left == 0 {
		return 0, io.EOF
	}
	n := int(min(z.left, int64(len(b))))
	for i := range b[:n] {
		b[i] = ' '
	}
	z.left, z.read = z.left-int64(n), z.read+int64(n)
	return n, nil
}

func (z *zeros) Close() error { return nil }

// A body above the bound is refused: by its length before a byte is read, or, without a length, once that
// much was read. Its memory is charged and returned.
func TestLargeBodies(t *testing.T) {
	budget := p2p.NewBudget(0)
	s := newServer(t, nil)
	s.cfg.Budget = budget
	for _, test := range []struct {
		size, length, read int64
		want               string
	}{
		{maxBody + 1, maxBody + 1, 0, "more than 128 MiB"},
		{1 << 62, 1 << 62, 0, "more than 128 MiB"},
		{1 << 62, -1, maxBody + 1, "more than 128 MiB"},
		{1 << 20, -1, 1 << 20, "no JSON"},
	} {
		if bubble.Race && test.read > 1<<20 {
			continue // 128 MiB under the race detector take seconds
		}
		body := &zeros{left: test.size}
		r := httptest.NewRequest(http.MethodPost, "/", body)
		r.ContentLength = test.length
		r.Header.Set("Authorization", tokenAt(noon))
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), test.want) || body.read != test.read {
			t.Errorf("%d bytes, length %d: status %d, %d read: %s", test.size, test.length, w.Code, body.read, w.Body)
		}
		if budget.Used() != 0 {
			t.Errorf("%d bytes stay charged", budget.Used())
		}
	}
}

// A request of half a body takes memory for what has arrived, whatever its length says.
func TestMemoryFollowsTheBytes(t *testing.T) {
	budget := p2p.NewBudget(0)
	s := newServer(t, nil)
	s.cfg.Budget = budget
	in, out := io.Pipe()
	r := httptest.NewRequest(http.MethodPost, "/", in)
	r.ContentLength = maxBody
	r.Header.Set("Authorization", tokenAt(noon))
	var serving sync.WaitGroup
	serving.Go(func() { s.ServeHTTP(httptest.NewRecorder(), r) })
	for range 16 {
		if _, err := out.Write(make([]byte, 16<<10)); err != nil {
			t.Fatal(err)
		}
	}
	if used := budget.Used(); used == 0 || used > 2<<20 {
		t.Errorf("256 KiB of a body have %d bytes charged", used)
	}
	_ = out.CloseWithError(io.ErrUnexpectedEOF)
	serving.Wait()
	if budget.Used() != 0 || len(s.turn) != 0 {
		t.Errorf("%d bytes stay charged, %d turns taken", budget.Used(), len(s.turn))
	}
}

// Cut anywhere, a call is an error of the parser, and nothing is named or kept.
func TestTruncatedAtEveryOffset(t *testing.T) {
	s := newServer(t, nil)
	believe := func(b head.Believed) { t.Errorf("believes %v", b.Ref) }
	s.believe.Store(&believe)
	s.Attach(Backend{AddBlock: func(_, _, _ []byte) error { t.Error("a block of half a payload"); return nil }})
	b := blockOf("amsterdam", 6)
	b.header.Bloom = [256]byte{}
	whole := `{"jsonrpc":"2.0","id":1,"method":"engine_newPayloadV5","params":` + b.params(nil) + `}`
	for i := range whole {
		var answer struct{ Error struct{ Code int } }
		if err := json.Unmarshal(s.answer([]byte(whole[:i])), &answer); err != nil || answer.Error.Code != codeParse {
			t.Fatalf("cut at %d: %+v, %v", i, answer, err)
		}
	}
	state := `{"headBlockHash":"0x` + strings.Repeat("ab", 32) + `","safeBlockHash":"0x` + strings.Repeat("ab", 32) + `","finalizedBlockHash":"0x` + strings.Repeat("ab", 32) + `"}`
	whole = `[{"id":1,"method":"engine_forkchoiceUpdatedV3","params":[` + state + `,null]}]`
	for i := range whole {
		s.answer([]byte(whole[:i]))
	}
}

// A batch is bounded, and so is what is answered.
func TestBatches(t *testing.T) {
	s := newServer(t, nil)
	batch := func(n int) string { return "[" + strings.Repeat(chainIDCall+",", n-1) + chainIDCall + "]" }
	var all []json.RawMessage
	if err := json.Unmarshal(s.answer([]byte(batch(maxBatch))), &all); err != nil || len(all) != maxBatch {
		t.Errorf("%d answers: %v", len(all), err)
	}
	if got := string(s.answer([]byte(batch(maxBatch + 1)))); !strings.Contains(got, "-32600") {
		t.Errorf("a batch of %d: %.200s", maxBatch+1, got)
	}
	echo := `{"id":1,"method":"engine_exchangeTransitionConfigurationV1","params":[{"a":"` + strings.Repeat("a", 1<<20) + `"}]}`
	if bubble.Race { // with the race detector 70 MiB take seconds
		return
	}
	got := s.answer([]byte("[" + strings.Repeat(echo+",", 70) + echo + "]"))
	if len(got) > maxAnswer+100<<10 || !strings.Contains(string(got), "-38004") {
		t.Errorf("an answer of %d bytes", len(got))
	}
}

// Forkchoice updates, payloads and questions at once, over TCP: each is answered, one at a time.
func TestConcurrentCalls(t *testing.T) {
	s := newServer(t, nil)
	s.now = time.Now
	s.cfg.Listen = "127.0.0.1:0"
	addr, err := s.Listen()
	if err != nil {
		t.Fatal(err)
	}
	var inside, believed atomic.Int32
	believe := func(head.Believed) {
		if inside.Add(1) != 1 {
			t.Error("two calls at once")
		}
		believed.Add(1)
		inside.Add(-1)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running, calling sync.WaitGroup
	running.Go(func() {
		if err := s.Run(ctx, believe); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	client := &http.Client{Timeout: 20 * time.Second}
	for i := range 8 {
		calling.Go(func() {
			for j := range 10 {
				hash := fmt.Sprintf(`"0x%062x%02x"`, i+1, j)
				for _, call := range []string{
					`{"id":1,"method":"engine_forkchoiceUpdatedV3","params":[{"headBlockHash":` + hash + `,"safeBlockHash":` + hash + `,"finalizedBlockHash":` + hash + `},null]}`,
					`{"id":1,"method":"engine_newPayloadV4","params":` + blockOf("prague", uint64(1+j)).params(nil) + `}`,
					chainIDCall,
				} {
					r, _ := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+addr.String(), strings.NewReader(call))
					r.Header.Set("Authorization", tokenAt(time.Now()))
					answer, err := client.Do(r)
					if err != nil {
						t.Error(err)
						return
					}
					text, err := io.ReadAll(answer.Body)
					_ = answer.Body.Close()
					if err != nil || answer.StatusCode != http.StatusOK || strings.Contains(string(text), "error\":{") {
						t.Errorf("%d %s %v", answer.StatusCode, text, err)
					}
				}
			}
		})
	}
	calling.Wait()
	client.CloseIdleConnections()
	cancel()
	running.Wait()
	if believed.Load() != 80 {
		t.Errorf("%d heads named", believed.Load())
	}
}

// Connections beyond the bound are closed at once; a port in use is an error of Listen.
func TestConnectionsAreBounded(t *testing.T) {
	s := newServer(t, nil)
	s.cfg.Listen = "127.0.0.1:0"
	addr, err := s.Listen()
	if err != nil {
		t.Fatal(err)
	}
	other := newServer(t, nil)
	other.cfg.Listen = addr.String()
	if _, err := other.Listen(); err == nil {
		t.Error("two servers listen on one port")
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = s.Run(ctx, func(head.Believed) {}) })
	var all []net.Conn
	for range maxConnections + 1 {
		c, err := net.Dial("tcp", addr.String())
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	last := all[maxConnections]
	_ = last.SetReadDeadline(time.Now().Add(10 * time.Second))
	if n, err := last.Read(make([]byte, 1)); err == nil {
		t.Errorf("connection %d is served: %d bytes", maxConnections+1, n)
	}
	for _, c := range all {
		_ = c.Close()
	}
	cancel()
	running.Wait()
}

// FuzzPayload: reading any parameters of newPayload ends. A payload that is accepted has a header and a body
// that decode, and its block hash is the header's or is reported as wrong.
func FuzzPayload(f *testing.F) {
	for fork := range forkNames {
		f.Add([]byte(blockOf(fork, 3).params(nil)))
	}
	f.Add([]byte(`[{"transactions":["0x",""]}]`))
	f.Fuzz(func(t *testing.T, params []byte) {
		s := newServer(t, nil)
		s.Attach(Backend{AddBlock: func(header, body, _ []byte) error {
			checkBlock(t, header, body)
			return nil
		}})
		for _, call := range []string{
			`{"id":1,"method":"engine_newPayloadV5","params":` + string(params) + `}`, string(params),
		} {
			answer := s.answer([]byte(call))
			if len(answer) > 0 && !json.Valid(answer) {
				t.Fatalf("the answer is no JSON: %s", answer)
			}
			if strings.Contains(string(answer), `"VALID"`) {
				t.Fatalf("VALID: %s", answer)
			}
		}
	})
}
