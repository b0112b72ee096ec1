// SPDX-License-Identifier: Apache-2.0

// in: replies · out: headers that were read, blocks whose data was checked and stored · goroutine: the session's reader

package chainsync

import (
	"errors"
	"slices"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// readHeaders reads the headers of a reply, and whether we hold each as the canonical block of its number.
func (l *listener) readHeaders(list wire.List) ([]header, error) {
	all := make([]header, 0, list.Len())
	for raw := range list.Items() {
		h, err := l.chain.Params().DecodeHeader(raw)
		if err == nil {
			err = chain.CheckHeader(&h)
		}
		if err != nil {
			return nil, p2p.Breach("header: %w", err)
		}
		one := header{Link: chain.LinkOf(&h), raw: raw}
		held, ok := l.chain.Canonical(one.Number)
		one.held = ok && held == one.Hash
		all = append(all, one)
	}
	return all, nil
}

// A matcher brings the items of a reply together with the blocks that they were asked for. Items come in the order of the request, and
// those that the peer does not have are left out.
type matcher struct {
	wants []*want[*listener]
	at    int   // the next one
	got   []int // of wants: came, and are stored
}

// put stores an item of the next block that it belongs to. Store checks it against a block and stores it; owner, which costs as much as a
// check, tells whether it is a block's, and is called only for an item that is not the next block's. The error is the peer's fault.
func (m *matcher) put(store func(p *part) error, owner func() func(p *part) bool) error {
	if m.at == len(m.wants) {
		return errUnasked
	}
	err := store(&m.wants[m.at].part)
	if !isFault(err) {
		return m.stored(err)
	}
	is := owner()
	if is(&m.wants[m.at].part) { // the block itself breaks a rule: no peer has a better one
		m.at++
		return nil
	}
	for m.at++; m.at < len(m.wants); m.at++ {
		if is(&m.wants[m.at].part) {
			if err := store(&m.wants[m.at].part); !isFault(err) {
				return m.stored(err)
			}
			m.at++
			return nil
		}
	}
	return errUnasked
}

// stored notes that an item came. One that the chain does not want any more counts, too.
func (m *matcher) stored(err error) error {
	if err == nil || errors.Is(err, chain.ErrNotKept) || errors.Is(err, chain.ErrUnknownBlock) {
		m.got = append(m.got, m.at)
		m.at++
		return nil
	}
	return err // it cannot be read
}

var errUnasked = errors.New("an item belongs to no block that was asked for")

// readBodies checks and stores the bodies of a reply.
func (l *listener) readBodies(m *matcher, list wire.List) error {
	for raw := range list.Items() {
		err := m.put(
			func(p *part) error { return l.chain.PutBody(p.Hash, raw) },
			func() func(*part) bool {
				b, err := types.DecodeBody(raw)
				if err != nil {
					return func(*part) bool { return false }
				}
				if count := uint64(b.TxCount()); count > m.maxTxs() { //nolint:gosec // not negative
					return func(*part) bool { return false }
				}
				roots := chain.RootsOf(&b)
				return func(p *part) bool { return p.roots == roots }
			},
		)
		if err != nil {
			return p2p.Breach("body: %w", err)
		}
	}
	return nil
}

// maxTxs returns how many transactions any of the blocks can have.
func (m *matcher) maxTxs() (most uint64) {
	for _, w := range m.wants {
		most = max(most, w.maxTxs)
	}
	return most
}

// readLists checks and stores the block access lists of a reply, in which each has the place of its block (EIP-8159).
func (l *listener) readLists(m *matcher, list wire.List) error {
	for raw := range list.Items() {
		if wire.HasAccessList(raw) {
			err := l.chain.PutAccessList(m.wants[m.at].Hash, raw)
			if isFault(err) {
				return p2p.Breach("access list: %w", err)
			}
			if err := m.stored(err); err != nil {
				return p2p.Breach("access list: %w", err)
			}
		} else {
			m.at++
		}
	}
	return nil
}

// A receiptsReader reads receipts, of which the last block's may come in parts (EIP-7975).
type receiptsReader struct {
	l       *listener
	version wire.Version
	matcher matcher
	part    []byte // the content of the list of receipts of the block at matcher.at that came so far, as eth/69 has it
	count   uint64 // how many they are
	id      uint64 // of the request
}

// read checks and stores the receipts of a reply.
func (r *receiptsReader) read(reply wire.ReceiptLists) error {
	n := 0
	for raw := range reply.Items() {
		n++
		content, count, err := flat(r.version, raw)
		if err != nil {
			return p2p.Breach("receipts: %w", err)
		}
		if len(r.part) > 0 {
			content, count = slices.Concat(r.part, content), count+r.count
			r.keep(nil, 0)
		}
		if reply.LastIncomplete && n == reply.Len() {
			if r.matcher.at == len(r.matcher.wants) {
				return p2p.Breach("receipts: %w", errUnasked)
			}
			if err := r.bound(content, count); err != nil {
				return err
			}
			r.keep(content, count)
			return nil
		}
		list := listOf(content)
		err = r.matcher.put(
			func(p *part) error { return r.l.chain.PutReceipts(p.Hash, list) },
			func() func(*part) bool {
				root, err := types.ReceiptRoot(content, types.DecodeFlatReceipt)
				return func(p *part) bool { return err == nil && p.receipts == root }
			},
		)
		if err != nil {
			return p2p.Breach("receipts: %w", err)
		}
	}
	return nil
}

// bound refuses a part that is more than any of the blocks that are left can have: each transaction and each byte of a log costs gas.
func (r *receiptsReader) bound(content []byte, count uint64) error {
	var txs, gas uint64
	for _, w := range r.matcher.wants[r.matcher.at:] {
		txs, gas = max(txs, w.maxTxs), max(gas, w.gasUsed)
	}
	if count > txs || uint64(len(content)) > gas/4+128*txs {
		return p2p.Breach("receipts: %d in %d bytes are more than %d gas pays for", count, len(content), gas)
	}
	return nil
}

// keep holds a part, which is charged to the session's budget.
func (r *receiptsReader) keep(content []byte, count uint64) {
	budget := r.l.session.Budget()
	budget.Give(len(r.part))
	budget.Charge(len(content))
	r.part, r.count = content, count
}

// flat returns the content of a list of receipts as eth/69 has it (EIP-7642), and how many there are.
func flat(v wire.Version, raw []byte) (content []byte, count uint64, err error) {
	c := rlp.Read(raw)
	c.List("receipts")
	if v >= rangeVersion {
		content = c.Remaining()
	}
	for ; c.More(); count++ {
		item := c.Raw("receipt")
		if v >= rangeVersion {
			continue
		}
		receipt, err := types.DecodeReceipt(item)
		if err != nil {
			return nil, 0, err
		}
		content = receipt.AppendFlat(content)
	}
	c.End()
	return content, count, c.Done()
}

// listOf returns the RLP list with this content.
func listOf(content []byte) []byte {
	return append(rlp.AppendListHeader(make([]byte, 0, rlp.SizeList(len(content))), len(content)), content...)
}
