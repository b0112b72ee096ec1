// SPDX-License-Identifier: Apache-2.0

package params

import (
	"slices"
	"strings"

	"github.com/ethpeer/ethpeer/types"
)

// Clique are the settings of a proof-of-authority chain
// (https://eips.ethereum.org/EIPS/eip-225).
type Clique struct {
	Period uint64 // seconds between blocks; 0 = a block when there are transactions
	Epoch  uint64 // blocks between checkpoints, which list the signers; never 0
}

// defaultEpoch is the epoch of a clique chain whose file has none (EIP-225).
const defaultEpoch = 30_000

// Lengths of extraData of clique's genesis block (EIP-225): vanity, signers, seal.
const (
	cliqueVanity = 32
	cliqueSigner = 20
	cliqueSeal   = 65
)

// Ethash are the settings of a proof-of-work chain.
type Ethash struct {
	FixedDifficulty uint64 // Besu's: each block's difficulty; 0 = by the rules of the chain's forks
}

// bftDigest is the mix hash of blocks of Istanbul's family (ERC-650):
// "ctical byzantine fault tolerance".
var bftDigest = hash("63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365")

// bftRules are the engines of Istanbul's family and how their chains hash headers.
var bftRules = []struct {
	key  string
	rule types.HashRule
}{
	{"ibft2", types.HashIBFT2},
	{"qbft", types.HashQBFT},
	{"ibft", types.HashQuorum},
	{"istanbul", types.HashQuorum},
}

const (
	bftMode   = "validators' signatures are not checked: blocks are watched and relayed by their linkage and hash, so any peer can make some up"
	otherTree = "a genesis state in another tree than the Merkle-Patricia trie is not supported: its root cannot be computed"
	otherForm = "its headers have other fields than Ethereum's: this chain cannot be followed"
)

// engines are the keys of engines that are not Ethereum's, and what does not work.
var engines = []struct {
	key    string
	refuse bool
	why    string
}{
	{"qbft", false, bftMode},
	{"ibft", false, bftMode},
	{"ibft2", false, bftMode},
	{"istanbul", false, bftMode},
	{"aura", true, otherForm},
	{"authorityRound", true, otherForm},
	{"xdpos", true, otherForm},
	{"parlia", true, "BNB Smart Chain's nodes send a message after Status that eth does not have (0x0b), and wait for ours: this chain cannot be followed"},
	{"arbitrum", true, "its nodes have no network of peers: this chain cannot be followed"},
	{"bor", false, "Polygon's nodes announce eth/69 with a Status that eth/69 does not have: only eth/68 works (--eth 68)"},
	{"optimism", false, "its nodes do not gossip blocks or transactions over eth: expect peers, and neither of these"},
}

// notEngines are keys of a config whose value is an object and that say nothing that a peer
// needs: of geth, core-geth and Besu.
var notEngines = []string{
	"clique", "ethash", "blobSchedule", "checkpoint", "discovery", "transitions",
	"trustedCheckpoint", "trustedCheckpointOracle", "lyra2", "requireBlockHashes",
}

// readEngine reads what seals the chain's blocks. It refuses chains that cannot be followed
// and warns of those that can in part.
func readEngine(c *Chain, config object, list []entry) (err error) {
	for _, e := range engines {
		if _, ok := config.get(e.key); !ok {
			continue
		}
		if e.refuse {
			return wrong(config.at(e.key), "%s", e.why)
		}
		c.warn(config.at(e.key), "%s", e.why)
	}
	for _, e := range list {
		same := func(key string) bool { return strings.EqualFold(key, e.key) }
		known := slices.ContainsFunc(notEngines, same)
		for _, engine := range engines {
			known = known || same(engine.key)
		}
		if !known && e.value[0] == '{' {
			c.warn(config.at(e.key), "is not known to ethpeer: if it changes what blocks or messages look like, this chain cannot be followed")
		}
	}
	if c.HashRule, err = readHashRule(config); err != nil {
		return err
	}
	if c.Clique, err = readClique(config); err != nil {
		return err
	}
	if c.Ethash, err = readEthash(config); err != nil {
		return err
	}
	if c.Clique != nil && c.Ethash != nil {
		c.warn("config", "has clique and ethash: geth follows clique, Besu ethash; remove one")
	}
	return nil
}

// readHashRule says how the chain hashes headers. GoQuorum's files say isQuorum, or istanbul; a GoQuorum chain may go over from Istanbul
// to QBFT, and one rule has both.
func readHashRule(config object) (rule types.HashRule, err error) {
	quorum := config.isTrue("isQuorum")
	for _, bft := range bftRules {
		switch _, ok := config.get(bft.key); {
		case !ok:
		case quorum || rule == types.HashQuorum || bft.rule == types.HashQuorum:
			rule = types.HashQuorum
		case rule != types.HashWhole:
			return rule, wrong(config.at(bft.key), "is there beside %s: a chain that goes over from IBFT 2.0 to QBFT hashes its blocks in two ways and cannot be followed", bftRules[0].key)
		default:
			rule = bft.rule
		}
	}
	return rule, nil
}

// readClique reads the names of geth and those of Besu.
func readClique(config object) (*Clique, error) {
	raw, ok := config.get("clique")
	if !ok {
		return nil, nil
	}
	o, err := readObject(config.at("clique"), raw)
	if err != nil {
		return nil, err
	}
	c := &Clique{}
	for _, f := range []struct {
		key string
		to  *uint64
	}{
		{"blockperiodseconds", &c.Period},
		{"epochlength", &c.Epoch},
		{"period", &c.Period},
		{"epoch", &c.Epoch},
	} {
		if err := o.number64(f.key, f.to); err != nil {
			return nil, err
		}
	}
	if c.Epoch == 0 {
		c.Epoch = defaultEpoch
	}
	return c, nil
}

func readEthash(config object) (*Ethash, error) {
	raw, ok := config.get("ethash")
	if !ok {
		return nil, nil
	}
	if raw[0] != '{' { // geth's struct has no field, and older files say true
		return &Ethash{}, nil
	}
	o, err := readObject(config.at("ethash"), raw)
	if err != nil {
		return nil, err
	}
	e := &Ethash{}
	return e, o.number64("fixeddifficulty", &e.FixedDifficulty)
}

// checkSeal checks what the genesis header says of the engine and of the state.
func checkSeal(c *Chain, h *types.Header) error {
	if h.MixDigest == bftDigest && c.HashRule == types.HashWhole {
		return wrong("mixHash", "is that of Istanbul BFT, and config names no engine of it: add qbft, ibft2 or istanbul, as the chain's own nodes have it")
	}
	if at, ok := c.Forks.At("verkleTime"); ok && at <= h.Time {
		return wrong("config.verkleTime", "%s", otherTree)
	}
	if c.Clique == nil {
		return nil
	}
	signers := len(h.Extra) - cliqueVanity - cliqueSeal
	switch {
	case signers < 0 || signers%cliqueSigner != 0:
		return wrong("extraData", "has %d bytes; clique wants 32, then 20 for each signer, then 65", len(h.Extra))
	case signers == 0:
		c.warn("extraData", "names no signer: no block can follow the first")
	}
	return nil
}

// number64 reads a number into v, if it is there.
func (o object) number64(key string, v *uint64) (err error) {
	if raw, ok := o.get(key); ok {
		*v, err = number64(o.at(key), raw)
	}
	return err
}

// isTrue reports whether a key is there and is not false.
func (o object) isTrue(key string) bool {
	raw, ok := o.get(key)
	return ok && string(raw) != "false"
}
