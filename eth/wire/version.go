// SPDX-License-Identifier: Apache-2.0

package wire

import "fmt"

// A Version of the eth protocol, such as 69 for eth/69.
type Version uint

// The versions that this package can read and write.
const (
	First Version = 63
	Last  Version = 72
)

// The versions in which the shape of existing messages changed.
const (
	forkIDs             Version = 64 // Status names the fork ID (EIP-2364)
	requestIDs          Version = 66 // requests and replies are [id, body] (EIP-2481)
	typedAnnouncements  Version = 68 // announcements tell type and size (EIP-5793)
	blockRanges         Version = 69 // Status names a range instead of a total difficulty (EIP-7642)
	partialReceiptLists Version = 70 // the receipts of a block can come in parts (EIP-7975)
	cellMasks           Version = 72 // announcements tell which cells of blobs there are (EIP-8070)
)

// Supported returns the versions that a peer offers unless it is told otherwise, the best
// first. Old ones cost nothing, but two of [Known] are left out:
//
//   - eth/72, which is young: who offers it is expected to have cells of blobs and to prove
//     those of others.
//   - eth/63, whose Status has no fork ID: chains that parted, as Ethereum and Ethereum
//     Classic did, with one genesis block and one network ID, cannot be told apart.
//
// The slice is the caller's.
func Supported() []Version { return between(71, forkIDs) }

// Known returns all versions that can be read and written, and so offered by who asks for
// them, the best first. The slice is the caller's.
func Known() []Version { return between(Last, First) }

func between(from, to Version) (all []Version) {
	for v := from; v >= to; v-- {
		all = append(all, v)
	}
	return all
}

// Length returns how many message codes the version takes up, including those that it no
// longer uses; 0 for a version outside of First to Last.
func (v Version) Length() uint {
	if v < First || v > Last {
		return 0
	}
	return index.lengths[v-First]
}

// HasRequestIDs reports whether requests and replies of the version carry an ID.
func (v Version) HasRequestIDs() bool { return v >= requestIDs }

// ElidesBlobs reports whether blob transactions come without their blobs, of which cells can
// be asked for.
func (v Version) ElidesBlobs() bool { return v >= cellMasks }

// String returns a name such as "eth/69".
func (v Version) String() string { return fmt.Sprintf("eth/%d", uint(v)) }
