// SPDX-License-Identifier: Apache-2.0

// in: flags, variables, a file · out: the value of every option, and where it came from

package option

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Fill completes the flags: a flag wins over a variable, a variable over the file, the file over the default.
// A variable that is set and empty counts as given, and means none.
func (s *Set) Fill(env map[string]string) error {
	if s.file != nil {
		if err := s.file.fromVariable(env); err != nil {
			return err
		}
	}
	inFile, err := s.readFile()
	if err != nil {
		return err
	}
	for _, o := range s.all {
		if given, ok := inFile[o.Name]; ok && o.From.By < ByFile {
			if err := o.set(given.from, given.values...); err != nil {
				return err
			}
		}
		if err := o.fromVariable(env); err != nil {
			return err
		}
	}
	return nil
}

func (o *Option) fromVariable(env map[string]string) error {
	v, given := env[o.Variable()]
	if !given || o.From.By >= ByVariable {
		return nil
	}
	return o.set(Origin{By: ByVariable}, v)
}

// UnknownVariables returns a warning for each variable with our prefix that is not in known, the variables of
// all commands. It is no error, because Kubernetes, for example, makes variables from the names of services.
func UnknownVariables(env map[string]string, known []string) (warnings []string) {
	names := map[string]string{} // variables without their prefix
	for _, v := range known {
		names[strings.TrimPrefix(v, VariablePrefix)] = v
	}
	words := slices.Sorted(maps.Keys(names))
	for _, name := range slices.Sorted(maps.Keys(env)) {
		word, ours := strings.CutPrefix(name, VariablePrefix)
		if !ours || names[word] != "" {
			continue
		}
		hint := ""
		if near, ok := Nearest(word, words); ok {
			hint = fmt.Sprintf("; did you mean %s?", names[near])
		}
		warnings = append(warnings, fmt.Sprintf("the variable %s sets nothing%s", name, hint))
	}
	return warnings
}
