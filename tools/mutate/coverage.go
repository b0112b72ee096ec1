// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"path/filepath"
	"strings"
)

// A coverage has the blocks of statements of a package, by the name of the file.
type coverage map[string][]block

type block struct {
	fromLine, fromCol, toLine, toCol int
	ran                              bool
}

// read adds a profile of go test.
func (c coverage) read(text string) error {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "mode:") {
			continue
		}
		at := strings.LastIndexByte(line, ':')
		if at < 0 {
			return fmt.Errorf("coverage: %q", line)
		}
		var b block
		var statements, count int
		if _, err := fmt.Sscanf(line[at+1:], "%d.%d,%d.%d %d %d", &b.fromLine, &b.fromCol, &b.toLine, &b.toCol, &statements, &count); err != nil {
			return fmt.Errorf("coverage: %q: %w", line, err)
		}
		b.ran = count > 0
		name := filepath.Base(line[:at])
		c[name] = append(c[name], b)
	}
	return nil
}

// covers reports whether a test runs the line of a mutant. What is in no block, such as a constant, may matter to any test.
func (c coverage) covers(m *mutant) bool {
	in := false
	for _, b := range c[filepath.Base(m.file)] {
		if b.fromLine <= m.line && m.line <= b.toLine {
			if b.ran {
				return true
			}
			in = true
		}
	}
	return !in
}
