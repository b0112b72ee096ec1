// SPDX-License-Identifier: Apache-2.0

package option

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// A Set is the options of one command.
type Set struct {
	cmd  *cobra.Command
	all  []*Option // in the order of the help
	file *Option   // names the configuration file; nil = the command reads none
}

// For returns an empty set of options for a command.
func For(cmd *cobra.Command) *Set {
	cmd.Flags().SortFlags = false
	return &Set{cmd: cmd}
}

// Word adds an option of one word. like stands for the value in the help; a shell completes choices.
func (s *Set) Word(o *Option, name, like, fallback, usage string, choices ...string) {
	s.add(o, Option{Name: name, like: like, Values: []string{fallback}, choices: choices}, usage)
}

// Words adds an option that is a list.
func (s *Set) Words(o *Option, name, like, fallback, usage string, choices ...string) {
	s.add(o, Option{Name: name, shape: manyWord, like: like, Values: split(fallback), choices: choices}, usage)
}

// No adds an option that is false unless the user gives it.
func (s *Set) No(o *Option, name, usage string) { s.yesOrNo(o, name, "false", usage) }

// Yes adds an option that is true unless the user says false.
func (s *Set) Yes(o *Option, name, usage string) { s.yesOrNo(o, name, "true", usage) }

func (s *Set) yesOrNo(o *Option, name, fallback, usage string) {
	s.add(o, Option{Name: name, shape: yesOrNo, Values: []string{fallback}, choices: []string{"true", "false"}}, usage)
	s.cmd.Flags().Lookup(name).NoOptDefVal = "true"
}

// File adds the option that names a configuration file, which Fill reads.
func (s *Set) File(o *Option, name, like, usage string) {
	s.Word(o, name, like, "", usage)
	s.file = o
}

func (s *Set) add(o *Option, is Option, usage string) {
	*o = is
	s.all = append(s.all, o)
	fs := s.cmd.Flags()
	fs.Var(o, o.Name, usage+o.defaultText(usage))
	fs.Lookup(o.Name).DefValue = "" // the parser would print the defaults of some options only
	if err := s.cmd.RegisterFlagCompletionFunc(o.Name, o.complete); err != nil {
		panic(err) // a name that is defined twice
	}
}

// defaultText states the default, unless the usage does. It omits "false" of a yes-or-no option.
func (o *Option) defaultText(usage string) string {
	switch value := o.String(); {
	case strings.Contains(usage, "(default"), strings.Contains(usage, "(required"), o.shape == yesOrNo && !o.On():
		return ""
	case o.none():
		return " (default: none)"
	default:
		return fmt.Sprintf(" (default %s)", value)
	}
}

// Variables returns the names of the variables that set the options.
func (s *Set) Variables() (names []string) {
	for _, o := range s.all {
		names = append(names, o.Variable())
	}
	return names
}

// complete returns what a shell may append. Of a list it completes the last item.
func (o *Option) complete(_ *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(o.choices) == 0 {
		return nil, o.otherwise()
	}
	before := ""
	if o.shape == manyWord {
		before = begun[:strings.LastIndex(begun, ",")+1]
	}
	var out []cobra.Completion
	for _, c := range o.choices {
		if !slices.Contains(split(before), c) {
			out = append(out, before+c)
		}
	}
	return out, o.otherwise()
}

// otherwise returns what else may follow: a file, if the value may name one.
func (o *Option) otherwise() cobra.ShellCompDirective {
	if strings.Contains(o.like, "FILE") {
		return cobra.ShellCompDirectiveDefault
	}
	return cobra.ShellCompDirectiveNoFileComp
}
