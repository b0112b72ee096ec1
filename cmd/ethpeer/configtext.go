// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/pflag"
)

// configText writes the options as a file that readConfig reads back to the same values.
func configText(fs *pflag.FlagSet) string {
	var b strings.Builder
	b.WriteString("# Settings of ethpeer, and where each comes from. What has no value is as if the line were not there.\n\n")
	options(fs, func(o *option) {
		if o.name != "config" {
			fmt.Fprintf(&b, "%-32s # %s\n", o.name+" = "+o.toml(), o.from.describe(o))
		}
	})
	return b.String()
}

// describe says where a value comes from.
func (from origin) describe(o *option) string {
	switch from.by {
	case byFile:
		return fmt.Sprintf("%s, line %d", from.file, from.line)
	case byVariable:
		return o.variable()
	case byFlag:
		return "--" + o.name
	}
	return "default"
}

// toml writes the value as the file has it.
func (o *option) toml() string {
	switch o.shape {
	case yesOrNo:
		return o.text()
	case manyWord:
		var items []string
		for _, item := range o.list() {
			items = append(items, tomlText(item))
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	return tomlText(o.text())
}

// tomlText writes a number as one, everything else in quotes.
func tomlText(s string) string {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && strconv.FormatInt(n, 10) == s {
		return s
	}
	if printable(s) == s {
		return strconv.Quote(s) // escapes quotes and backslashes, as TOML does
	}
	b, _ := toml.Marshal(map[string]string{"key": s}) // a map of texts always can be
	_, value, _ := strings.Cut(strings.TrimSuffix(string(b), "\n"), " = ")
	return value
}
