// SPDX-License-Identifier: Apache-2.0

package light

import "slices"

// The facts of public networks, as https://github.com/eth-clients states them (repositories mainnet,
// sepolia and hoodi, files metadata/config.yaml and metadata/genesis_validators_root.txt).
var public = []Network{
	{
		Name: "mainnet", Preset: Mainnet, SecondsPerSlot: 12, GenesisTime: 1606824023,
		ValidatorsRoot: mustRoot("4b363db94e286120d76eb905340fdd4e54bfe9f06bf33ff6cf5ad27f511bfe95"),
		Forks: []Fork{
			{"phase0", 0, [4]byte{0x00}},
			{"altair", 74240, [4]byte{0x01}},
			{"bellatrix", 144896, [4]byte{0x02}},
			{"capella", 194048, [4]byte{0x03}},
			{"deneb", 269568, [4]byte{0x04}},
			{"electra", 364032, [4]byte{0x05}},
			{"fulu", 411392, [4]byte{0x06}},
		},
	},
	{
		Name: "sepolia", Preset: Mainnet, SecondsPerSlot: 12, GenesisTime: 1655733600,
		ValidatorsRoot: mustRoot("d8ea171f3c94aea21ebc42a1ed61052acf3f9209c00e4efbaaddac09ed9b8078"),
		Forks: []Fork{
			{"phase0", 0, [4]byte{0x90, 0, 0, 0x69}},
			{"altair", 50, [4]byte{0x90, 0, 0, 0x70}},
			{"bellatrix", 100, [4]byte{0x90, 0, 0, 0x71}},
			{"capella", 56832, [4]byte{0x90, 0, 0, 0x72}},
			{"deneb", 132608, [4]byte{0x90, 0, 0, 0x73}},
			{"electra", 222464, [4]byte{0x90, 0, 0, 0x74}},
			{"fulu", 272640, [4]byte{0x90, 0, 0, 0x75}},
		},
	},
	{
		Name: "hoodi", Preset: Mainnet, SecondsPerSlot: 12, GenesisTime: 1742213400,
		ValidatorsRoot: mustRoot("212f13fc4df078b6cb7db228f1c8307566dcecf900867401a92023d7ba99cb5f"),
		Forks: []Fork{
			{"phase0", 0, [4]byte{0x10, 0, 0x09, 0x10}},
			{"altair", 0, [4]byte{0x20, 0, 0x09, 0x10}},
			{"bellatrix", 0, [4]byte{0x30, 0, 0x09, 0x10}},
			{"capella", 0, [4]byte{0x40, 0, 0x09, 0x10}},
			{"deneb", 0, [4]byte{0x50, 0, 0x09, 0x10}},
			{"electra", 2048, [4]byte{0x60, 0, 0x09, 0x10}},
			{"fulu", 50688, [4]byte{0x70, 0, 0x09, 0x10}},
		},
	},
}

// Names lists the public networks that ByName knows. The caller owns the slice.
func Names() []string {
	names := make([]string, len(public))
	for i := range public {
		names[i] = public[i].Name
	}
	return names
}

// ByName returns a public network: mainnet, sepolia or hoodi. The caller owns it.
func ByName(name string) (Network, bool) {
	for _, n := range public {
		if n.Name == name {
			n.Forks = slices.Clone(n.Forks)
			return n, true
		}
	}
	return Network{}, false
}

func mustRoot(s string) Root {
	r, err := ParseRoot(s)
	if err != nil {
		panic(err) // a constant of this file
	}
	return r
}
