// SPDX-License-Identifier: Apache-2.0

package forks

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ethpeer/ethpeer/params"
)

const hoodiFork = `{"activationTime":1762955544,"blobSchedule":{"baseFeeUpdateFraction":11684671,"max":21,"target":14},"chainId":"0x88bb0","forkId":"0x23aa1351","precompiles":{},"systemContracts":{}}`

func TestFetch(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		body   string
		want   string // a part of the error; "" = none
	}{
		"a node":        {200, `{"jsonrpc":"2.0","id":1,"result":{"current":` + hoodiFork + `,"next":null,"last":null}}`, ""},
		"an older node": {200, `{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"the method eth_config does not exist"}}`, "must know EIP-7910"},
		"not found":     {404, "no such page", "404"},
		"no JSON":       {200, "<html>", "no JSON-RPC answer"},
		"no result":     {200, `{"jsonrpc":"2.0","id":1}`, "result is missing"},
		"result null":   {200, `{"jsonrpc":"2.0","id":1,"result":null}`, "current is missing"},
		"without end":   {200, strings.Repeat(" ", 2<<20), "more than 1 MiB"},
		"half of it":    {200, `{"jsonrpc":"2.0","id":1,"result":{"current":` + hoodiFork, "no JSON-RPC answer"},
	} {
		t.Run(name, func(t *testing.T) {
			node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if body, _ := io.ReadAll(r.Body); r.Method != http.MethodPost || string(body) != request {
					t.Errorf("%s %s", r.Method, body)
				}
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			}))
			defer node.Close()
			cfg, err := Fetch(t.Context(), node.Client(), node.URL)
			switch {
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("%+v, %v; want %q", cfg, err, test.want)
			case test.want == "" && (err != nil || cfg.Current.At != 1762955544):
				t.Errorf("%+v, %v", cfg, err)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Fetch(ctx, nil, "http://127.0.0.1:1"); err == nil {
		t.Error("a node that is not there answers")
	}
	if _, err := Fetch(ctx, nil, "::"); err == nil {
		t.Error("no URL")
	}
}

// A node's answer becomes what --fork says.
func Example() {
	node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"jsonrpc":"2.0","id":1,"result":{"current":`+hoodiFork+`,"next":null,"last":null}}`)
	}))
	defer node.Close()
	hoodi, _ := params.ByName("hoodi")
	cfg, err := Fetch(context.Background(), nil, node.URL)
	if err != nil {
		panic(err)
	}
	overrides, err := hoodi.Overrides(cfg)
	fmt.Println(len(overrides), "forks to learn,", err)
	// Output: 0 forks to learn, <nil>
}
