// SPDX-License-Identifier: Apache-2.0

package option

import (
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ethpeer/ethpeer"
	"github.com/ethpeer/ethpeer/eth/wire"
)

// Number reads a decimal number from least to most.
func Number(o *Option, least, most uint64) (uint64, error) {
	n, err := strconv.ParseUint(o.Text(), 10, 64)
	if err != nil || n < least || n > most {
		return 0, o.Wrong(o.Text(), "a number from %d to %d", least, most)
	}
	return n, nil
}

// Duration reads a duration above zero, such as 90s.
func Duration(o *Option) (time.Duration, error) {
	d, err := time.ParseDuration(o.Text())
	if err != nil || d <= 0 {
		return 0, o.Wrong(o.Text(), "a duration such as 90s or 2h")
	}
	return d, nil
}

// OneOf reads one of some words, of any case, and returns it in lower case.
func OneOf(o *Option, words ...string) (string, error) {
	word := strings.ToLower(o.Text())
	if !slices.Contains(words, word) {
		last := len(words) - 1
		return "", o.Wrong(o.Text(), "%s or %s", strings.Join(words[:last], ", "), words[last])
	}
	return word, nil
}

// LogLevels are the words of --log-level, and LogFormats those of --log-format.
var (
	LogLevels  = []string{"error", "warn", "info", "debug"}
	LogFormats = []string{"text", "json"}
)

// LogLevel reads one of LogLevels.
func LogLevel(o *Option) (level slog.Level, err error) {
	word, err := OneOf(o, LogLevels...)
	if err != nil {
		return 0, err
	}
	return level, level.UnmarshalText([]byte(word))
}

// Offered lists the versions of eth that --eth may name, the newest first.
func Offered() (versions []wire.Version) {
	for v := wire.Last; v >= wire.First; v-- {
		if ethpeer.Offers(v) {
			versions = append(versions, v)
		}
	}
	return versions
}

// VersionList writes versions as --eth takes them.
func VersionList(versions []wire.Version) string {
	var names []string
	for _, v := range versions {
		names = append(names, strconv.Itoa(int(v)))
	}
	return strings.Join(names, ",")
}

// Versions reads at least one version of eth, such as 69 or eth/69.
func Versions(o *Option) (versions []wire.Version, err error) {
	for _, item := range o.List() {
		n, err := strconv.ParseUint(strings.TrimPrefix(item, "eth/"), 10, 16)
		v := wire.Version(n)
		if err != nil || !ethpeer.Offers(v) {
			return nil, o.Wrong(item, "some of %s", VersionList(Offered()))
		}
		if !slices.Contains(versions, v) {
			versions = append(versions, v)
		}
	}
	if len(versions) == 0 {
		return nil, o.Wrong("", "some of %s", VersionList(Offered()))
	}
	return versions, nil
}

// MaxIdentity bounds an identity, in bytes: the client name must leave room in a Hello.
const MaxIdentity = 64

// Identity reads a part of our client name. It refuses slashes, which separate the parts, spaces, and
// characters beyond ASCII.
func Identity(o *Option) (string, error) {
	s := o.Text()
	bad := func(r rune) bool { return r <= ' ' || r > '~' || r == '/' }
	if len(s) > MaxIdentity || strings.ContainsFunc(s, bad) || HasKey(s) {
		return "", o.Wrong(s, "up to %d ASCII characters, no spaces, no slashes", MaxIdentity)
	}
	return s, nil
}
