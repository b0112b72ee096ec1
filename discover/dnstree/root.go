// SPDX-License-Identifier: Apache-2.0

package dnstree

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/internal/keccak"
)

const rootPrefix = "enrtree-root:v1"

// What can be wrong with a root. Match with errors.Is.
var (
	ErrNoRoot    = errors.New("no root of a node list")
	ErrRoot      = errors.New("root is not enrtree-root:v1 e=HASH l=HASH seq=NUMBER sig=SIGNATURE")
	ErrSignature = errors.New("root's signature is not valid")
)

// A Root is the signed entry of a list.
type Root struct {
	Nodes Hash   // the entry above all nodes
	Links Hash   // the entry above all links
	Seq   uint64 // rises whenever the list changes
}

// FindRoot returns the root among the TXT strings of a list's domain, verified with the key of the
// list's URL (EIP-1459, "Client Protocol"). Of several roots, as during an update, it returns the
// one with the highest sequence number. Its errors match [ErrNoRoot], or say what is wrong with the
// first root: [ErrTextTooLarge], [ErrRoot], [ErrSignature].
func FindRoot(texts []string, key ecc.PublicKey) (Root, error) {
	var best Root
	found, problem := false, error(nil)
	for i, text := range texts {
		if i == MaxTexts {
			break
		}
		if !isRoot(text) {
			continue
		}
		root, err := ParseRoot(text, key)
		switch {
		case err != nil && problem == nil:
			problem = err
		case err == nil && (!found || root.Seq > best.Seq):
			best, found = root, true
		}
	}
	switch {
	case found:
		return best, nil
	case problem != nil:
		return Root{}, problem
	}
	return Root{}, ErrNoRoot
}

// isRoot reports whether a text is a root of version 1.
func isRoot(text string) bool {
	rest, ok := strings.CutPrefix(text, rootPrefix)
	return ok && (rest == "" || rest[0] == ' ')
}

// ParseRoot reads one root and verifies its signature, which covers the text before
// " sig=". The signature's last byte, a recovery ID, is not used.
func ParseRoot(text string, key ecc.PublicKey) (Root, error) {
	if len(text) > MaxText {
		return Root{}, ErrTextTooLarge
	}
	content, signature, ok := strings.Cut(text, " sig=")
	if !ok {
		return Root{}, ErrRoot
	}
	root, err := parseContent(content)
	if err != nil {
		return Root{}, err
	}
	sig, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil || len(sig) != 65 || len(signature) != 87 || !key.Verify(keccak.Sum256([]byte(content)), sig[:64]) {
		return Root{}, ErrSignature
	}
	return root, nil
}

func parseContent(content string) (Root, error) {
	rest, isRoot := strings.CutPrefix(content, rootPrefix+" e=")
	nodes, rest, hasLinks := strings.Cut(rest, " l=")
	links, number, hasSeq := strings.Cut(rest, " seq=")
	if !isRoot || !hasLinks || !hasSeq {
		return Root{}, ErrRoot
	}
	var root Root
	var err error
	if root.Nodes, err = ParseHash(nodes); err != nil {
		return Root{}, fmt.Errorf("%w: e is %w", ErrRoot, err)
	}
	if root.Links, err = ParseHash(links); err != nil {
		return Root{}, fmt.Errorf("%w: l is %w", ErrRoot, err)
	}
	if root.Seq, err = strconv.ParseUint(number, 10, 64); err != nil {
		return Root{}, fmt.Errorf("%w: seq is not a number of 64 bits", ErrRoot)
	}
	return root, nil
}

// Sign returns the text of a root, to be published at the list's domain.
func (r Root) Sign(key *ecc.PrivateKey) string {
	content := fmt.Sprintf("%s e=%v l=%v seq=%d", rootPrefix, r.Nodes, r.Links, r.Seq)
	sig := key.Sign(keccak.Sum256([]byte(content)))
	return content + " sig=" + base64.RawURLEncoding.EncodeToString(sig[:])
}
