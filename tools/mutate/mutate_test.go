// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A package with a test that notices some changes. No test runs Idle.
const (
	fakeCode = `package fake

const limit = 10

var calls, spare int

func Room(n int) bool {
	calls++
	spare = 1
	if n < limit {
		return true
	}
	return false
}

func Idle(a, b int) int { return a - b }
`
	fakeTest = `package fake_test

import (
	"testing"

	"fake"
)

func TestRoom(t *testing.T) {
	if !fake.Room(9) || fake.Room(10) {
		t.Error("the limit is 10")
	}
}
`
)

func fake(t *testing.T, test string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module fake\n\ngo 1.26\n", "fake.go": fakeCode, "fake_test.go": test} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
}

func TestSurvivors(t *testing.T) {
	fake(t, fakeTest)
	var out bytes.Buffer
	if err := mutate(context.Background(), &out, ".", nil, 1); err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(out.String()) {
		got = append(got, strings.TrimSpace(line))
	}
	want := map[string]bool{
		"fake.go:8: ++ -> --":                           true,
		"fake.go:8: calls++ -> (removed)":               true,
		"fake.go:9: spare = 1 -> (removed)":             true,
		"fake.go:9: 1 -> 0":                             true,
		"fake.go:9: 1 -> 2":                             true,
		"fake.go:16: - -> +   (no test runs this line)": true,
	}
	// Killed: limit 9 and 11, < to <=, the negated condition, and the first return without its block's end.
	// The second return must stay for the code to compile, and so must that of Idle.
	if last := got[len(got)-1]; last != "11 mutants, 5 killed, 6 survived" {
		t.Errorf("the last line is %q", last)
	}
	for _, line := range got[1 : len(got)-1] {
		if !want[line] {
			t.Errorf("the list has %q", line)
		}
		delete(want, line)
	}
	for line := range want {
		t.Errorf("the list lacks %q", line)
	}
	if src, err := os.ReadFile("fake.go"); err != nil || string(src) != fakeCode {
		t.Errorf("the tree has changed: %v", err)
	}
}

func TestOtherPackages(t *testing.T) {
	fake(t, fakeTest)
	if err := os.Mkdir("user", 0o700); err != nil {
		t.Fatal(err)
	}
	user := strings.NewReplacer("fake_test", "user", "TestRoom", "TestIdle", "!fake.Room(9) || fake.Room(10)", "fake.Idle(3, 2) != 1").Replace(fakeTest)
	if err := os.WriteFile("user/user_test.go", []byte(user), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := mutate(context.Background(), &out, ".", []string{"./user"}, 1); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(out.String(), "\n11 mutants, 6 killed, 5 survived\n") || strings.Contains(out.String(), "fake.go:16") {
		t.Errorf("the test of Idle did not count: %s", out.String())
	}
}

func TestSeedRepeatsTheOrder(t *testing.T) {
	fake(t, fakeTest)
	var a, b bytes.Buffer
	for _, out := range []*bytes.Buffer{&a, &b} {
		if err := mutate(context.Background(), out, ".", nil, 7); err != nil {
			t.Fatal(err)
		}
	}
	limit := regexp.MustCompile(`limited to .*`)
	if one, two := limit.ReplaceAllString(a.String(), ""), limit.ReplaceAllString(b.String(), ""); one != two {
		t.Errorf("one seed, two orders:\n%s\n%s", one, two)
	}
}

func TestTestsThatFailAnyway(t *testing.T) {
	fake(t, strings.Replace(fakeTest, "fake.Room(10)", "!fake.Room(10)", 1))
	err := mutate(context.Background(), &bytes.Buffer{}, ".", nil, 1)
	if err == nil || !strings.Contains(err.Error(), "the limit is 10") {
		t.Errorf("the error is %v", err)
	}
}

func TestTimeLimit(t *testing.T) {
	fake(t, fakeTest)
	ctx, cancel := context.WithCancel(context.Background())
	var out bytes.Buffer
	stopAfterHead := writer(func(p []byte) { out.Write(p); cancel() })
	if err := mutate(ctx, stopAfterHead, ".", nil, 1); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "changes not tried\n0 mutants, 0 killed, 0 survived") {
		t.Errorf("the output is %s", out.String())
	}
}

type writer func(p []byte)

func (w writer) Write(p []byte) (int, error) {
	w(p)
	return len(p), nil
}
