// SPDX-License-Identifier: Apache-2.0

package params

import (
	"strings"
	"testing"

	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/types"
)

// A QBFT genesis block as Besu's and GoQuorum's tools write its extra data: [vanity, [validator], [], 0, []].
var qbftExtra = "f83aa0" + strings.Repeat("00", 32) + "d594" + strings.Repeat("11", 20) + "c080c0"

// bftFile is tidy with an engine and the extra data and mix hash of Istanbul's family.
func bftFile(engine string) []byte {
	return []byte(strings.NewReplacer(`"londonBlock": 0`, `"londonBlock": 0, `+engine,
		`"extraData": "0x"`, `"extraData": "0x`+qbftExtra+`", "mixHash": "`+bftDigest.String()+`"`).Replace(tidy))
}

// Genesis files of IBFT and QBFT: the rule, one warning, and a genesis hash that covers the whole extra data
// with Besu, and leaves out the round and the seals with GoQuorum.
func TestBFTGenesis(t *testing.T) {
	for engine, want := range map[string]types.HashRule{
		`"qbft": {"blockperiodseconds": 2, "epochlength": 30000}`: types.HashQBFT,
		`"QBFT": {}`:                               types.HashQBFT,
		`"ibft2": {}`:                              types.HashIBFT2,
		`"istanbul": {"epoch": 30000}`:             types.HashQuorum,
		`"ibft": {}`:                               types.HashQuorum,
		`"isQuorum": true, "qbft": {}`:             types.HashQuorum,
		`"isQuorum": false, "qbft": {}`:            types.HashQBFT,
		`"istanbul": {}, "qbft": {}`:               types.HashQuorum,
		`"isQuorum": true, "ibft": {}, "qbft": {}`: types.HashQuorum,
	} {
		c, err := ParseGenesis(bftFile(engine))
		if err != nil || c.HashRule != want {
			t.Errorf("%s: %+v, %v; want rule %d", engine, c, err, want)
			continue
		}
		if len(c.Warnings) == 0 || !strings.Contains(c.Warnings[0], "validators' signatures are not checked") {
			t.Errorf("%s: warnings %q", engine, c.Warnings)
		}
		whole := types.Hash(keccak.Sum256(c.Genesis))
		if (c.GenesisHash == whole) != (want != types.HashQuorum) {
			t.Errorf("%s: genesis hash %v, of the whole header %v", engine, c.GenesisHash, whole)
		}
		if h, err := c.DecodeHeader(c.Genesis); err != nil || h.Hash() != c.GenesisHash {
			t.Errorf("%s: decoded: %v, %v", engine, h.Hash(), err)
		}
		if c.Terminal != nil {
			t.Errorf("%s: a consensus layer makes blocks", engine)
		}
	}
}
