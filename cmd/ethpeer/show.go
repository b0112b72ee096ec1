// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/ethpeer/ethpeer/cmd/ethpeer/internal/option"
)

// A field is a name and its value.
type field struct {
	name  string
	value any // nil = the field is left out
}

// show prints fields: a line each for a person, one JSON object for a program.
func (p *program) show(s *settings, fields []field) error {
	var b bytes.Buffer
	if !p.forPeople(s) {
		line, err := jsonObject(fields)
		if err != nil {
			return err
		}
		b.Write(append(line, '\n'))
	} else {
		for _, f := range fields {
			if f.value != nil {
				fmt.Fprintf(&b, "%-10s  %s\n", f.name, option.Printable(fmt.Sprint(f.value)))
			}
		}
	}
	_, err := p.out.Write(b.Bytes())
	return outputError(err)
}

// jsonObject writes fields in their order.
func jsonObject(fields []field) ([]byte, error) {
	b := []byte{'{'}
	for _, f := range fields {
		if f.value == nil {
			continue
		}
		value, err := json.Marshal(f.value)
		if err != nil {
			return nil, err
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, "%q:%s", f.name, value)
	}
	return append(b, '}'), nil
}
