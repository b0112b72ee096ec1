// SPDX-License-Identifier: Apache-2.0

package light_test

import (
	"fmt"

	"github.com/ethpeer/ethpeer/chain/light"
	"github.com/ethpeer/ethpeer/internal/test/beacon"
)

// A client starts at a checkpoint and follows the chain with what a beacon node answers.
func Example() {
	chain := beacon.New(beacon.Config{ // stands for the beacon node
		Seed: "example", Genesis: 1_700_000_000, SecondsPerSlot: 12, SlotsPerEpoch: 8, EpochsPerPeriod: 8, Size: 32,
		Forks: []beacon.Fork{{Name: "electra", Version: [4]byte{5}}},
	})
	network := light.Network{
		Name: "example", Preset: light.Minimal, ValidatorsRoot: chain.Validators(), GenesisTime: 1_700_000_000, SecondsPerSlot: 12,
		Forks: []light.Fork{{Name: "electra", Epoch: 0, Version: [4]byte{5}}},
	}
	checkpoint := light.Root(chain.At(96).Root) // from the operator

	bootstrap, err := light.ParseBootstrap(chain.Bootstrap(96))
	if err != nil {
		fmt.Println(err)
		return
	}
	client, err := light.Start(&network, checkpoint, bootstrap)
	if err != nil {
		fmt.Println(err)
		return
	}
	update, err := light.ParseUpdate(chain.Finality(110))
	if err != nil {
		fmt.Println(err)
		return
	}
	change, err := client.Apply(update, 110)
	fmt.Println(change.Head, client.Head().Slot, client.Head().Hash == chain.At(109).Hash, client.Head().Votes, err)
	update.Signature[7] ^= 1
	update.SignatureSlot, update.Attested.Beacon.Slot = 112, 111
	_, err = client.Apply(update, 112)
	fmt.Println(client.Head().Slot, err != nil)
	// Output:
	// true 109 true 32 <nil>
	// 109 true
}
