// SPDX-License-Identifier: Apache-2.0

//go:build interop

package runs

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/chain/head/sources"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/interop/network"
	"github.com/ethpeer/ethpeer/types"
)

// conformanceID is the network of the conformance tool's chain.
const conformanceID = 3503995874084926

// geth1178 starts a node of geth v1.17.8 with the genesis block of the conformance tool's chain, and with its blocks.
func geth1178(t *testing.T, data string, blocks bool) *network.Network {
	t.Helper()
	env := []string{"GENESIS=" + filepath.Join(data, "genesis.json")}
	if blocks {
		env = append(env, "CHAIN="+filepath.Join(data, "chain.rlp"))
	}
	return network.Start(t, network.Config{
		Script: "start-data.sh", Client: "v1.17.8", Nodes: 1, Period: "0", TPS: 1, ChainID: conformanceID, Env: env,
	})
}

// forkchoice names a block to a node's engine API until it takes it for valid, or the test ends.
func forkchoice(t *testing.T, n *network.Network, h string) {
	t.Helper()
	secret, err := os.ReadFile(filepath.Join(n.Dir, "jwt"))
	if err != nil {
		t.Fatal(err)
	}
	var key [32]byte
	if _, err := hex.Decode(key[:], []byte(strings.TrimSpace(string(secret)))); err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); time.Since(began) < syncLimit; time.Sleep(time.Second) {
		if status := update(t, n.Engine(0), key[:], h); status == "VALID" {
			return
		}
	}
	t.Fatalf("geth does not take %s for its head", h)
}

// update sends one forkchoice update (engine API, "engine_forkchoiceUpdatedV3") with a token of the secret (RFC 7519, HS256), and returns
// the status of the block.
func update(t *testing.T, url string, key []byte, h string) string {
	t.Helper()
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	token := part(`{"alg":"HS256","typ":"JWT"}`) + "." + part(fmt.Sprintf(`{"iat":%d}`, time.Now().Unix()))
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(token))
	token += "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	body := fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"engine_forkchoiceUpdatedV3",
		"params":[{"headBlockHash":%q,"safeBlockHash":%q,"finalizedBlockHash":%q},null]}`, h, h, h)
	q, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set("Authorization", "Bearer "+token)
	r, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var answer struct {
		Result struct {
			PayloadStatus struct{ Status string }
		}
		Error any
	}
	if err := json.NewDecoder(r.Body).Decode(&answer); err != nil || answer.Error != nil {
		t.Fatalf("forkchoice update: %v, %v", err, answer.Error)
	}
	return answer.Result.PayloadStatus.Status
}

// TestSyncConformance has ethpeer download the conformance tool's chain, with receipts, from geth v1.17.8, and another geth v1.17.8,
// which a forkchoice update drives, download and execute it from ethpeer alone. Over eth/69 that chain cannot be had: the receipts of
// one block are larger than a message may be.
func TestSyncConformance(t *testing.T) {
	data := conformanceData(t, "v1.17.8")
	source := geth1178(t, data, true)
	last, err := source.Nodes[0].Latest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if last.Number != 600 {
		t.Fatalf("geth has %d blocks", last.Number)
	}
	h, err := types.ParseHash(last.Hash)
	if err != nil {
		t.Fatal(err)
	}
	var ours *syncer
	for _, v := range []wire.Version{70, 71} {
		ours = startSyncer(t, source.Genesis(), conformanceID, v, []sources.Source{sources.Fixed{Hash: h}}, source.Nodes[0].Enode)
		t.Logf("FIGURES sync: ethpeer, %d blocks from geth v1.17.8 over eth/%d, head fixed: %v", last.Number, v, ours.wait(t, last).Round(time.Millisecond))
	}
	young := geth1178(t, data, false)
	if err := young.Nodes[0].AddPeer(t.Context(), ours.enode); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	forkchoice(t, young, last.Hash)
	waitFor(t, young.Nodes[0], last)
	t.Logf("FIGURES sync: geth v1.17.8, %d blocks from ethpeer alone, driven by a forkchoice update, executed: %v", last.Number, time.Since(began).Round(time.Millisecond))
}
