// SPDX-License-Identifier: Apache-2.0

package tools_test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A program that calls url.Parse, and a database that knows a vulnerability in one function of net/url.
const (
	caller  = "package main\n\nimport \"net/url\"\n\nfunc main() { _, _ = url.Parse(\"a\") }\n"
	modules = `[{"path":"stdlib","vulns":[{"id":"GO-2026-0001","modified":"2026-01-01T00:00:00Z"}]}]`
	entry   = `{"schema_version":"1.3.1","id":"GO-2026-0001","modified":"2026-01-01T00:00:00Z","published":"2026-01-01T00:00:00Z",
		"details":"made up","database_specific":{"url":"https://example.org"},
		"affected":[{"package":{"name":"stdlib","ecosystem":"Go"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}],
		"ecosystem_specific":{"imports":[{"path":"net/url","symbols":["FUNCTION"]}]}}]}`
)

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestVuln runs the script against databases of each kind.
func TestVuln(t *testing.T) {
	script, err := filepath.Abs("vuln.sh")
	if err != nil {
		t.Fatal(err)
	}
	tool := filepath.Join(t.TempDir(), "govulncheck")
	if out, err := exec.Command("go", "build", "-o", tool, "golang.org/x/vuln/cmd/govulncheck").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	program := t.TempDir()
	write(t, program, map[string]string{"go.mod": "module fake\n\ngo 1.26\n", "main.go": caller})
	database := func(function string) string {
		dir := t.TempDir()
		write(t, dir, map[string]string{
			"index/db.json": `{"modified":"2026-01-01T00:00:00Z"}`, "index/modules.json": modules,
			"ID/GO-2026-0001.json": strings.Replace(entry, "FUNCTION", function, 1),
		})
		return "file://" + dir
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0") // it accepts and says nothing
	if err != nil {
		t.Fatal(err)
	}
	refused, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := refused.Close(); err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	for _, test := range []struct {
		name, db, seconds, want string
		fails                   bool
	}{
		{name: "reached", db: database("Parse"), seconds: "300", want: "GO-2026-0001", fails: true},
		{name: "not reached", db: database("PathEscape"), seconds: "300", want: "Your code is affected by 0 vulnerabilities"},
		{name: "refused", db: "http://" + refused.Addr().String(), seconds: "300", want: "not checked: http"},
		{name: "silent", db: "http://" + silent.Addr().String(), seconds: "1", want: "not checked: http"},
		{name: "no program", db: database("Parse"), seconds: "300", want: "no required module provides", fails: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := exec.Command(script)
			if test.name == "no program" {
				c.Args = append(c.Args, "example.org/none")
			}
			c.Dir = program
			c.Env = append(os.Environ(), "GOVULNDB="+test.db, "GOVULNCHECK="+tool, "VULN_SECONDS="+test.seconds)
			out, err := c.CombinedOutput()
			if (err != nil) != test.fails || !strings.Contains(string(out), test.want) {
				t.Errorf("it ended with %v and said:\n%s", err, out)
			}
		})
	}
}
