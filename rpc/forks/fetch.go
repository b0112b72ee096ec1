// SPDX-License-Identifier: Apache-2.0

package forks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/ethpeer/ethpeer/params"
)

const (
	maxAnswer = 1 << 20 // bytes: a real one has 3 KiB
	timeout   = 10 * time.Second
)

const request = `{"jsonrpc":"2.0","id":1,"method":"eth_config","params":[]}`

// Fetch asks the node at a URL. Client may be nil: http.DefaultClient. An error says what is wrong with the node's answer.
func Fetch(ctx context.Context, client *http.Client, url string) (*params.NodeConfig, error) {
	if client == nil {
		client = http.DefaultClient
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(request))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", url, err)
	case len(body) > maxAnswer:
		return nil, fmt.Errorf("%s: the answer has more than 1 MiB", url)
	case answer.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%s: HTTP status %s", url, answer.Status)
	}
	cfg, err := read(body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", url, err)
	}
	return cfg, nil
}

func read(body []byte) (*params.NodeConfig, error) {
	var answer struct {
		Result json.RawMessage
		Error  *struct {
			Code    int
			Message string
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Errorf("no JSON-RPC answer: %w", err)
	}
	if answer.Error != nil {
		return nil, fmt.Errorf("eth_config: %.200q (%d): the node must know EIP-7910", answer.Error.Message, answer.Error.Code)
	}
	if len(answer.Result) == 0 {
		return nil, errors.New("no JSON-RPC answer: result is missing")
	}
	return params.ReadNodeConfig(answer.Result)
}
