// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strconv"
	"strings"
)

// An option is one setting that a user may give: a flag, and by its name a variable and a
// key of the file as well; see sources.go. Values are text, whatever they mean, so that
// what is wrong with them is said in our words, and in the same wherever they come from.
type option struct {
	name    string // of the flag, without dashes
	shape   shape
	like    string   // stands for the value in the help: "PORT"
	values  []string // one, or for a list one each time that it was given
	from    origin
	choices []string // what a shell offers as values; none means files
}

type shape uint8

const (
	oneWord  shape = iota // the last one given counts
	manyWord              // all that are given count, and each may be a list
	yesOrNo               // without a value it means yes
)

// An origin is where a value was given.
type origin struct {
	by   source
	file string // byFile: its name
	line int    // byFile: 1 is the first
}

// A source of values. A greater one wins.
type source uint8

const (
	byDefault source = iota
	byFile
	byVariable
	byFlag
)

// variable is the name of the environment variable that the option has.
func (o *option) variable() string {
	return variableOf(o.name)
}

// variableOf is the variable that sets what a flag of this name does.
func variableOf(name string) string {
	return variablePrefix + strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(name))
}

// where begins every message about the value: where the user gave it.
func (o *option) where() string {
	switch o.from.by {
	case byFile:
		return fmt.Sprintf("%s, line %d: %s", o.from.file, o.from.line, o.name)
	case byVariable:
		return o.variable()
	}
	if o.name == "" { // an argument
		return "the argument"
	}
	return "--" + o.name
}

// wrong says what is wanted instead of a value, which is the option's or a part of it.
func (o *option) wrong(value, want string, args ...any) error {
	return fmt.Errorf("%s %q: want %s", o.where(), value, fmt.Sprintf(want, args...))
}

// set replaces the value by what another source gives.
func (o *option) set(from origin, values ...string) error {
	o.values, o.from = values, from
	if o.shape != yesOrNo {
		return nil
	}
	on, err := strconv.ParseBool(o.text())
	if err != nil {
		return o.wrong(o.text(), "true or false")
	}
	o.values = []string{strconv.FormatBool(on)}
	return nil
}

// fallBack changes the default, if it is what counts.
func (o *option) fallBack(value string) {
	if o.from.by == byDefault {
		o.values = []string{value}
	}
}

// text is the value of an option that has one.
func (o *option) text() string {
	if len(o.values) == 0 {
		return ""
	}
	return o.values[len(o.values)-1]
}

// on is the value of an option that is yes or no.
func (o *option) on() bool { return o.text() == "true" }

// list is the value of an option that has many: what commas separate; empty ones count
// for nothing.
func (o *option) list() (out []string) {
	for _, v := range o.values {
		out = append(out, split(v)...)
	}
	return out
}

func split(s string) (out []string) {
	for item := range strings.SplitSeq(s, ",") {
		if item = strings.TrimSpace(item); item != "" {
			out = append(out, item)
		}
	}
	return out
}

// Set, String and Type are for the flag parser.
func (o *option) Set(s string) error {
	values := []string{s}
	if o.shape == manyWord && o.from.by == byFlag {
		values = append(o.values, s)
	}
	if err := o.set(origin{by: byFlag}, values...); err != nil {
		return errWrongValue{err}
	}
	return nil
}

func (o *option) String() string { return strings.Join(o.values, ",") }

func (o *option) Type() string {
	if o.shape == yesOrNo {
		return "bool" // for the help: needs no value
	}
	return o.like
}

// errWrongValue is how Set's error comes through the parser, which wraps it in words that
// we do not want.
type errWrongValue struct{ error }
