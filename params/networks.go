// SPDX-License-Identifier: Apache-2.0

package params

import (
	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/types"
)

// State roots of genesis blocks whose accounts are too many to keep here.
var (
	mainnetRoot = hash("d7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544")
	sepoliaRoot = hash("5eb6e371a698b8d68f665192350ffcecbbbf322916f4b51bd79bb6887da3f494")
	hoodiRoot   = hash("da87d7f5f91c51508791bbcbd4aa5baf04917830b86985eeb9ad3d5bfb657576")

	platabergetRoot = hash("9a527aee5d0f6b0c73b240e77c134cae1fd47ceaa90db223edd598866e269c47")
)

func mainnet() *Chain {
	c := &Chain{
		NetworkID: 1, ChainID: 1,
		Terminal: uint256.MustFromDecimal("58750000000000000000000"),
		Ethash:   &Ethash{}, BlobSchedule: mainnetBlobs,
		Forks: ForkSchedule{
			Blocks: []Fork{
				{"homesteadBlock", 1_150_000},
				{"daoForkBlock", 1_920_000},
				{"eip150Block", 2_463_000},
				{"eip155Block", 2_675_000},
				{"eip158Block", 2_675_000},
				{"byzantiumBlock", 4_370_000},
				{"constantinopleBlock", 7_280_000},
				{"petersburgBlock", 7_280_000},
				{"istanbulBlock", 9_069_000},
				{"muirGlacierBlock", 9_200_000},
				{"berlinBlock", 12_244_000},
				{"londonBlock", 12_965_000},
				{"arrowGlacierBlock", 13_773_000},
				{"grayGlacierBlock", 15_050_000},
			},
			Times: []Fork{
				{"shanghaiTime", 1681338455},
				{"cancunTime", 1710338135},
				{"pragueTime", 1746612311},
				{"osakaTime", 1764798551},
				{"bpo1Time", 1765290071},
				{"bpo2Time", 1767747671},
			},
		},
		Bootnodes: mainnetBootnodes, BootnodesV5: v5Bootnodes,
		DNS: []string{ethereumDNS + "@all.mainnet.ethdisco.net"},
	}
	return c.start(frontierHeader())
}

// frontierHeader is the first block of 30 July 2015, which mainnet and Ethereum Classic
// share.
func frontierHeader() *types.Header {
	h := newHeader(mainnetRoot, uint256.NewInt(17_179_869_184), 5000, 0)
	extra := hash("11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa")
	h.Extra, h.Nonce[7] = extra[:], 66
	return h
}

func sepolia() *Chain {
	c := &Chain{
		NetworkID: 11155111, ChainID: 11155111,
		Terminal: uint256.NewInt(17_000_000_000_000_000),
		Ethash:   &Ethash{}, BlobSchedule: mainnetBlobs,
		Forks: ForkSchedule{
			Blocks: append(londonAtGenesis(), Fork{"mergeNetsplitBlock", 1_735_371}),
			Times: []Fork{
				{"shanghaiTime", 1677557088},
				{"cancunTime", 1706655072},
				{"pragueTime", 1741159776},
				{"osakaTime", 1760427360},
				{"bpo1Time", 1761017184},
				{"bpo2Time", 1761607008},
				{"amsterdamTime", 1791294816},
			},
		},
		Bootnodes: sepoliaBootnodes, BootnodesV5: v5Bootnodes,
		DNS: []string{ethereumDNS + "@all.sepolia.ethdisco.net"},
	}
	h := newHeader(sepoliaRoot, uint256.NewInt(0x20000), 30_000_000, 1633267481)
	h.Extra = []byte("Sepolia, Athens, Attica, Greece!")
	addFields(h, types.LondonFields)
	h.BaseFee.SetUint64(initialBaseFee)
	return c.start(h)
}

func hoodi() *Chain {
	c := &Chain{
		NetworkID: 560048, ChainID: 560048,
		Terminal: new(uint256.Int),
		Ethash:   &Ethash{}, BlobSchedule: mainnetBlobs,
		Forks: ForkSchedule{
			Blocks: append(londonAtGenesis(), Fork{"mergeNetsplitBlock", 0}),
			Times: []Fork{
				{"shanghaiTime", 0},
				{"cancunTime", 0},
				{"pragueTime", 1742999832},
				{"osakaTime", 1761677592},
				{"bpo1Time", 1762365720},
				{"bpo2Time", 1762955544},
			},
		},
		Bootnodes: hoodiBootnodes, BootnodesV5: v5Bootnodes,
		DNS: []string{ethereumDNS + "@all.hoodi.ethdisco.net"},
	}
	h := newHeader(hoodiRoot, uint256.NewInt(1), 36_000_000, 1742212800)
	h.Nonce = [8]byte{6: 0x12, 7: 0x34}
	addFields(h, types.CancunFields)
	h.BaseFee.SetUint64(initialBaseFee)
	return c.start(h)
}

// plataberget is the public test network of Amsterdam, born with all forks before it.
func plataberget() *Chain {
	c := &Chain{
		NetworkID: 7091047534, ChainID: 7091047534,
		Terminal: new(uint256.Int),
		Ethash:   &Ethash{}, BlobSchedule: mainnetBlobs,
		Forks: ForkSchedule{
			Blocks: append(londonAtGenesis(), Fork{"mergeNetsplitBlock", 0}),
			Times: []Fork{
				{"shanghaiTime", 0},
				{"cancunTime", 0},
				{"pragueTime", 0},
				{"osakaTime", 0},
				{"bpo1Time", 0},
				{"bpo2Time", 0},
				{"amsterdamTime", 1787212224},
			},
		},
		Bootnodes: platabergetBootnodes,
	}
	h := newHeader(platabergetRoot, new(uint256.Int), 60_000_000, 1786622400)
	h.Nonce = [8]byte{6: 0x12, 7: 0x34}
	addFields(h, types.PragueFields)
	h.BaseFee.SetUint64(initialBaseFee)
	return c.start(h)
}

// classic is Ethereum Classic. It forks by number only; the names are those of its own hard
// forks, so that none of mainnet's rules is taken for one of Classic's.
func classic() *Chain {
	c := &Chain{
		NetworkID: 1, ChainID: 61, Ethash: &Ethash{},
		Forks: ForkSchedule{Blocks: []Fork{
			{"homesteadBlock", 1_150_000},
			{"eip150Block", 2_500_000},
			{"eip155Block", 3_000_000},
			{"ecip1017Block", 5_000_000},
			{"disposalBlock", 5_900_000},
			{"atlantisBlock", 8_772_000},
			{"aghartaBlock", 9_573_000},
			{"phoenixBlock", 10_500_839},
			{"thanosBlock", 11_700_000},
			{"magnetoBlock", 13_189_133},
			{"mystiqueBlock", 14_525_000},
			{"spiralBlock", 19_250_000},
		}},
		Bootnodes: classicBootnodes,
		DNS:       []string{classicDNS + "@all.classic.blockd.info"},
		Required: map[uint64]types.Hash{ // etclabscore/core-geth params/config_classic.go
			1_920_000: hash("94365e3a8c0b35089c1d1195081fe7489b528a84b22199c916180db8b28ade7f"), // the fork of the DAO, not taken
			2_500_000: hash("ca12c63534f565899681965528d536c52cb05b7c48e269c2a6cb77ad864d878a"),
		},
	}
	return c.start(frontierHeader())
}

func mordor() *Chain {
	c := &Chain{
		NetworkID: 7, ChainID: 63, Ethash: &Ethash{},
		Forks: ForkSchedule{Blocks: []Fork{
			{"homesteadBlock", 0},
			{"eip150Block", 0},
			{"eip155Block", 0},
			{"atlantisBlock", 0},
			{"aghartaBlock", 301_243},
			{"phoenixBlock", 999_983},
			{"thanosBlock", 2_520_000},
			{"magnetoBlock", 3_985_893},
			{"mystiqueBlock", 5_520_000},
			{"spiralBlock", 9_957_000},
		}},
		Bootnodes: mordorBootnodes,
		DNS:       []string{classicDNS + "@all.mordor.blockd.info"},
		Required: map[uint64]types.Hash{ // etclabscore/core-geth params/config_mordor.go
			840_013: hash("2ceada2b191879b71a5bcf2241dd9bc50d6d953f1640e62f9c2cee941dc61c9d"),
			840_014: hash("8ec29dd692c8985b82410817bac232fc82805b746538d17bc924624fe74a0fcf"),
		},
	}
	h := newHeader(emptyRoot, uint256.NewInt(0x20000), 3_141_592, 1570141915)
	h.Extra = []byte("phoenix chicken absurd banana")
	return c.start(h)
}

// londonAtGenesis lists the forks that networks born after London begin with.
func londonAtGenesis() (forks []Fork) {
	for _, name := range []string{
		"homesteadBlock", "eip150Block", "eip155Block", "eip158Block", "byzantiumBlock",
		"constantinopleBlock", "petersburgBlock", "istanbulBlock", "muirGlacierBlock",
		"berlinBlock", "londonBlock",
	} {
		forks = append(forks, Fork{name, 0})
	}
	return forks
}
