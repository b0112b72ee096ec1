// SPDX-License-Identifier: Apache-2.0

package option

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// TOML writes the options as a file that Fill reads back to the same values. An option that the user did not
// give and that has no default is a comment, because an empty value would mean none: no bootnodes instead of
// the chain's.
func (s *Set) TOML() string {
	var b strings.Builder
	b.WriteString("# Settings of ethpeer, and where each comes from. A line that begins with # leaves the setting to its default.\n\n")
	for _, o := range s.all {
		if o == s.file {
			continue
		}
		line := o.Name + " = " + o.toml()
		if !o.Given() && o.none() {
			line = "# " + line
		}
		fmt.Fprintf(&b, "%-32s # %s\n", line, o.describe())
	}
	return b.String()
}

// describe says where the value comes from.
func (o *Option) describe() string {
	switch o.From.By {
	case ByFile:
		return fmt.Sprintf("%s, line %d", Printable(o.From.File), o.From.Line)
	case ByVariable:
		return o.Variable()
	case ByFlag:
		return "--" + o.Name
	}
	return "default"
}

// toml writes the value as the file has it.
func (o *Option) toml() string {
	switch o.shape {
	case yesOrNo:
		return o.Text()
	case manyWord:
		var items []string
		for _, item := range o.List() {
			items = append(items, tomlText(item))
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	return tomlText(o.Text())
}

// tomlText writes a number as one, everything else in quotes.
func tomlText(s string) string {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && strconv.FormatInt(n, 10) == s {
		return s
	}
	if Printable(s) == s {
		return strconv.Quote(s) // escapes quotes and backslashes, as TOML does
	}
	b, _ := toml.Marshal(map[string]string{"key": s}) // marshalling a map of strings cannot fail
	_, value, _ := strings.Cut(strings.TrimSuffix(string(b), "\n"), " = ")
	return value
}
