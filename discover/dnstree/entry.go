// SPDX-License-Identifier: Apache-2.0

package dnstree

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ethpeer/ethpeer/enr"
)

// Limits of what is read.
const (
	MaxText     = 1024 // bytes of one TXT string: more than the longest entry has
	MaxTexts    = 64   // strings of one name
	MaxChildren = 18   // hashes in one branch
)

const (
	branchPrefix = "enrtree-branch:"
	nodePrefix   = "enr:"
)

// What can be wrong with an entry. Match with errors.Is. [ErrNoEntry] and [ErrHash] are the
// resolver's fault, and a retry may help; the others are the list signer's fault, and permanent.
var (
	ErrNoEntry      = errors.New("no entry of a node list")
	ErrHash         = errors.New("entry has another hash than its name says")
	ErrTextTooLarge = fmt.Errorf("entry is longer than %d bytes", MaxText)
	ErrUnknown      = errors.New("not an entry of a node list")
	ErrBranch       = errors.New("bad branch of a node list")
	ErrNode         = errors.New("bad record in a node list")
	ErrLink         = errors.New("bad link in a node list")
)

// An Entry is a [Branch], a [Node] or a [URL].
type Entry interface{ isEntry() }

// A Branch names further entries.
type Branch []Hash

// A Node is a leaf among nodes.
type Node struct{ Record *enr.Record }

func (Branch) isEntry() {}
func (Node) isEntry()   {}
func (URL) isEntry()    {}

// FindEntry returns the entry with this hash, among the TXT strings at its name (EIP-1459, "Client
// Protocol"). Its errors match those of [ParseEntry], [ErrHash] where all entries have other
// hashes, and [ErrNoEntry].
func FindEntry(texts []string, want Hash) (Entry, error) {
	problem := ErrNoEntry
	for i, text := range texts {
		switch {
		case i == MaxTexts:
			return nil, problem
		case len(text) > MaxText:
			if isEntry(text) {
				problem = ErrTextTooLarge
			}
		case want.matches(text):
			return ParseEntry(text)
		case isEntry(text):
			problem = ErrHash
		}
	}
	return nil, problem
}

func isEntry(text string) bool {
	return strings.HasPrefix(text, branchPrefix) || strings.HasPrefix(text, nodePrefix) || strings.HasPrefix(text, linkPrefix)
}

// ParseEntry reads an entry (EIP-1459, "DNS Record Structure") without checking its hash. A text
// with none of the prefixes is [ErrUnknown]; other errors match [ErrTextTooLarge], [ErrBranch],
// [ErrNode] or [ErrLink].
func ParseEntry(text string) (Entry, error) {
	switch {
	case len(text) > MaxText:
		return nil, ErrTextTooLarge
	case strings.HasPrefix(text, branchPrefix):
		return parseBranch(text[len(branchPrefix):])
	case strings.HasPrefix(text, nodePrefix):
		record, err := enr.ParseText(text)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNode, err)
		}
		return Node{record}, nil
	case strings.HasPrefix(text, linkPrefix):
		url, err := ParseURL(text)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrLink, err)
		}
		return url, nil
	}
	return nil, ErrUnknown
}

func parseBranch(list string) (Entry, error) {
	if list == "" {
		return Branch{}, nil
	}
	n := 1 + strings.Count(list, ",")
	if n > MaxChildren {
		return nil, fmt.Errorf("%w: it has %d children, more than %d", ErrBranch, n, MaxChildren)
	}
	branch := make(Branch, 0, n)
	for text := range strings.SplitSeq(list, ",") {
		h, err := ParseHash(text)
		if err != nil {
			return nil, fmt.Errorf("%w: child %d is %w", ErrBranch, len(branch), err)
		}
		branch = append(branch, h)
	}
	return branch, nil
}

// String returns the text that [ParseEntry] reads.
func (b Branch) String() string {
	var text strings.Builder
	text.WriteString(branchPrefix)
	for i, h := range b {
		if i > 0 {
			text.WriteByte(',')
		}
		text.WriteString(h.String())
	}
	return text.String()
}

// String returns the text that [ParseEntry] reads.
func (n Node) String() string { return n.Record.Text() }
