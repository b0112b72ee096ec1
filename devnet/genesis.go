// SPDX-License-Identifier: Apache-2.0

package devnet

import (
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// ChainID is the chain ID of every embedded network, and its network ID.
const ChainID = 1337

// What the genesis file says.
const (
	gasLimit    = 30_000_000
	firstFee    = 1_000_000_000               // wei per gas
	funds       = "1000000000000000000000000" // wei; a million ether
	cliqueEpoch = 30_000                      // blocks between two checkpoints, as clique's EIP-225 advises
)

// genesisFile is a geth-style genesis file.
type genesisFile struct {
	Config     genesisConfig      `json:"config"`
	Timestamp  uint64             `json:"timestamp"`
	ExtraData  string             `json:"extraData"`
	GasLimit   uint64             `json:"gasLimit"`
	Difficulty uint64             `json:"difficulty"`
	BaseFee    uint64             `json:"baseFeePerGas"`
	Alloc      map[string]account `json:"alloc"`
}

// genesisConfig begins with the rules of London, the last ones that clique has.
type genesisConfig struct {
	ChainID        uint64       `json:"chainId"`
	Homestead      uint64       `json:"homesteadBlock"`
	EIP150         uint64       `json:"eip150Block"`
	EIP155         uint64       `json:"eip155Block"`
	EIP158         uint64       `json:"eip158Block"`
	Byzantium      uint64       `json:"byzantiumBlock"`
	Constantinople uint64       `json:"constantinopleBlock"`
	Petersburg     uint64       `json:"petersburgBlock"`
	Istanbul       uint64       `json:"istanbulBlock"`
	Berlin         uint64       `json:"berlinBlock"`
	London         uint64       `json:"londonBlock"`
	Clique         cliqueConfig `json:"clique"`
}

type cliqueConfig struct {
	Period uint64 `json:"period"` // seconds
	Epoch  uint64 `json:"epoch"`
}

type account struct {
	Balance string `json:"balance"` // wei
}

// genesis returns the file of a chain with one signer.
func genesis(start time.Time, period time.Duration, signer types.Address, funded []types.Address) ([]byte, error) {
	g := genesisFile{
		Config:     genesisConfig{ChainID: ChainID, Clique: cliqueConfig{Period: uint64(period / time.Second), Epoch: cliqueEpoch}},
		Timestamp:  uint64(start.Unix()),
		ExtraData:  "0x" + hex.EncodeToString(extra([]types.Address{signer})),
		GasLimit:   gasLimit,
		Difficulty: 1,
		BaseFee:    firstFee,
		Alloc:      make(map[string]account),
	}
	for _, a := range funded {
		g.Alloc[a.String()] = account{Balance: funds}
	}
	return json.MarshalIndent(g, "", "  ")
}

// newChain reads such a file.
func newChain(file []byte) (*params.Chain, error) {
	chain, err := params.ParseGenesis(file)
	if err != nil {
		return nil, err
	}
	chain.Name = "dev"
	return chain, nil
}
