// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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
	dir   string     // of overlays
	tests [][]string // for each package the arguments of go test that name it
	limit time.Duration
}

type outcome int

const (
	survived outcome = iota
	killed
	invalid // it does not compile
	stopped // by the time limit
)

// testArgs returns the arguments of go test that name a package. A failed test of rapid writes into testdata unless it is told
// not to.
func testArgs(ctx context.Context, pkg string) ([]string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-f", "{{.TestImports}} {{.XTestImports}}", pkg).Output()
	if err != nil {
		return nil, withStderr(err)
	}
	if bytes.Contains(out, []byte("pgregory.net/rapid")) {
		return []string{pkg, "-rapid.nofailfile"}, nil
	}
	return []string{pkg}, nil
}

// baseline runs the tests on the unchanged code, sets the limit, and returns what they run.
func (t *tester) baseline(ctx context.Context, pkg string) (coverage, error) {
	profile := filepath.Join(t.dir, "cover")
	c := coverage{}
	var longest time.Duration
	for _, p := range t.tests {
		began := time.Now()
		run := append([]string{"test", "-count=1", "-vet=off", "-coverpkg=" + pkg, "-coverprofile=" + profile}, p...)
		if out, err := command(ctx, run...).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("the tests fail on the unchanged code: %w\n%s", err, out)
		}
		longest = max(longest, time.Since(began))
		text, err := os.ReadFile(profile)
		if err != nil {
			return nil, err
		}
		if err := c.read(string(text)); err != nil {
			return nil, err
		}
	}
	t.limit = patienceTimes*longest + patience
	return c, nil
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
		switch err := command(ctx, "build", "-overlay="+overlay, filepath.Dir(m.file)).Run(); {
		case err == nil:
			return survived
		case ctx.Err() != nil:
			return stopped
		default:
			return invalid
		}
	}
	for _, p := range t.tests {
		if o := t.test(ctx, overlay, p); o != survived {
			return o
		}
	}
	return survived
}

// test runs the tests of one package.
func (t *tester) test(ctx context.Context, overlay string, pkg []string) outcome {
	limited, cancel := context.WithTimeout(ctx, t.limit+buildPatience)
	defer cancel()
	args := []string{"test", "-overlay=" + overlay, "-count=1", "-failfast", "-vet=off", "-timeout=" + t.limit.String()}
	out, err := command(limited, append(args, pkg...)...).CombinedOutput()
	switch {
	case err == nil:
		return survived
	case ctx.Err() != nil:
		return stopped
	case bytes.Contains(out, []byte("[build failed]")):
		return invalid
	default:
		return killed
	}
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
