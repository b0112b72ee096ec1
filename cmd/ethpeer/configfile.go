// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/pflag"
)

// maxConfigFile bounds the configuration file, in bytes.
const maxConfigFile = 1 << 20

// given is a value of the file.
type given struct {
	values []string
	from   origin
}

// readConfig reads the file that the option names, if any: TOML whose keys are the names
// of the flags. A key that is none, or a value of another type, is an error that names
// the line.
func readConfig(o *option, fs *pflag.FlagSet) (map[string]given, error) {
	name := o.text()
	if name == "" {
		return nil, nil
	}
	b, err := readFile(o.where()+" "+name, name, maxConfigFile, "ethpeer config > "+name+" writes one with the defaults")
	if err != nil {
		return nil, err
	}
	known := map[string]*option{}
	options(fs, func(k *option) {
		if k != o { // a file names no other file
			known[k.name] = k
		}
	})
	lines, err := keyLines(name, b)
	if err != nil {
		return nil, err
	}
	var values map[string]any
	if err := toml.Unmarshal(b, &values); err != nil {
		return nil, syntaxError(name, err)
	}
	out := map[string]given{}
	for _, key := range lines {
		k, ok := known[key.name]
		if !ok {
			return nil, unknownKey(name, key, known)
		}
		text, err := k.shape.read(lookUp(values, key.name))
		if err != nil {
			return nil, fmt.Errorf("%s, line %d: %s: %w", name, key.line, key.name, err)
		}
		out[key.name] = given{text, origin{by: byFile, file: name, line: key.line}}
	}
	return out, nil
}

// lookUp finds the value of a key that may have dots, and then lies in tables.
func lookUp(values map[string]any, name string) any {
	table, rest, dotted := strings.Cut(name, ".")
	if inner, ok := values[table].(map[string]any); ok && dotted {
		return lookUp(inner, rest)
	}
	return values[name]
}

// A keyLine is where a key stands.
type keyLine struct {
	name string
	line int
}

// keyLines lists the keys of a document, in its order. They are what a reader misses that
// expects none: the library tells positions of errors only.
func keyLines(file string, b []byte) (lines []keyLine, err error) {
	var none struct{}
	err = toml.NewDecoder(bytes.NewReader(b)).DisallowUnknownFields().Decode(&none)
	missed, ok := errors.AsType[*toml.StrictMissingError](err)
	switch {
	case err == nil:
		return nil, nil
	case !ok:
		return nil, syntaxError(file, err)
	}
	for i := range missed.Errors {
		e := &missed.Errors[i]
		line, _ := e.Position()
		lines = append(lines, keyLine{strings.Join(e.Key(), "."), line})
	}
	return lines, nil
}

func syntaxError(file string, err error) error {
	line, what := 1, err
	if e, ok := errors.AsType[*toml.DecodeError](err); ok {
		line, _ = e.Position()
	}
	return fmt.Errorf("%s, line %d: %s; write lines such as maxpeers = 25 or chain = \"sepolia\"", file, line, strings.TrimPrefix(what.Error(), "toml: "))
}

func unknownKey(file string, key keyLine, known map[string]*option) error {
	hint := "keys are the names of the flags, see ethpeer watch --help"
	if near, ok := nearest(key.name, slices.Sorted(maps.Keys(known))); ok {
		hint = "did you mean " + near + "?"
	}
	return fmt.Errorf("%s, line %d: there is no setting %q; %s", file, key.line, key.name, hint)
}

// read turns a value of the file into what a flag would be given.
func (s shape) read(v any) ([]string, error) {
	switch v := v.(type) {
	case bool:
		if s == yesOrNo {
			return []string{strconv.FormatBool(v)}, nil
		}
	case []any:
		if s == manyWord {
			return texts(v)
		}
	case string, int64:
		if s != yesOrNo {
			return texts([]any{v})
		}
	}
	return nil, fmt.Errorf("want %s", s)
}

func texts(values []any) (out []string, err error) {
	for _, v := range values {
		switch v.(type) {
		case string, int64:
			out = append(out, fmt.Sprint(v))
		default:
			return nil, fmt.Errorf("want %s", manyWord)
		}
	}
	return out, nil
}

// String says what the file may have.
func (s shape) String() string {
	switch s {
	case yesOrNo:
		return "true or false"
	case manyWord:
		return `text in quotes, or a list such as ["a", "b"]`
	}
	return "text in quotes, or a number"
}
