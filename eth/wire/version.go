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
	forkIDs             Version = 64 // Status has the fork ID (EIP-2364)
	requestIDs          Version = 66 // requests and replies are [id, body] (EIP-2481)
	typedAnnouncements  Version = 68 // announcements have type and size (EIP-5793)
	blockRanges         Version = 69 // Status has a range instead of a total difficulty (EIP-7642)
	partialReceiptLists Version = 70 // the receipts of a block can come in parts (EIP-7975)
	cellMasks           Version = 72 // announcements have a mask of cells (EIP-8070)
)

// Supported returns the versions that a node offers by default, the newest first. These are all of
// [Known] but two:
//
//   - eth/72: a node that offers it is expected to have cells of blobs, and to verify those of
//     others.
//   - eth/63: its Status has no fork ID, so chains with one genesis block and one network ID,
//     as Ethereum and Ethereum Classic, cannot be distinguished.
//
// The caller owns the slice.
func Supported() []Version { return between(71, forkIDs) }

// Known returns all versions that can be read and written, the newest first. A node can be
// configured to offer any of them. The caller owns the slice.
func Known() []Version { return between(Last, First) }

func between(from, to Version) (all []Version) {
	for v := from; v >= to; v-- {
		all = append(all, v)
	}
	return all
}

// Length returns how many message codes the version reserves on a connection, including codes that
// it no longer uses; 0 for a version that is not from First to Last.
func (v Version) Length() uint {
	if v < First || v > Last {
		return 0
	}
	return index.lengths[v-First]
}

// HasRequestIDs reports whether requests and replies of the version carry an ID.
func (v Version) HasRequestIDs() bool { return v >= requestIDs }

// ElidesBlobs reports whether blob transactions are sent without their blobs (EIP-8070). Cells of
// the blobs are requested with [GetCells].
func (v Version) ElidesBlobs() bool { return v >= cellMasks }

// String returns a name such as "eth/69".
func (v Version) String() string { return fmt.Sprintf("eth/%d", uint(v)) }
