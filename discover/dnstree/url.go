// SPDX-License-Identifier: Apache-2.0

package dnstree

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ethpeer/ethpeer/ecc"
)

const linkPrefix = "enrtree://"

// maxDomain bounds a list's domain name, so that the longest hash, a dot and the domain
// are still a domain name of 253 characters.
const maxDomain = 253 - 52 - 1

// Errors of [ParseURL].
var (
	ErrURL    = errors.New("not a node list's URL: want enrtree://KEY@DOMAIN")
	ErrKey    = errors.New("its key is not one: want 53 characters, capitals and digits; copy the URL again")
	ErrDomain = fmt.Errorf("its domain is not a DNS name of at most %d characters", maxDomain)
)

// A URL is a list's domain and signing key (EIP-1459, "Referencing Trees by URL"). URLs are
// comparable. A URL is also the entry that links to that list.
type URL struct {
	Key    ecc.PublicKey
	Domain string // lower case, without a dot at the end
}

// ParseURL reads enrtree://KEY@DOMAIN, where the key is the unpadded base32 of the
// compressed public key. The domain's case and a dot at its end do not matter. Its errors
// match [ErrURL], [ErrKey] or [ErrDomain].
func ParseURL(text string) (URL, error) {
	rest, ok := strings.CutPrefix(text, linkPrefix)
	if !ok || len(text) > MaxText {
		return URL{}, ErrURL
	}
	keyText, domain, ok := strings.Cut(rest, "@")
	if !ok {
		return URL{}, ErrURL
	}
	compressed, err := encoding.DecodeString(keyText)
	if err != nil || encoding.EncodeToString(compressed) != keyText {
		return URL{}, ErrKey
	}
	key, err := ecc.ParseCompressed(compressed)
	if err != nil {
		return URL{}, ErrKey
	}
	domain = strings.ToLower(strings.TrimSuffix(domain, "."))
	if !isDomain(domain) {
		return URL{}, ErrDomain
	}
	return URL{Key: key, Domain: domain}, nil
}

// String returns what [ParseURL] reads.
func (u URL) String() string {
	compressed := u.Key.Compressed()
	return linkPrefix + encoding.EncodeToString(compressed[:]) + "@" + u.Domain
}

// isDomain reports whether s is made of labels of 1 to 63 letters, digits, hyphens and
// underscores. Nothing else gets into a query, whatever a hostile list links to.
func isDomain(s string) bool {
	if len(s) > maxDomain {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if len(label) < 1 || len(label) > 63 {
			return false
		}
		for _, c := range []byte(label) {
			if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_') {
				return false
			}
		}
	}
	return true
}
