// SPDX-License-Identifier: Apache-2.0

// in: flags, variables, a file · out: the value of every option, and where it came from

package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// variablePrefix begins the names of our variables.
const variablePrefix = "ETHPEER_"

// options calls each for every option among the flags, in their order.
func options(fs *pflag.FlagSet, each func(*option)) {
	fs.VisitAll(func(f *pflag.Flag) {
		if o, ok := f.Value.(*option); ok { // help is none
			each(o)
		}
	})
}

// fill completes what the flags gave, by the one rule: a flag wins over a variable, a
// variable over the file, the file over the default. The winner's value is all: lists are
// not joined. A variable that is empty counts as not set.
//
// It returns what the user should hear of though nothing failed.
func (f *flags) fill(fs *pflag.FlagSet, env map[string]string) (warnings []string, err error) {
	if err := fromVariable(&f.config, env); err != nil {
		return nil, err
	}
	inFile, err := readConfig(&f.config, fs)
	if err != nil {
		return nil, err
	}
	options(fs, func(o *option) {
		if given, ok := inFile[o.name]; ok && err == nil && o.from.by < byFile {
			err = o.set(given.from, given.values...)
		}
		if err == nil {
			err = fromVariable(o, env)
		}
	})
	return unknownVariables(fs, env), err
}

func fromVariable(o *option, env map[string]string) error {
	v := env[o.variable()]
	if v == "" || o.from.by >= byVariable {
		return nil
	}
	return o.set(origin{by: byVariable}, v)
}

// unknownVariables warns of variables that look like ours. They are no errors: other
// programs, Kubernetes for one, make variables from the names of what they run.
func unknownVariables(fs *pflag.FlagSet, env map[string]string) (warnings []string) {
	known := map[string]string{}
	options(fs, func(o *option) { known[o.variable()] = o.name })
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if word, ours := strings.CutPrefix(name, variablePrefix); ours && known[name] == "" {
			hint := ""
			if near, ok := nearest(word, slices.Sorted(maps.Values(known))); ok {
				hint = fmt.Sprintf("; did you mean %s?", variableOf(near))
			}
			warnings = append(warnings, fmt.Sprintf("the variable %s sets nothing%s", name, hint))
		}
	}
	return warnings
}
