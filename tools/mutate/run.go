// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Tests of a mutant may take patienceTimes as long as those of the unchanged code, and patience more, before they count as
// failed: a mutant may loop forever.
const (
	patienceTimes = 3
	patience      = 10 * time.Second
	buildPatience = 5 * time.Minute
)

// A tester runs tests on changed code.
type tester struct {
	dir   string   // of overlays
	tests []string // packages
	limit time.Duration
}

type outcome int

const (
	survived outcome = iota
	killed
	invalid // it does not compile
	stopped // by the time limit
)

// mutate runs the mutants of a package and writes the survivors and a summary. An error means that it could not.
func mutate(ctx context.Context, out io.Writer, pkg string, also []string, seed uint64) error {
	dir, err := os.MkdirTemp("", "mutate-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	limitMemory()
	t := &tester{dir: dir, tests: append([]string{pkg}, also...)}
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

// baseline runs the tests on the unchanged code, sets the limit, and returns what they run.
func (t *tester) baseline(ctx context.Context, pkg string) (coverage, error) {
	profile := filepath.Join(t.dir, "cover")
	run := append([]string{"test", "-count=1", "-vet=off", "-coverpkg=" + pkg, "-coverprofile=" + profile}, t.tests...)
	if out, err := command(ctx, run...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("the tests fail on the unchanged code: %w\n%s", err, out)
	}
	build := append([]string{"test", "-count=1", "-vet=off", "-run=^$"}, t.tests...)
	if out, err := command(ctx, build...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, out)
	}
	began := time.Now()
	if out, err := command(ctx, append([]string{"test", "-count=1", "-vet=off"}, t.tests...)...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("the tests fail on the unchanged code: %w\n%s", err, out)
	}
	t.limit = patienceTimes*time.Since(began) + patience
	text, err := os.ReadFile(profile)
	if err != nil {
		return nil, err
	}
	return readCoverage(string(text))
}

// try runs the tests on a mutant.
func (t *tester) try(ctx context.Context, m *mutant, ran coverage) outcome {
	if ctx.Err() != nil {
		return stopped
	}
	overlay, err := t.overlay(m)
	if err != nil {
		return stopped
	}
	if !ran.covers(m) { // only a build tells whether it is one
		if out, err := command(ctx, "build", "-overlay="+overlay, filepath.Dir(m.file)).CombinedOutput(); err != nil {
			return failed(ctx, out, invalid)
		}
		return survived
	}
	limited, cancel := context.WithTimeout(ctx, t.limit+buildPatience)
	defer cancel()
	args := []string{"test", "-overlay=" + overlay, "-count=1", "-failfast", "-vet=off", "-timeout=" + t.limit.String()}
	out, err := command(limited, append(args, t.tests...)...).CombinedOutput()
	switch {
	case err == nil:
		return survived
	case bytes.Contains(out, []byte("[build failed]")):
		return failed(ctx, out, invalid)
	default:
		return failed(ctx, out, killed)
	}
}

// failed tells a command that failed from one that the time limit ended.
func failed(ctx context.Context, _ []byte, o outcome) outcome {
	if ctx.Err() != nil {
		return stopped
	}
	return o
}

// overlay writes the changed file, and the list of go's flag -overlay that puts it in the place of the original.
func (t *tester) overlay(m *mutant) (string, error) {
	src, err := os.ReadFile(m.file)
	if err != nil {
		return "", err
	}
	changed := filepath.Join(t.dir, "mutant.go")
	list := filepath.Join(t.dir, "overlay.json")
	text := append(append(append([]byte(nil), src[:m.from]...), m.text...), src[m.to:]...)
	if err := os.WriteFile(changed, text, 0o600); err != nil {
		return "", err
	}
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{m.file: changed}})
	if err != nil {
		return "", err
	}
	return list, os.WriteFile(list, replace, 0o600)
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

// command runs go in a process group of its own, all of which ends with ctx.
func command(ctx context.Context, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, "go", args...)
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	c.WaitDelay = time.Second
	return c
}

func withStderr(err error) error {
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return fmt.Errorf("%w: %s", err, bytes.TrimSpace(exit.Stderr))
	}
	return err
}
