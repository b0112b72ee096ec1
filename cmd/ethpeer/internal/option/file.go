// SPDX-License-Identifier: Apache-2.0

package option

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// maxConfigFile bounds the configuration file, in bytes.
const maxConfigFile = 1 << 20

// given is a value of the file.
type given struct {
	values []string
	from   Origin
}

// readFile reads the configuration file that the set's option names, if any: TOML with the names of the flags
// as keys. An unknown key, or a value of another type, is an error that names the line.
func (s *Set) readFile() (map[string]given, error) {
	if s.file == nil || s.file.Text() == "" {
		return nil, nil
	}
	name := s.file.Text()
	b, err := ReadFile(s.file.Where()+" "+name, name, maxConfigFile, "ethpeer config > "+name+" writes one with the defaults")
	if err != nil {
		return nil, err
	}
	known := map[string]*Option{}
	for _, o := range s.all {
		if o != s.file { // a file cannot name another file
			known[o.Name] = o
		}
	}
	var values map[string]any
	if err := toml.Unmarshal(b, &values); err != nil {
		return nil, syntaxError(name, err)
	}
	lines := keyLines(b)
	out := map[string]given{}
	for _, key := range lines {
		o, ok := known[key.name]
		if !ok {
			return nil, unknownKey(name, key, known)
		}
		text, err := o.shape.read(lookUp(values, key.name))
		if err != nil {
			return nil, fmt.Errorf("%s, line %d: %s: %w", name, key.line, key.name, err)
		}
		out[key.name] = given{text, Origin{By: ByFile, File: name, Line: key.line}}
	}
	return out, nil
}

// lookUp finds the value of a key. A key with dots is in a table.
func lookUp(values map[string]any, name string) any {
	table, rest, dotted := strings.Cut(name, ".")
	if inner, ok := values[table].(map[string]any); ok && dotted {
		return lookUp(inner, rest)
	}
	return values[name]
}

func syntaxError(file string, err error) error {
	line, what := 1, err
	if e, ok := errors.AsType[*toml.DecodeError](err); ok {
		line, _ = e.Position()
	}
	return fmt.Errorf("%s, line %d: %s; write lines such as maxpeers = 25 or chain = \"sepolia\"", file, line, strings.TrimPrefix(what.Error(), "toml: "))
}

func unknownKey(file string, key keyLine, known map[string]*Option) error {
	hint := "keys are the names of the flags, see ethpeer watch --help"
	table, last := "", key.name
	if dot := strings.LastIndex(key.name, "."); dot >= 0 {
		table, last = key.name[:dot], key.name[dot+1:]
	}
	if known[last] != nil && table != "" {
		hint = fmt.Sprintf("%s belongs before the first line in brackets, [%s]", last, table)
	} else if near, ok := Nearest(key.name, slices.Sorted(maps.Keys(known))); ok {
		hint = "did you mean " + near + "?"
	}
	return fmt.Errorf("%s, line %d: there is no setting %q; %s", file, key.line, key.name, hint)
}

// read returns a value of the file in the form of a flag's values.
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

// String returns the words for the values that the file may have.
func (s shape) String() string {
	switch s {
	case yesOrNo:
		return "true or false"
	case manyWord:
		return `text in quotes, or a list such as ["a", "b"]`
	}
	return "text in quotes, or a number"
}

// lineAt returns the number of the line that holds the byte at offset; the first line is 1.
func lineAt(b []byte, offset int) int { return 1 + bytes.Count(b[:offset], []byte("\n")) }
