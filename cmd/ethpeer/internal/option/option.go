// SPDX-License-Identifier: Apache-2.0

package option

import (
	"fmt"
	"strconv"
	"strings"
)

// VariablePrefix begins the names of our environment variables.
const VariablePrefix = "ETHPEER_"

// An Option is one setting. Its values are text of any kind, so that all errors about them have our words,
// the same for flags, variables and files.
type Option struct {
	Name   string   // of the flag, without dashes; "" = an argument
	Values []string // one; a list has one for each time that it was given
	From   Origin

	shape   shape
	like    string   // stands for the value in the help: "PORT"
	choices []string // the values that a shell completes; none = files
}

// Of returns an option of one word that was given as a flag, or as an argument if it has no
// name.
func Of(name, value string) *Option {
	return &Option{Name: name, Values: []string{value}, From: Origin{By: ByFlag}}
}

type shape uint8

const (
	oneWord  shape = iota // the last one given counts
	manyWord              // all given values count, and each may be a list
	yesOrNo               // without a value it means yes
)

// An Origin is where a value was given.
type Origin struct {
	By   Source
	File string // ByFile: its name
	Line int    // ByFile: 1 is the first
}

// A Source of values. The greater one wins.
type Source uint8

// The sources.
const (
	ByDefault Source = iota
	ByFile
	ByVariable
	ByFlag
)

// Variable returns the name of the environment variable that sets the option.
func (o *Option) Variable() string { return VariableOf(o.Name) }

// VariableOf returns the name of the environment variable for a flag's name.
func VariableOf(name string) string {
	return VariablePrefix + strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(name))
}

// Where returns where the value was given. Every message about the value begins with it.
func (o *Option) Where() string {
	switch {
	case o.From.By == ByFile:
		return fmt.Sprintf("%s, line %d: %s", o.From.File, o.From.Line, o.Name)
	case o.From.By == ByVariable:
		return o.Variable()
	case o.Name == "":
		return "the argument"
	}
	return "--" + o.Name
}

// Wrong returns an error that says what the option wants in place of value, which is its value or a part of
// it.
func (o *Option) Wrong(value, want string, args ...any) error {
	return fmt.Errorf("%s %q: want %s", o.Where(), value, fmt.Sprintf(want, args...))
}

// Given reports whether the user gave a value, even an empty one.
func (o *Option) Given() bool { return o.From.By != ByDefault }

// set replaces the value by that of another source.
func (o *Option) set(from Origin, values ...string) error {
	o.Values, o.From = values, from
	if o.shape != yesOrNo {
		return nil
	}
	on, err := strconv.ParseBool(o.Text())
	if err != nil {
		return o.Wrong(o.Text(), "true or false")
	}
	o.Values = []string{strconv.FormatBool(on)}
	return nil
}

// FallBack changes the default of an option that the user did not give.
func (o *Option) FallBack(value string) {
	if !o.Given() {
		o.Values = []string{value}
	}
}

// Text returns the value of an option of one word; "" if there is none.
func (o *Option) Text() string {
	if len(o.Values) == 0 {
		return ""
	}
	return o.Values[len(o.Values)-1]
}

// On returns the value of an option that is yes or no.
func (o *Option) On() bool { return o.Text() == "true" }

// List returns the items of an option that is a list. Commas separate items; empty items do
// not count.
func (o *Option) List() (out []string) {
	for _, v := range o.Values {
		out = append(out, split(v)...)
	}
	return out
}

// none reports whether the option has no value.
func (o *Option) none() bool {
	if o.shape == manyWord {
		return len(o.List()) == 0
	}
	return o.Text() == ""
}

func split(s string) (out []string) {
	for item := range strings.SplitSeq(s, ",") {
		if item = strings.TrimSpace(item); item != "" {
			out = append(out, item)
		}
	}
	return out
}

// Set is called by the flag parser.
func (o *Option) Set(s string) error {
	values := []string{s}
	if o.shape == manyWord && o.From.By == ByFlag {
		values = append(o.Values, s)
	}
	if err := o.set(Origin{By: ByFlag}, values...); err != nil {
		return WrongValueError{err}
	}
	return nil
}

// String is called by the flag parser.
func (o *Option) String() string { return strings.Join(o.Values, ",") }

// Type is called by the flag parser, for the help.
func (o *Option) Type() string {
	if o.shape == yesOrNo {
		return "bool" // the parser's word for: needs no value
	}
	return o.like
}

// A WrongValueError is an error of [Option.Set]. Its text needs no addition by the flag parser.
type WrongValueError struct{ error }

// Unwrap returns the error in our words.
func (w WrongValueError) Unwrap() error { return w.error }
