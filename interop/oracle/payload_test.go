// SPDX-License-Identifier: Apache-2.0

package oracle

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	gethengine "github.com/ethereum/go-ethereum/beacon/engine"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	gethtypes "github.com/ethereum/go-ethereum/core/types"
	gethrlp "github.com/ethereum/go-ethereum/rlp"
	"github.com/ethereum/go-ethereum/trie"
	"github.com/golang-jwt/jwt/v5"

	"github.com/ethpeer/ethpeer/rpc/engine"
	"github.com/ethpeer/ethpeer/types"
)

var engineSecret = bytes.Repeat([]byte{7}, 32)

// payloadForks are the forks whose payloads differ, with the version of newPayload that takes them.
var payloadForks = []struct {
	name    string
	version int
}{{"paris", 1}, {"shanghai", 2}, {"cancun", 3}, {"prague", 4}, {"amsterdam", 5}}

// TestPayloads: a payload that geth writes, of real transactions and each fork, becomes a header and a body with geth's own bytes;
// with any byte of the payload's fields changed it is INVALID, as geth says, too.
func TestPayloads(t *testing.T) {
	for _, real := range mainnet(t) {
		for i, fork := range payloadForks {
			t.Run(fmt.Sprintf("%d/%s", real.NumberU64(), fork.name), func(t *testing.T) {
				block, requests := blockOfFork(real, i)
				params := payloadParams(t, block, requests)
				header, body, answer := newPayload(t, fork.version, params)
				wantHeader, _ := gethrlp.EncodeToBytes(block.Header())
				wantBody, _ := gethrlp.EncodeToBytes(block.Body())
				if !bytes.Equal(header, wantHeader) || !bytes.Equal(body, wantBody) {
					t.Fatalf("%s\nheader %x\nwant   %x\nbodies equal: %v", answer, header, wantHeader, bytes.Equal(body, wantBody))
				}
				changePayload(t, fork.version, params)
			})
		}
	}
}

// blockOfFork returns a real block with the fields of a fork.
func blockOfFork(real *gethtypes.Block, fork int) (*gethtypes.Block, [][]byte) {
	h := gethtypes.CopyHeader(real.Header())
	h.WithdrawalsHash, h.BlobGasUsed, h.ExcessBlobGas, h.ParentBeaconRoot, h.RequestsHash, h.SlotNumber, h.BlockAccessListHash = nil, nil, nil, nil, nil, nil, nil
	body := gethtypes.Body{Transactions: real.Transactions()}
	var requests [][]byte
	number := func(n uint64) *uint64 { return &n }
	if fork >= 1 {
		body.Withdrawals = real.Withdrawals()
		root := gethtypes.DeriveSha(gethtypes.Withdrawals(body.Withdrawals), trie.NewStackTrie(nil))
		h.WithdrawalsHash = &root
	}
	if fork >= 2 {
		h.BlobGasUsed, h.ExcessBlobGas, h.ParentBeaconRoot = number(131072), number(7), &common.Hash{5}
	}
	if fork >= 3 {
		requests = [][]byte{{0, 1, 2}, {1, 3}, {2}}
		hash := gethtypes.CalcRequestsHash(requests)
		h.RequestsHash = &hash
	}
	if fork >= 4 {
		hash := common.HexToHash("0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347") // of the empty list
		h.SlotNumber, h.BlockAccessListHash = number(77), &hash
	}
	return gethtypes.NewBlockWithHeader(h).WithBody(body), requests
}

// payloadParams returns the parameters of newPayload, as geth writes the payload.
func payloadParams(t *testing.T, block *gethtypes.Block, requests [][]byte) []any {
	t.Helper()
	data := gethengine.BlockToExecutableData(block, new(big.Int), nil, requests).ExecutionPayload
	if block.Header().BlockAccessListHash != nil {
		data.BlockAccessList = []byte{0xc0}
	}
	text, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	params := []any{json.RawMessage(text)}
	if root := block.BeaconRoot(); root != nil {
		params = append(params, []common.Hash{}, root)
	}
	if requests != nil {
		all := make([]hexutil.Bytes, len(requests))
		for i, r := range requests {
			all[i] = r
		}
		params = append(params, all)
	}
	return params
}

// newPayload gives a payload to a server and returns the block that it made.
func newPayload(t *testing.T, version int, params []any) (header, body []byte, answer string) {
	t.Helper()
	s, err := engine.New(engine.Config{Secret: engineSecret, ChainID: 1})
	if err != nil {
		t.Fatal(err)
	}
	s.Attach(engine.Backend{AddBlock: func(h, b, _ []byte) error { header, body = h, b; return nil }})
	call, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": 1, "method": fmt.Sprintf("engine_newPayloadV%d", version), "params": params})
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{IssuedAt: jwt.NewNumericDate(time.Now())}).SignedString(engineSecret)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(call))
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return header, body, w.Body.String()
}

// changePayload changes the last digit of each field of the payload.
func changePayload(t *testing.T, version int, params []any) {
	t.Helper()
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(params[0].(json.RawMessage), &fields); err != nil {
		t.Fatal(err)
	}
	changed := 0
	for name, value := range fields {
		last := len(value) - 2
		if value[0] != '"' || !bytes.HasPrefix(value, []byte(`"0x`)) || len(value) < 5 {
			continue
		}
		other := bytes.Clone(value)
		if other[last] = '1'; value[last] == '1' {
			other[last] = '2'
		}
		fields[name] = other
		text, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		header, _, answer := newPayload(t, version, append([]any{json.RawMessage(text)}, params[1:]...))
		if header != nil || !strings.Contains(answer, `"INVALID"`) {
			t.Errorf("%s changed to %s: %s", name, other, answer)
		}
		fields[name] = value
		changed++
	}
	if changed < 12 {
		t.Errorf("%d fields changed", changed)
	}
}

// FuzzPayload: what geth makes a block of, we make the same block of.
func FuzzPayload(f *testing.F) {
	for i, fork := range payloadForks {
		block, requests := blockOfFork(mainnet(f)[0], i)
		small := gethtypes.NewBlockWithHeader(block.Header()).WithBody(gethtypes.Body{Withdrawals: block.Withdrawals()})
		data, _ := json.Marshal(gethengine.BlockToExecutableData(small, new(big.Int), nil, requests).ExecutionPayload)
		f.Add(data, fork.version, len(requests) > 0)
	}
	f.Fuzz(func(t *testing.T, data []byte, version int, withRequests bool) {
		if version < 1 || version > 5 {
			return
		}
		var payload gethengine.ExecutableData
		if json.Unmarshal(data, &payload) != nil {
			return
		}
		var requests [][]byte
		params := []any{json.RawMessage(data), []common.Hash{}, common.Hash{5}}
		if withRequests {
			requests = [][]byte{}
			params = append(params, []string{})
		}
		block, err := gethengine.ExecutableDataToBlockNoHash(payload, nil, &common.Hash{5}, requests)
		if err != nil {
			return
		}
		payload.BlockHash = block.Hash()
		text, err := json.Marshal(payload)
		if err != nil {
			return
		}
		params[0] = json.RawMessage(text)
		header, _, answer := newPayload(t, version, params)
		if header == nil {
			if h := block.Header(); strings.Contains(answer, `"INVALID"`) && h.BlobGasUsed != nil && h.ExcessBlobGas != nil && h.WithdrawalsHash != nil {
				t.Errorf("geth makes block %v of it, we: %s", block.Hash(), answer)
			}
			return
		}
		if h, err := types.DecodeHeader(header); err != nil || common.Hash(h.Hash()) != block.Hash() {
			t.Errorf("block %v, geth's is %v", h.Hash(), block.Hash())
		}
	})
}
