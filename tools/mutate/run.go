// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// mutate runs the mutants of a package and writes the survivors and a summary. An error means that it could not.
func mutate(ctx context.Context, out io.Writer, pkg string, also []string, seed uint64) error {
	dir, err := os.MkdirTemp("", "mutate-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	limitMemory()
	t := &tester{dir: dir}
	for _, p := range append([]string{pkg}, also...) {
		args, err := testArgs(ctx, p)
		if err != nil {
			return err
		}
		t.tests = append(t.tests, args)
	}
	all, err := mutants(ctx, pkg)
	if err != nil {
		return err
	}
	ran, err := t.baseline(ctx, pkg)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: %d changes to try, SEED=%d, tests limited to %v\n", pkg, len(all), seed, t.limit.Round(time.Second))
	rnd := rand.New(rand.NewPCG(seed, 0))
	rnd.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	var counts [4]int
	for i := range all {
		o := t.try(ctx, &all[i], ran)
		if o == stopped {
			counts[stopped] = len(all) - i
			break
		}
		if counts[o]++; o == survived {
			fmt.Fprintln(out, all[i].show(ran))
		}
	}
	if n := counts[stopped]; n > 0 {
		fmt.Fprintf(out, "stopped at the time limit, with %d changes not tried\n", n)
	}
	_, err = fmt.Fprintf(out, "%d mutants, %d killed, %d survived\n", counts[killed]+counts[survived], counts[killed], counts[survived])
	return err
}

// mutants returns all mutants of a package, in the order of its files.
func mutants(ctx context.Context, pkg string) ([]mutant, error) {
	list, err := exec.CommandContext(ctx, "go", "list", "-json=Dir,GoFiles", pkg).Output()
	if err != nil {
		return nil, withStderr(err)
	}
	var p struct {
		Dir     string
		GoFiles []string
	}
	if err := json.Unmarshal(list, &p); err != nil {
		return nil, fmt.Errorf("%s is not one package: %w", pkg, err)
	}
	var all []mutant
	for _, name := range p.GoFiles {
		file := filepath.Join(p.Dir, name)
		src, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		found, err := find(file, src)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// show is a line of the list of survivors.
func (m *mutant) show(ran coverage) string {
	file := m.file
	if wd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(wd, file); err == nil {
			file = rel
		}
	}
	text := m.text
	if strings.TrimLeft(text, "{\n}") == "" {
		text = "(removed)"
	}
	note := ""
	if !ran.covers(m) {
		note = "   (no test runs this line)"
	}
	return fmt.Sprintf("%s:%d: %s -> %s%s", file, m.line, oneLine(m.old), oneLine(text), note)
}

func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 80 {
		s = s[:77] + "..."
	}
	return s
}
