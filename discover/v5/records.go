// SPDX-License-Identifier: Apache-2.0

package v5

import (
	"crypto/sha256"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/bounded"
)

// maxRecords bounds each map of records. The least recently used record is dropped, and is verified again
// when it arrives again.
const maxRecords = 2048

// records caches records, so that each signature is verified once, and a known record is not
// requested again (EIP-778). Owner: the machine.
type records struct {
	verified *bounded.Map[[sha256.Size]byte, kad.Contact] // by the hash of the record
	newest   *bounded.Map[enr.ID, *enr.Record]
}

func newRecords() records {
	return records{
		verified: bounded.NewMap[[sha256.Size]byte, kad.Contact](maxRecords, bounded.DropLeastRecent),
		newest:   bounded.NewMap[enr.ID, *enr.Record](maxRecords, bounded.DropLeastRecent),
	}
}

// decode verifies a record, unless it is cached, and returns its node.
func (r *records) decode(raw []byte) (kad.Contact, error) {
	hash := sha256.Sum256(raw)
	if c, ok := r.verified.Get(hash); ok {
		return c, nil
	}
	record, err := enr.Decode(raw)
	if err != nil {
		return kad.Contact{}, err
	}
	c := kad.NewContact(record.Node())
	r.verified.Put(hash, c)
	r.put(c)
	return c, nil
}

// put caches the record of a node, if it has a newer one.
func (r *records) put(c kad.Contact) {
	if record := c.Node.Record; record != nil {
		if had := r.latest(c.ID); had == nil || had.Seq() < record.Seq() {
			r.newest.Put(c.ID, record)
		}
	}
}

// latest returns the newest cached record of a node, or nil.
func (r *records) latest(id enr.ID) *enr.Record {
	record, _ := r.newest.Get(id)
	return record
}
