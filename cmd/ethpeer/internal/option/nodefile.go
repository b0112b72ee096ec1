// SPDX-License-Identifier: Apache-2.0

package option

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxNodesFile bounds a file of nodes, in bytes.
const maxNodesFile = 4 << 20

// eachItem calls add for every node that the option names, including those in files. where begins the
// messages.
func eachItem(o *Option, add func(where, item string) error) (err error) {
	for _, item := range o.List() {
		if file, ok := strings.CutPrefix(item, "@"); ok {
			err = eachInFile(o, file, add)
		} else {
			err = add(o.Where(), item)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// eachInFile reads the nodes of a file: one per line, or a JSON list of strings, the form of geth's
// static-nodes.json.
func eachInFile(o *Option, name string, add func(where, item string) error) error {
	where := o.Where() + " @" + name
	b, err := ReadFile(where, name, maxNodesFile, "write one, with an enode:// or enr: form per line")
	if err != nil {
		return err
	}
	at := func(line int) string { return fmt.Sprintf("%s, line %d", where, line) }
	if bytes.HasPrefix(bytes.TrimSpace(b), []byte("[")) {
		return eachInList(b, func(line int, item string) error { return add(at(line), item) }, at)
	}
	number := 0
	for line := range strings.Lines(string(b)) {
		number++
		line, _, _ = strings.Cut(line, "#")
		for _, item := range split(line) {
			if err := add(at(number), item); err != nil {
				return err
			}
		}
	}
	return nil
}

// eachInList reads a JSON list of strings.
func eachInList(b []byte, add func(line int, item string) error, where func(line int) string) error {
	d := json.NewDecoder(bytes.NewReader(b))
	_, _ = d.Token() // the bracket
	line := func() int { return lineAt(b, int(d.InputOffset())) }
	for d.More() {
		token, err := d.Token()
		item, ok := token.(string)
		switch {
		case err != nil:
			return badList(where(line()), err)
		case !ok:
			return fmt.Errorf("%s: want a JSON list of texts in quotes, such as [\"enode://KEY@HOST:PORT\"]", where(line()))
		}
		if item = strings.TrimSpace(item); item == "" {
			continue
		}
		if err := add(line(), item); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return badList(where(line()), err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: want nothing after the JSON list", where(line()))
	}
	return nil
}

func badList(where string, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("it ends before its bracket")
	}
	return fmt.Errorf("%s: no JSON list: %w; write [\"enode://KEY@HOST:PORT\", …], or one node per line", where, err)
}
