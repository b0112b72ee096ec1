// SPDX-License-Identifier: Apache-2.0

package light

// A Committee is a SyncCommittee (consensus-specs/specs/altair/beacon-chain.md#synccommittee).
type Committee struct {
	Keys      [][48]byte // compressed points of G1
	Aggregate [48]byte
}

// root returns the committee's root. The number of keys must be a power of two.
func (c *Committee) root() Root {
	keys := make([]Root, len(c.Keys))
	for i := range c.Keys {
		keys[i] = keyRoot(&c.Keys[i])
	}
	return hash2(merkleize(keys), keyRoot(&c.Aggregate))
}

func keyRoot(k *[48]byte) Root {
	var a, b Root
	copy(a[:], k[:32])
	copy(b[:], k[32:])
	return hash2(a, b)
}

// A Bootstrap is a LightClientBootstrap (consensus-specs/specs/altair/light-client/sync-protocol.md#lightclientbootstrap).
type Bootstrap struct {
	Header    Header
	Committee Committee
	Branch    []Root // of the committee
}

// An Update is a LightClientUpdate, a LightClientFinalityUpdate (Next is nil), or a LightClientOptimisticUpdate
// (Next and Finalized are nil) (consensus-specs/specs/altair/light-client/sync-protocol.md#lightclientupdate).
type Update struct {
	Attested       Header
	Next           *Committee
	NextBranch     []Root
	Finalized      *Header
	FinalityBranch []Root
	Bits           []byte // sync_committee_bits: bit i%8 of byte i/8 says whether key i signed
	Signature      [96]byte
	SignatureSlot  uint64
}
