// SPDX-License-Identifier: Apache-2.0

// elnet: test-network helper for post-merge go-ethereum nodes.
//
//	elnet genesis [-chainid N] [-fork osaka|amsterdam]     writes a merged-at-genesis genesis.json to stdout; faucet = KEY below
//	elnet cl -jwt FILE -period 1s -fork osaka URL...      mock consensus client: builds on the first engine URL, imports on all
//	elnet tx -rpc URL -tps 5 [-blobs 10] [-t 0]           signs and sends transactions (types 0, 1, 2, 4, and 3 every -blobs-th), one 'tx HASH TYPE' line each
package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/crypto/kzg4844"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/holiman/uint256"
)

const KEY = "b71c71a67e1177ad4e901695e1b4b9ee17ae16c6668d313eac2f96dbcda3f291" // the well-known go-ethereum test key

func die(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "elnet:", err)
		os.Exit(1)
	}
}

func main() {
	if len(os.Args) < 2 {
		die(errors.New("genesis | cl | tx"))
	}
	fs := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	switch os.Args[1] {
	case "genesis":
		id, fork := fs.Int64("chainid", 11717, ""), fs.String("fork", "osaka", "")
		fs.Parse(os.Args[2:])
		k, _ := crypto.HexToECDSA(KEY)
		a := crypto.PubkeyToAddress(k.PublicKey)
		g := core.DeveloperGenesisBlock(60_000_000, &a)
		cfg := *g.Config
		cfg.ChainID = big.NewInt(*id)
		cfg.BogotaTime, cfg.AmsterdamTime = nil, nil // the dev config of v1.17.8 carries bogotaTime 0
		if *fork == "amsterdam" {
			z := uint64(0)
			cfg.AmsterdamTime = &z
		}
		g.Config = &cfg
		g.Timestamp = uint64(time.Now().Unix()) - 1
		b, err := json.Marshal(g)
		die(err)
		var m M
		die(json.Unmarshal(b, &m))
		bs := m["config"].(M)["blobSchedule"].(M)
		bs["osaka"] = bs["prague"] // older releases want the entry, newer ones ignore it
		b, _ = json.MarshalIndent(m, "", " ")
		fmt.Println(string(b))
	case "cl":
		jwt, period, fork := fs.String("jwt", "", ""), fs.Duration("period", time.Second, ""), fs.String("fork", "osaka", "")
		fs.Parse(os.Args[2:])
		sec, err := os.ReadFile(*jwt)
		die(err)
		die(runCL(strings.TrimPrefix(strings.TrimSpace(string(sec)), "0x"), *period, *fork, fs.Args()))
	case "tx":
		url, tps, blobs, t := fs.String("rpc", "", ""), fs.Float64("tps", 5, ""), fs.Int("blobs", 0, "every n-th is a blob tx"), fs.Duration("t", 0, "")
		fs.Parse(os.Args[2:])
		die(runTx(*url, *tps, *blobs, *t))
	}
}

type M = map[string]any

func token(hexsec string) string {
	s, _ := hex.DecodeString(hexsec)
	e := base64.RawURLEncoding
	h := e.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + e.EncodeToString([]byte(fmt.Sprintf(`{"iat":%d}`, time.Now().Unix())))
	m := hmac.New(sha256.New, s)
	m.Write([]byte(h))
	return h + "." + e.EncodeToString(m.Sum(nil))
}

func call(url, sec, method string, out any, params ...any) error {
	b, _ := json.Marshal(M{"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
	rq, _ := http.NewRequest("POST", url, bytes.NewReader(b))
	rq.Header.Set("Content-Type", "application/json")
	rq.Header.Set("Authorization", "Bearer "+token(sec))
	rs, err := http.DefaultClient.Do(rq)
	if err != nil {
		return err
	}
	defer rs.Body.Close()
	body, _ := io.ReadAll(rs.Body)
	var r struct {
		Result json.RawMessage
		Error  *struct {
			Message string
			Data    any
		}
	}
	if err := json.Unmarshal(body, &r); err != nil {
		return fmt.Errorf("%s: %s", method, body)
	}
	if r.Error != nil {
		return fmt.Errorf("%s: %s %v", method, r.Error.Message, r.Error.Data)
	}
	return json.Unmarshal(r.Result, out)
}

func runCL(sec string, period time.Duration, fork string, urls []string) error {
	fcu, get, np := "engine_forkchoiceUpdatedV3", "engine_getPayloadV5", "engine_newPayloadV4"
	if fork == "amsterdam" {
		fcu, get, np = "engine_forkchoiceUpdatedV4", "engine_getPayloadV6", "engine_newPayloadV5"
	}
	var head struct{ Hash, Number, Timestamp string }
	for {
		if err := call(urls[0], sec, "eth_getBlockByNumber", &head, "latest", false); err == nil {
			break
		}
		time.Sleep(200 * time.Millisecond)
	}
	zero := common.Hash{}.Hex()
	fin := zero
	for n := 0; ; n++ {
		start := time.Now()
		parent := head.Hash
		var ts uint64
		fmt.Sscanf(head.Timestamp, "0x%x", &ts)
		ts = max(ts+1, uint64(time.Now().Unix()))
		attr := M{"timestamp": fmt.Sprintf("0x%x", ts), "prevRandao": common.BytesToHash([]byte(start.String())).Hex(), "suggestedFeeRecipient": "0x000000000000000000000000000000000000c0de", "withdrawals": []any{}, "parentBeaconBlockRoot": zero}
		st := M{"headBlockHash": parent, "safeBlockHash": fin, "finalizedBlockHash": fin}
		fc := []any{st, attr}
		if fork == "amsterdam" {
			attr["slotNumber"] = fmt.Sprintf("0x%x", ts)
			fc = append(fc, nil)
		}
		var fr struct {
			PayloadStatus struct {
				Status          string
				ValidationError any
			}
			PayloadID string
		}
		if err := call(urls[0], sec, fcu, &fr, fc...); err != nil {
			fmt.Println(err)
			time.Sleep(period)
			continue
		}
		time.Sleep(period * 6 / 10)
		var pl struct {
			ExecutionPayload  M
			BlobsBundle       struct{ Commitments []string }
			ExecutionRequests []string
		}
		if err := call(urls[0], sec, get, &pl, fr.PayloadID); err != nil {
			fmt.Println(err, fr)
			time.Sleep(period)
			continue
		}
		vh := []string{}
		for _, c := range pl.BlobsBundle.Commitments {
			b, _ := hex.DecodeString(c[2:])
			h := sha256.Sum256(b)
			h[0] = 1
			vh = append(vh, "0x"+hex.EncodeToString(h[:]))
		}
		if pl.ExecutionRequests == nil {
			pl.ExecutionRequests = []string{}
		}
		hash := pl.ExecutionPayload["blockHash"].(string)
		for _, u := range urls {
			var r struct {
				Status          string
				ValidationError any
			}
			if err := call(u, sec, np, &r, pl.ExecutionPayload, vh, zero, pl.ExecutionRequests); err != nil {
				fmt.Println(u, err)
				continue
			}
			if r.Status != "VALID" {
				fmt.Println(u, "newPayload", r.Status, r.ValidationError)
			}
			f2 := []any{M{"headBlockHash": hash, "safeBlockHash": fin, "finalizedBlockHash": fin}, nil}
			if fork == "amsterdam" {
				f2 = append(f2, nil)
			}
			if err := call(u, sec, fcu, &fr, f2...); err != nil {
				fmt.Println(u, err)
			} else if fr.PayloadStatus.Status != "VALID" {
				fmt.Println(u, "fcu", fr.PayloadStatus)
			}
		}
		if n%32 == 31 {
			fin = parent
		}
		head.Hash, head.Timestamp = hash, fmt.Sprintf("0x%x", ts)
		if n < 3 || n%30 == 0 {
			fmt.Println("block", pl.ExecutionPayload["blockNumber"], hash, "txs", len(pl.ExecutionPayload["transactions"].([]any)), "blobs", len(vh))
		}
		if d := period - time.Since(start); d > 0 {
			time.Sleep(d)
		}
	}
}

func runTx(url string, tps float64, blobs int, t time.Duration) error {
	ctx := context.Background()
	var c *ethclient.Client
	var id *big.Int
	var err error
	for i := 0; i < 100; i++ {
		if c, err = ethclient.Dial(url); err == nil {
			if id, err = c.ChainID(ctx); err == nil {
				break
			}
		}
		time.Sleep(200 * time.Millisecond)
	}
	if err != nil {
		return err
	}
	for n := uint64(0); n < 3; n, _ = c.BlockNumber(ctx) { // a node before its first forkchoice update is not yet accepting gossip
		time.Sleep(200 * time.Millisecond)
	}
	key, _ := crypto.HexToECDSA(KEY)
	from := crypto.PubkeyToAddress(key.PublicKey)
	signer := types.LatestSignerForChainID(id)
	// blob txs and ordinary txs may not share an account in geth's pools: a second key for blobs, funded first
	bkey, _ := crypto.ToECDSA(crypto.Keccak256([]byte("elnet blob account")))
	bfrom := crypto.PubkeyToAddress(bkey.PublicKey)
	nonce, err := c.PendingNonceAt(ctx, from)
	if err != nil {
		return err
	}
	bnonce, _ := c.PendingNonceAt(ctx, bfrom)
	if blobs > 0 {
		bal, _ := c.BalanceAt(ctx, bfrom, nil)
		if bal.Sign() == 0 {
			tx := types.MustSignNewTx(key, signer, &types.DynamicFeeTx{ChainID: id, Nonce: nonce, GasTipCap: big.NewInt(2e9), GasFeeCap: big.NewInt(5e10), Gas: 500_000, To: &bfrom, Value: new(big.Int).Mul(big.NewInt(1e18), big.NewInt(1e6))})
			if err := c.SendTransaction(ctx, tx); err != nil {
				return err
			}
			nonce++
			for bal.Sign() == 0 {
				time.Sleep(300 * time.Millisecond)
				bal, _ = c.BalanceAt(ctx, bfrom, nil)
			}
		}
	}
	start, n, nb := time.Now(), 0, 0
	for t == 0 || time.Since(start) < t {
		var to common.Address
		rand.Read(to[:])
		var tx *types.Transaction
		isBlob := blobs > 0 && n%blobs == blobs-1
		switch {
		case isBlob:
			var blob kzg4844.Blob
			rand.Read(blob[1:32])
			cm, err := kzg4844.BlobToCommitment(&blob)
			die(err)
			proofs, err := kzg4844.ComputeCellProofs(&blob)
			die(err)
			sc := types.NewBlobTxSidecar(types.BlobSidecarVersion1, []kzg4844.Blob{blob}, []kzg4844.Commitment{cm}, proofs)
			tx = types.MustSignNewTx(bkey, signer, &types.BlobTx{ChainID: uint256.MustFromBig(id), Nonce: bnonce, GasTipCap: uint256.NewInt(2e9), GasFeeCap: uint256.NewInt(5e10), Gas: 500_000, To: to, BlobFeeCap: uint256.NewInt(1e10), BlobHashes: sc.BlobHashes(), Sidecar: sc})
		case n%7 == 3: // type 1
			tx = types.MustSignNewTx(key, signer, &types.AccessListTx{ChainID: id, Nonce: nonce, GasPrice: big.NewInt(5e9), Gas: 500_000, To: &to, Value: big.NewInt(1), AccessList: types.AccessList{{Address: to, StorageKeys: []common.Hash{{1}}}}})
		case n%7 == 5: // type 4: a fresh account delegates to a random address
			ak, _ := crypto.GenerateKey()
			auth, err := types.SignSetCode(ak, types.SetCodeAuthorization{ChainID: *uint256.MustFromBig(id), Address: to})
			die(err)
			tx = types.MustSignNewTx(key, signer, &types.SetCodeTx{ChainID: uint256.MustFromBig(id), Nonce: nonce, GasTipCap: uint256.NewInt(2e9), GasFeeCap: uint256.NewInt(5e10), Gas: 500_000, To: to, Value: uint256.NewInt(1), AuthList: []types.SetCodeAuthorization{auth}})
		case n%3 == 0:
			tx = types.MustSignNewTx(key, signer, &types.LegacyTx{Nonce: nonce, GasPrice: big.NewInt(5e9), Gas: 500_000, To: &to, Value: big.NewInt(int64(n))})
		default:
			data := make([]byte, []int{0, 68, 68, 200, 600, 5000}[n%6])
			rand.Read(data)
			tx = types.MustSignNewTx(key, signer, &types.DynamicFeeTx{ChainID: id, Nonce: nonce, GasTipCap: big.NewInt(2e9), GasFeeCap: big.NewInt(5e10), Gas: 500_000 + 100*uint64(len(data)), To: &to, Value: big.NewInt(1), Data: data})
		}
		if err := c.SendTransaction(ctx, tx); err != nil {
			fmt.Println(err, isBlob)
			if isBlob {
				n++
			} else {
				nonce, _ = c.PendingNonceAt(ctx, from)
			}
			bnonce, _ = c.PendingNonceAt(ctx, bfrom)
			time.Sleep(500 * time.Millisecond)
			continue
		}
		fmt.Println("tx", tx.Hash().Hex(), tx.Type())
		if isBlob {
			bnonce++
			nb++
		} else {
			nonce++
		}
		n++
		if n%100 == 0 {
			fmt.Println(time.Now().Unix(), "sent", n, "blob", nb)
		}
		if d := time.Until(start.Add(time.Duration(float64(n) / tps * 1e9))); d > 0 {
			time.Sleep(d)
		}
	}
	fmt.Println("sent", n, "blob", nb)
	return nil
}
