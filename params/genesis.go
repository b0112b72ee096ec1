// SPDX-License-Identifier: Apache-2.0

package params

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/types"
)

// MaxGenesisSize bounds a genesis file, in bytes. Mainnet's, with its 8,893 accounts, has
// 0.7 MB.
const MaxGenesisSize = 64 << 20

// defaultGasLimit stands in for a gas limit of zero, as in geth.
const defaultGasLimit = 4_712_388

// ParseGenesis reads a genesis file as geth v1.17.8 does: the header's hash and the state
// root of its accounts are computed, and the forks of its config become the schedule. The
// network ID is the chain ID, unless the config has a networkId (as core-geth's have).
// All errors are of type [*GenesisError].
//
// Accepted are numbers in decimal or hexadecimal, addresses and storage slots with or
// without 0x, and keys in any case. Unlike geth it refuses what is ambiguous or cannot
// work: keys that are there twice, negative numbers, a block number other than 0,
// excessBlobGas before Cancun.
//
// Every key of the config that geth has and that ends in Block or Time is a fork. So are
// keys that geth does not have and that end so, where they have a number: they are forks
// of another client, whose nodes count them in their fork IDs. Those are named in
// UnknownForks. Left out are ecbp1100FBlock, ecbp1100DeactivateFBlock and
// classicForkBlock, which their clients do not count. Forks at 0 or before the genesis
// block's time never count. terminalTotalDifficulty becomes Terminal, blobSchedule
// BlobSchedule, clique and ethash the fields of that name. All other keys say nothing that a
// peer needs and are skipped.
//
// The blocks of QBFT and IBFT (ibft2, qbft, ibft, istanbul) have a hash of their own rule: see HashRule.
//
// A chain that cannot be followed is refused: one of an engine whose blocks have another
// form (AuRa, XDPoS), one whose peers speak another protocol (BNB Smart
// Chain), a genesis state in a binary tree, forks in an order that no client takes. What
// works in part, or not with every client, is in Warnings.
func ParseGenesis(file []byte) (*Chain, error) {
	if err := checkJSON(file); err != nil {
		return nil, err
	}
	g, err := readObject("", file)
	if err != nil {
		return nil, err
	}
	c := &Chain{Name: "custom"}
	config, ok := g.get("config")
	if _, spec := g.get("engine"); !ok && spec {
		return nil, wrong("engine", "this is a chain specification of Nethermind or OpenEthereum; give the chain's genesis.json")
	}
	if !ok {
		return nil, wrong("config", "is missing; add it, with the chainId and the forks")
	}
	if err := readConfig(c, config); err != nil {
		return nil, err
	}
	h, err := readHeader(g)
	if err != nil {
		return nil, err
	}
	if err := readOptional(c, g, h); err != nil {
		return nil, err
	}
	alloc, ok := g.get("alloc")
	if !ok {
		return nil, wrong("alloc", "is missing; add it, {} for no accounts")
	}
	if err := checkSeal(c, h); err != nil {
		return nil, err
	}
	if h.Root, err = stateRoot(alloc); err != nil {
		return nil, err
	}
	if n := len(c.Warnings); n > maxWarnings {
		c.Warnings = append(c.Warnings[:maxWarnings-1:maxWarnings-1], fmt.Sprintf("config: %d more warnings", n-maxWarnings+1))
	}
	return c.start(h), nil
}

// checkJSON says where a file that is no JSON goes wrong.
func checkJSON(file []byte) error {
	if len(file) > MaxGenesisSize {
		return wrong("", "has %d bytes, more than %d; is this a genesis.json?", len(file), MaxGenesisSize)
	}
	var raw json.RawMessage
	err := json.Unmarshal(file, &raw)
	if err == nil {
		return nil
	}
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return wrong("", "%v", err)
	}
	line, column := 1, 0
	for _, b := range file[:min(int(syntax.Offset), len(file))] {
		column++
		if b == '\n' {
			line, column = line+1, 0
		}
	}
	return wrong("", "line %d, column %d: %v; is this a genesis.json?", line, column, err)
}

// readHeader reads the fields of the header that do not depend on the forks.
func readHeader(g object) (*types.Header, error) {
	h := newHeader(emptyRoot, new(uint256.Int), 0, 0)
	var block, nonce uint64
	for _, f := range []struct {
		key      string
		required bool
		to       *uint64
	}{
		{"gasLimit", true, &h.GasLimit},
		{"gasUsed", false, &h.GasUsed},
		{"timestamp", false, &h.Time},
		{"number", false, &block},
		{"nonce", false, &nonce},
	} {
		raw, ok := g.get(f.key)
		if !ok && f.required {
			return nil, wrong(f.key, "is missing; add it")
		}
		if ok {
			var err error
			if *f.to, err = number64(f.key, raw); err != nil {
				return nil, err
			}
		}
	}
	if block != 0 {
		return nil, wrong("number", "is %d; a chain begins with block 0: remove this field", block)
	}
	if h.GasLimit == 0 {
		h.GasLimit = defaultGasLimit
	}
	binary.BigEndian.PutUint64(h.Nonce[:], nonce)
	return h, readHeaderBytes(g, h)
}

func readHeaderBytes(g object, h *types.Header) (err error) {
	raw, ok := g.get("difficulty")
	if !ok {
		return wrong("difficulty", "is missing; add it")
	}
	if h.Difficulty, err = number("difficulty", raw); err != nil {
		return err
	}
	if raw, ok := g.get("extraData"); ok {
		if h.Extra, err = bytesOf("extraData", raw); err != nil {
			return err
		}
	}
	for _, f := range []struct {
		key string
		to  []byte
	}{
		{"mixHash", h.MixDigest[:]},
		{"coinbase", h.Coinbase[:]},
		{"parentHash", h.ParentHash[:]},
	} {
		if raw, ok := g.get(f.key); ok {
			if err := fixedBytes(f.key, raw, f.to); err != nil {
				return err
			}
		}
	}
	return nil
}

// optionalFields are the forks that add fields to the header, after London.
var optionalFields = []struct {
	fork   string
	fields types.OptionalFields
}{
	{"shanghaiTime", types.ShanghaiFields},
	{"cancunTime", types.CancunFields},
	{"pragueTime", types.PragueFields},
	{"amsterdamTime", types.AmsterdamFields},
}

// readOptional adds the header fields of the forks that the genesis block is under.
func readOptional(c *Chain, g object, h *types.Header) error {
	london := c.Forks.Passed("londonBlock", 0, h.Time)
	fields := types.NoOptionalFields
	if london {
		fields = types.LondonFields
		h.BaseFee.SetUint64(initialBaseFee)
	}
	if raw, ok := g.get("baseFeePerGas"); ok { // counts without London too, as in geth
		if !london {
			c.warn("baseFeePerGas", "counts before London, as in geth: other clients may find another genesis hash")
		}
		fee, err := number("baseFeePerGas", raw)
		if err != nil {
			return err
		}
		fields, h.BaseFee = types.LondonFields, fee
	}
	for i, f := range optionalFields {
		if !london || !c.Forks.Passed(f.fork, 0, h.Time) {
			continue
		}
		if i > 0 && fields != optionalFields[i-1].fields {
			return wrong("config."+f.fork, "is past at genesis while %s is not; change one of them", optionalFields[i-1].fork)
		}
		fields = f.fields
	}
	addFields(h, fields)
	return readForkFields(g, h)
}

// readForkFields reads what a genesis file may say about the fields of Cancun and
// Amsterdam. Before those forks geth ignores it, but for excessBlobGas.
func readForkFields(g object, h *types.Header) (err error) {
	for _, f := range []struct {
		key   string
		since types.OptionalFields
		to    *uint64
	}{
		{"blobGasUsed", types.CancunFields, &h.BlobGasUsed},
		{"excessBlobGas", types.CancunFields, &h.ExcessBlobGas},
		{"slotNumber", types.AmsterdamFields, &h.SlotNumber},
	} {
		raw, ok := g.get(f.key)
		switch {
		case !ok:
		case h.Optional >= f.since:
			if *f.to, err = number64(f.key, raw); err != nil {
				return err
			}
		case f.to == &h.ExcessBlobGas:
			return wrong(f.key, "is of no use before Cancun; remove it")
		}
	}
	return nil
}
